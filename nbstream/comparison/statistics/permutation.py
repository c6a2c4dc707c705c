"""The permutation test of paired scores: how often chance alone makes a difference this large."""

from __future__ import annotations

import math
import random
from collections.abc import Sequence
from fractions import Fraction

__all__ = ["permutation_test"]

_EXACT_SUMS = 20_000
_DENOMINATOR = 1000
_SHUFFLES = 9999
_TOLERANCE = 1e-12


def permutation_test(differences: Sequence[float], *, seed: int = 0) -> float:
    """The two-sided p-value of a mean difference of 0, by changing the signs of paired differences.

    It is exact where the differences are multiples of a common unit, such as passes, thumbs and scores of
    few digits. Otherwise it is estimated with 9,999 random changes of sign.

    Parameters
    ----------
    differences
        Score of one variant minus that of the other, one per row.
    seed
        For the random signs, so that the value is the same each time.

    Examples
    --------
    >>> permutation_test([1, 1, 1, 0, 1, 1])
    0.0625
    """
    changed = [abs(value) for value in differences if value]
    if not changed:
        return 1.0
    observed = abs(math.fsum(differences))
    units = _in_units(changed)
    if units is None:
        return _estimated(changed, observed, seed)
    values, unit = units
    return _exact(values, round(observed / unit))


def _in_units(values: Sequence[float]) -> tuple[list[int], float] | None:
    """The values as multiples of a unit; None if there is none, or too many sums of them."""
    fractions = [Fraction(value).limit_denominator(_DENOMINATOR) for value in values]
    if any(
        abs(float(fraction) - value) > _TOLERANCE for fraction, value in zip(fractions, values, strict=True)
    ):
        return None
    scale = math.lcm(*(fraction.denominator for fraction in fractions))
    whole = [int(fraction * scale) for fraction in fractions]
    divisor = math.gcd(*whole)
    whole = [value // divisor for value in whole]
    return None if sum(whole) > _EXACT_SUMS else (whole, divisor / scale)


def _exact(values: Sequence[int], observed: int) -> float:
    """Count the signs that reach the observed sum, by all sums that there are."""
    # With signs ±1 the sum is total - 2 * (sum of the negative ones).
    total = sum(values)
    ways = 1  # a number whose digits, wide enough to hold any count, are the ways to reach each sum
    width = len(values) + 1
    for value in values:
        ways += ways << (value * width)
    mask = (1 << width) - 1
    reached = sum(
        (ways >> (negative * width)) & mask
        for negative in range(total + 1)
        if abs(total - 2 * negative) >= observed
    )
    return reached / (1 << len(values))


def _estimated(values: Sequence[float], observed: float, seed: int) -> float:
    draw = random.Random(seed)  # noqa: S311  chance, not a secret
    limit = observed * (1 - _TOLERANCE)
    reached = sum(_signed(values, draw.getrandbits(len(values))) >= limit for _ in range(_SHUFFLES))
    return (reached + 1) / (_SHUFFLES + 1)


def _signed(values: Sequence[float], signs: int) -> float:
    return abs(sum(value if signs >> place & 1 else -value for place, value in enumerate(values)))
