"""Evidence that one variant is better, which may be looked at after every row.

A bettor stakes a part `u` of its money on each row: it wins where the variant is better, loses where it is
worse, and keeps its money where both are equal. If the variant is not better, no stake makes a profit on
average, so by Ville's inequality the probability that the money is ever 1 / alpha or more is at most alpha. A
mixture of stakes is one such bettor, whatever the true difference is. On passed and failed rows this is the
mixture e-process on discordant pairs.
"""

from __future__ import annotations

import math
from bisect import bisect_left
from collections import Counter
from collections.abc import Iterable
from functools import lru_cache

from nbstream.comparison.statistics.interval import Interval, check_confidence
from nbstream.errors import ArgumentError

__all__ = ["PairedEvidence", "log_evidence"]

_COUNT = 24
_STAKES = tuple((place + 0.5) / _COUNT for place in range(_COUNT))
# Weights of a beta(1.5, 2) distribution: of those tried, it decides soonest on pass rates of 80 % and 70 %.
_RAW = tuple(math.sqrt(stake) * (1 - stake) for stake in _STAKES)
_LOG_WEIGHTS = tuple(math.log(weight / sum(_RAW)) for weight in _RAW)
_LOG_UP = tuple(math.log1p(stake) for stake in _STAKES)
_LOG_DOWN = tuple(math.log1p(-stake) for stake in _STAKES)
_BISECTIONS = 20
_PLAIN = frozenset((-1, 0, 1))
_MOST_NEEDED = 100_000


@lru_cache(maxsize=65536)
def log_evidence(better: float, worse: float) -> float:
    """The logarithm of the evidence that a variant is better, from the rows that differ.

    Parameters
    ----------
    better, worse
        On how many rows only this variant passed, and only the other one.

    Examples
    --------
    >>> round(math.exp(log_evidence(12, 2)), 1)
    23.9
    """
    terms = [
        weight + better * up + worse * down
        for weight, up, down in zip(_LOG_WEIGHTS, _LOG_UP, _LOG_DOWN, strict=True)
    ]
    return _log_sum(terms)


class PairedEvidence:
    """Differences of two variants on the same rows, one after the other.

    Parameters
    ----------
    differences
        Score of the first variant minus that of the second, each from -1 to 1.

    Attributes
    ----------
    n : int
        How many rows.

    Examples
    --------
    >>> evidence = PairedEvidence([1, 0, 1, 1, 0, 1, 1, 1, -1, 1, 1, 1])
    >>> evidence.mean, round(evidence.strength, 1)
    (0.6666666666666666, 16.5)
    >>> interval = evidence.interval()
    >>> 0 in interval
    True
    """

    def __init__(self, differences: Iterable[float] = ()) -> None:
        self._counts: Counter[float] = Counter()
        self._graded = False
        self._sum = 0.0
        self.n = 0
        for difference in differences:
            self.add(difference)

    def add(self, difference: float) -> None:
        """Add a row.

        Raises
        ------
        ArgumentError
            When the difference is not between -1 and 1.
        """
        if not -1 <= difference <= 1:
            raise ArgumentError(
                f"A difference of {difference!r} is not between -1 and 1.",
                advice="Scale the scores to 0 … 1.",
            )
        self.n += 1
        self._sum += difference
        self._counts[difference] += 1
        if difference not in _PLAIN:
            self._graded = True

    @property
    def mean(self) -> float:
        """Mean difference; NaN without rows."""
        return self._sum / self.n if self.n else math.nan

    @property
    def counts(self) -> tuple[int, int] | None:
        """Rows on which the first was better and worse, if it passed or failed each; None for scores."""
        return None if self._graded else (self._counts[1], self._counts[-1])

    @property
    def log_strength(self) -> float:
        """The logarithm of `strength`."""
        return self.log_strength_with(0)

    def log_strength_with(self, rows: int) -> float:
        """What `log_strength` is if the first is better by 1 on so many more rows."""
        counts = self.counts
        if counts is not None:
            return log_evidence(counts[0] + rows, counts[1])
        return _log_wealth([*self._counts.items(), (1.0, rows)])

    @property
    def strength(self) -> float:
        """The evidence that the first is better: under no difference, it ever reaches x with at most 1/x."""
        return math.exp(min(700.0, self.log_strength))

    def reversed(self) -> PairedEvidence:
        """The evidence that the second is better."""
        other = PairedEvidence()
        other._counts = Counter({-difference: count for difference, count in self._counts.items()})
        other._sum, other.n, other._graded = -self._sum, self.n, self._graded
        return other

    def rows_needed(self, limit: float) -> int | None:
        """About how many more rows bring `log_strength` to a limit, if they are like the ones so far.

        None if the first is not better so far, or is better by so little that 100,000 rows are not enough.
        """
        if self.log_strength >= limit:
            return 0
        if not self.n or self._sum <= 0 or self._log_strength_at(_MOST_NEEDED / self.n) < limit:
            return None
        return bisect_left(range(_MOST_NEEDED), limit, key=lambda rows: self._log_strength_at(rows / self.n))

    def interval(self, confidence: float = 0.95) -> Interval:
        """A confidence sequence: all intervals that are ever looked at contain the true mean together.

        Examples
        --------
        >>> interval = PairedEvidence([1] * 20 + [0] * 30).interval()
        >>> round(interval.low, 2), round(interval.high, 2)
        (0.18, 0.61)
        """
        check_confidence(confidence)
        if not self.n:
            return Interval(math.nan, -1.0, 1.0, 0, confidence)
        limit = math.log(2 / (1 - confidence))
        return Interval(self.mean, self._lowest(limit, 1), -self._lowest(limit, -1), self.n, confidence)

    def _log_strength_at(self, more: float) -> float:
        """The logarithm of the evidence after so many more times the rows so far."""
        return _log_wealth([(value, count * (1 + more)) for value, count in self._counts.items()])

    def _lowest(self, limit: float, side: int) -> float:
        """The smallest mean that is not refuted; of the negative differences with side -1."""
        low, high = -1.0, side * self.mean
        if self._log_wealth_above(low, side) < limit:
            return low
        for _ in range(_BISECTIONS):
            middle = (low + high) / 2
            if self._log_wealth_above(middle, side) < limit:
                high = middle
            else:
                low = middle
        return low

    def _log_wealth_above(self, mean: float, side: int) -> float:
        """The logarithm of the money of a bettor who claims that the true mean is above `mean`.

        A stake is a part of the largest one that cannot be ruined, so that for each the money falls as
        `mean` rises: the means that are refuted are all those below a limit.
        """
        scale = 1 + mean
        if scale <= 0:
            return math.inf if any(side * value > -1 for value in self._counts) else 0.0
        return _log_wealth([((side * value - mean) / scale, count) for value, count in self._counts.items()])


def _log_wealth(gains: Iterable[tuple[float, float]]) -> float:
    """The logarithm of a bettor's money after gains from -1, each so many times."""
    gains = tuple(gains)
    return _log_sum(
        [
            weight + sum(count * math.log1p(stake * gain) for gain, count in gains)
            for stake, weight in zip(_STAKES, _LOG_WEIGHTS, strict=True)
        ]
    )


def _log_sum(terms: list[float]) -> float:
    largest = max(terms)
    return largest + math.log(sum(math.exp(term - largest) for term in terms))
