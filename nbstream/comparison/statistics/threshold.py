"""How much evidence decides, where the number of rows is known beforehand."""

from __future__ import annotations

import math
from functools import lru_cache

from nbstream.comparison.statistics.evidence import log_evidence

__all__ = ["log_threshold"]

_MOST_ROWS = 1000
_BISECTIONS = 8
_NEGLIGIBLE = 1e-10


@lru_cache(maxsize=256)
def log_threshold(rows: int, level: float) -> float:
    """The logarithm of the evidence that chance reaches with a probability of at most `level`.

    For any number of rows that is 1 / `level`. Within a known number of rows, chance reaches less: if the
    variants are equal, each row that differs is a fair coin, so that the probability is computed exactly.

    Parameters
    ----------
    rows
        How many rows there will be at most; above 1,000, the limit for any number is used.
    level
        Probability of a wrong decision.

    Examples
    --------
    >>> round(math.exp(log_threshold(200, 0.025)), 1)
    26.7
    """
    always = -math.log(level)
    if not 0 < rows <= _MOST_ROWS:
        return always
    low, high = 0.0, always
    for _ in range(_BISECTIONS):
        middle = (low + high) / 2
        if _chance_of(middle, rows) <= level:
            high = middle
        else:
            low = middle
    return high


def _chance_of(limit: float, rows: int) -> float:
    """The probability that a fair coin, tossed `rows` times, ever brings that much evidence."""
    reached, wins = 0.0, 1
    chances, first = [1.0], 0  # of each number of wins from `first`, without having reached the limit
    for tosses in range(1, rows + 1):
        while wins <= tosses and log_evidence(wins, tosses - wins) < limit:
            wins += 1
        halves = [chance / 2 for chance in chances]
        chances = [left + right for left, right in zip([*halves, 0.0], [0.0, *halves], strict=True)]
        over = max(0, first + len(chances) - wins)
        if over:
            reached += sum(chances[-over:])
            del chances[-over:]
        while chances and chances[0] < _NEGLIGIBLE:
            reached += chances.pop(0)  # as if it had: the result is never too small
            first += 1
        if not chances:
            return reached
    return reached
