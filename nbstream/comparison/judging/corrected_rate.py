"""How many answers are good, from few thumbs of the user and many votes of a judge."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from nbstream.comparison.statistics.interval import Interval, wilson
from nbstream.errors import ArgumentError

__all__ = ["CorrectedRate", "corrected_rate"]

_FEWEST = 4
_USELESS = "The judge adds nothing to your {n} thumbs: its votes do not follow them closely enough."
_TOO_FEW = "The judge adds nothing yet: rate answers of both kinds, {more} more at least."


@dataclass(frozen=True, slots=True)
class CorrectedRate:
    """The share of good answers.

    Parameters
    ----------
    interval
        From thumbs and votes; never wider than `thumbs`.
    thumbs
        From the thumbs alone.
    weight
        How much the votes count, from 0 to 1; 0 where the judge adds nothing.
    note
        Says so in that case.
    """

    interval: Interval
    thumbs: Interval
    weight: float = 0.0
    note: str = ""

    @property
    def worth(self) -> float:
        """How many thumbs alone would be as precise."""
        ratio = self.thumbs.width / self.interval.width if self.interval.width else 1.0
        return self.thumbs.n * ratio * ratio


def corrected_rate(
    votes: Sequence[float], thumbs: Sequence[bool | None], confidence: float = 0.95
) -> CorrectedRate:
    """The share of good answers by power-tuned prediction-powered inference (PPI++).

    The judge's error is measured on the answers that have a thumb and taken from its mean over the others,
    with the weight that makes the interval narrowest. The answers with a thumb must be a random sample of
    all: whoever rates only the striking ones learns about those.

    Parameters
    ----------
    votes
        The judge's vote on each answer, from 0 to 1.
    thumbs
        The user's on the same answers; None where there is none.
    confidence
        How often such an interval contains the true share.

    Raises
    ------
    ArgumentError
        When there are not as many votes as thumbs, or a vote is not between 0 and 1.

    Examples
    --------
    >>> thumbs = [True, True, False, True, False] * 10 + [None] * 450
    >>> votes = [1, 1, 0, 1, 0] * 9 + [1, 1, 1, 0, 0] * 1 + [1, 1, 0, 1, 0] * 90
    >>> rate = corrected_rate(votes, thumbs)
    >>> round(rate.thumbs.width, 2), round(rate.interval.width, 2), round(rate.worth)
    (0.26, 0.14, 183)
    """
    if len(votes) != len(thumbs):
        raise ArgumentError(f"There are {len(votes)} votes for {len(thumbs)} answers.")
    if not all(0 <= vote <= 1 for vote in votes):
        raise ArgumentError("A vote is not between 0 and 1.", advice="Scale the scores to 0 … 1.")
    pairs = [(vote, float(thumb)) for vote, thumb in zip(votes, thumbs, strict=True) if thumb is not None]
    others = [vote for vote, thumb in zip(votes, thumbs, strict=True) if thumb is None]
    good, n = sum(thumb for _, thumb in pairs), len(pairs)
    alone = wilson(good, n, confidence)
    kinds = min(good, n - good)
    if n < _FEWEST or kinds < 1:
        more = max(_FEWEST - n, 1)
        return CorrectedRate(alone, alone, note=_TOO_FEW.format(more=more))
    weight, estimate, size = _tuned(pairs, others)
    tuned = wilson(estimate * size, size, confidence, freedom=n - 2)
    if not weight or tuned.width >= alone.width:
        return CorrectedRate(alone, alone, note=_USELESS.format(n=n))
    interval = Interval(estimate, tuned.low, tuned.high, n + len(others), confidence)
    return CorrectedRate(interval, alone, weight)


def _tuned(pairs: Sequence[tuple[float, float]], others: Sequence[float]) -> tuple[float, float, float]:
    """The best weight of the votes, the estimate, and how many thumbs alone would be as precise."""
    n, more = len(pairs), len(others)
    votes, thumbs = [vote for vote, _ in pairs], [thumb for _, thumb in pairs]
    vote, thumb = _mean(votes), _mean(thumbs)
    spread = _squares([*votes, *others]) / (n + more - 1)
    shared = sum((f - vote) * (y - thumb) for f, y in pairs) / (n - 1)
    weight = min(1.0, max(0.0, shared / spread / (1 + n / more))) if spread and more else 0.0
    if not weight:
        return 0.0, thumb, float(n)
    estimate = thumb + weight * (_mean(others) - vote)
    # Two numbers were fitted to the residuals, the mean and the weight.
    residual = _squares([y - weight * f for f, y in pairs]) / (n - 2)
    variance = residual / n + weight**2 * spread / more
    plain = _squares(thumbs) / (n - 1) / n
    return weight, min(1.0, max(0.0, estimate)), n * plain / variance


def _mean(values: Sequence[float]) -> float:
    return math.fsum(values) / len(values)


def _squares(values: Sequence[float]) -> float:
    mean = _mean(values)
    return math.fsum((value - mean) ** 2 for value in values)
