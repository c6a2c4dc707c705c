"""Clopper and Pearson's exact interval of a proportion."""

from __future__ import annotations

import math
from functools import lru_cache

from nbstream.comparison.statistics.interval import Interval, check_confidence

__all__ = ["clopper_pearson"]

_STEPS = 200
_TINY = 1e-300
_PRECISION = 1e-12


@lru_cache(maxsize=4096)
def clopper_pearson(successes: float, n: float, confidence: float = 0.95) -> Interval:
    """Clopper and Pearson's interval of a proportion: it contains the true one at least that often.

    Parameters
    ----------
    successes, n
        How many of how many. Both can be fractions, for an effective sample size.
    confidence
        How often such an interval contains the true proportion, at least.

    Examples
    --------
    >>> interval = clopper_pearson(18, 20)
    >>> round(interval.low, 3), round(interval.high, 3)
    (0.683, 0.988)
    """
    check_confidence(confidence)
    if n <= 0:
        return Interval(math.nan, 0.0, 1.0, 0, confidence)
    tail, failures = (1 - confidence) / 2, n - successes
    low = 0.0 if successes <= 0 else _beta_quantile(tail, successes, failures + 1)
    high = 1.0 if failures <= 0 else 1 - _beta_quantile(tail, failures, successes + 1)
    return Interval(successes / n, low, high, int(n), confidence)


def _beta_quantile(probability: float, a: float, b: float) -> float:
    """Newton's method, which falls back to bisection where it would leave the bracket."""
    low, high, x = 0.0, 1.0, a / (a + b)
    for _ in range(_STEPS):
        excess = _beta_share(x, a, b) - probability
        low, high = (low, x) if excess > 0 else (x, high)
        slope = math.exp(_log_density(x, a, b))
        following = x - excess / slope if slope else low
        if not low < following < high:
            following = (low + high) / 2
        if abs(following - x) <= _PRECISION * x:
            return following
        x = following
    return x


def _beta_share(x: float, a: float, b: float) -> float:
    """The regularised incomplete beta function: the share of the beta distribution below `x`."""
    if x > (a + 1) / (a + b + 2):  # its continued fraction converges fast below this point only
        return 1 - _beta_share(1 - x, b, a)
    return math.exp(_log_density(x, a, b)) * x * (1 - x) / a * _continued_fraction(x, a, b)


def _log_density(x: float, a: float, b: float) -> float:
    scale = math.lgamma(a + b) - math.lgamma(a) - math.lgamma(b)
    return scale + (a - 1) * math.log(x) + (b - 1) * math.log1p(-x)


def _continued_fraction(x: float, a: float, b: float) -> float:
    """The continued fraction of the incomplete beta function, by Lentz's method."""
    c, d = 1.0, 1 / _not_zero(1 - (a + b) * x / (a + 1))
    value = d
    for m in range(1, _STEPS):
        even = m * (b - m) * x / ((a + 2 * m - 1) * (a + 2 * m))
        odd = -(a + m) * (a + b + m) * x / ((a + 2 * m) * (a + 2 * m + 1))
        for term in (even, odd):
            d = 1 / _not_zero(1 + term * d)
            c = _not_zero(1 + term / c)
            value *= c * d
        if abs(c * d - 1) < _PRECISION:
            break
    return value


def _not_zero(value: float) -> float:
    return value if abs(value) > _TINY else _TINY
