"""How many answers are good, from few thumbs of the user and many votes of a judge."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from nbstream.comparison.statistics import Interval, clopper_pearson
from nbstream.errors import ArgumentError

__all__ = ["CorrectedRate", "corrected_rate"]

Pair = tuple[float, float]
"""The vote of the judge on an answer, and the thumb of the user."""

_FEWEST = 4
# Added where the judge's errors are estimated, as one answer of each kind: without them, a judge that made no
# error on a few thumbs would seem to make none at all.
_SUPPOSED = ((0.0, 0.0), (0.0, 1.0), (1.0, 0.0), (1.0, 1.0))
# A judge that knows nothing would seem to help a little every second time.
_LEAST_GAIN = 0.05
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
        From the thumbs alone, by Clopper and Pearson's exact method.
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

    The judge's error is measured on the answers that have a thumb and subtracted from its mean over the
    others, with the weight that makes the interval narrowest. The interval is Clopper and Pearson's for as
    many thumbs as would be equally precise. The answers with a thumb must be a random sample of all: whoever
    rates only the striking ones learns about those.

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
    (0.28, 0.17, 142)
    """
    if len(votes) != len(thumbs):
        raise ArgumentError(f"There are {len(votes)} votes for {len(thumbs)} answers.")
    if not all(0 <= vote <= 1 for vote in votes):
        raise ArgumentError("A vote is not between 0 and 1.", advice="Scale the scores to 0 … 1.")
    pairs = [(vote, float(thumb)) for vote, thumb in zip(votes, thumbs, strict=True) if thumb is not None]
    others = [vote for vote, thumb in zip(votes, thumbs, strict=True) if thumb is None]
    good, n = sum(thumb for _, thumb in pairs), len(pairs)
    alone = clopper_pearson(good, n, confidence)
    kinds = min(good, n - good)
    if n < _FEWEST or kinds < 1:
        more = max(_FEWEST - n, 1)
        return CorrectedRate(alone, alone, note=_TOO_FEW.format(more=more))
    weight, estimate, size = _tuned(pairs, others)
    tuned = clopper_pearson(estimate * size, size, confidence)
    if not weight or tuned.width > (1 - _LEAST_GAIN) * alone.width:
        return CorrectedRate(alone, alone, note=_USELESS.format(n=n))
    interval = Interval(estimate, tuned.low, tuned.high, n + len(others), confidence)
    return CorrectedRate(interval, alone, weight)


def _tuned(pairs: Sequence[Pair], others: Sequence[float]) -> tuple[float, float, float]:
    """The best weight of the votes, the estimate, and how many thumbs alone would be as precise."""
    n, more = len(pairs), len(others)
    known = [*pairs, *_SUPPOSED]
    votes, thumbs = [vote for vote, _ in known], [thumb for _, thumb in known]
    spread = _variance([*votes, *others])
    weight = min(1.0, max(0.0, _covariance(known) / spread / (1 + n / more))) if more else 0.0
    if not weight:
        return 0.0, 0.0, 0.0
    estimate = _mean([y for _, y in pairs]) + weight * (_mean(others) - _mean([f for f, _ in pairs]))
    residual = _variance([y - weight * f for f, y in known], fitted=2)  # the mean and the weight
    variance = residual / n + weight**2 * spread / more
    return weight, min(1.0, max(0.0, estimate)), _variance(thumbs) / variance


def _covariance(pairs: Sequence[Pair]) -> float:
    f, y = _mean([vote for vote, _ in pairs]), _mean([thumb for _, thumb in pairs])
    return math.fsum((vote - f) * (thumb - y) for vote, thumb in pairs) / (len(pairs) - 1)


def _variance(values: Sequence[float], fitted: int = 1) -> float:
    mean = _mean(values)
    return math.fsum((value - mean) ** 2 for value in values) / (len(values) - fitted)


def _mean(values: Sequence[float]) -> float:
    return math.fsum(values) / len(values)
