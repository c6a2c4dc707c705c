"""Intervals of a proportion and of a mean."""

from __future__ import annotations

import math
from dataclasses import dataclass
from statistics import NormalDist

from nbstream.errors import ArgumentError

__all__ = ["Interval", "check_confidence", "normal_quantile", "wilson"]


@dataclass(frozen=True, slots=True)
class Interval:
    """An estimate with its confidence interval.

    Parameters
    ----------
    estimate
        The most likely value.
    low, high
        Ends of the interval, both included.
    n
        How many observations it rests on.
    confidence
        How often such an interval contains the true value.

    Examples
    --------
    >>> interval = Interval(0.08, 0.02, 0.14, n=140)
    >>> interval.width, 0 in interval
    (0.12000000000000001, False)
    """

    estimate: float
    low: float
    high: float
    n: int
    confidence: float = 0.95

    @property
    def width(self) -> float:
        """Distance of the ends."""
        return self.high - self.low

    def __contains__(self, value: float) -> bool:
        return self.low <= value <= self.high


def wilson(successes: float, n: float, confidence: float = 0.95) -> Interval:
    """Wilson's score interval of a proportion.

    Parameters
    ----------
    successes, n
        How many of how many.
    confidence
        How often such an interval contains the true proportion.

    Examples
    --------
    >>> interval = wilson(18, 20)
    >>> round(interval.low, 3), round(interval.high, 3)
    (0.699, 0.972)
    """
    check_confidence(confidence)
    if n <= 0:
        return Interval(math.nan, 0.0, 1.0, 0, confidence)
    share = successes / n
    low, high = _score_ends(share, n, normal_quantile(confidence))
    return Interval(share, low, high, int(n), confidence)


def _score_ends(share: float, n: float, quantile: float) -> tuple[float, float]:
    square = quantile * quantile
    centre = (share + square / (2 * n)) / (1 + square / n)
    spread = math.sqrt(share * (1 - share) / n + square / (4 * n * n))
    half = quantile * spread / (1 + square / n)
    # At the ends of the scale the score interval reaches them; rounding would miss them by 1e-17.
    low = 0.0 if share <= 0 else max(0.0, centre - half)
    high = 1.0 if share >= 1 else min(1.0, centre + half)
    return low, high


def normal_quantile(confidence: float) -> float:
    """How many standard errors an interval of this confidence extends to each side."""
    return NormalDist().inv_cdf((1 + confidence) / 2)


def check_confidence(confidence: float) -> None:
    """See whether a confidence level is one.

    Raises
    ------
    ArgumentError
        When it is not between 0 and 1.
    """
    if not 0 < confidence < 1:
        raise ArgumentError(
            f"confidence={confidence!r} is not between 0 and 1.", advice="For example: confidence=0.95."
        )
