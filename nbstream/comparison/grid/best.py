"""Which variant is the best, by a figure."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from nbstream._util.names import did_you_mean
from nbstream.comparison.grid.summary import Standing
from nbstream.comparison.grid.variant import Variant
from nbstream.errors import ArgumentError, StateError

__all__ = ["Key", "best_of"]

Key = str | Callable[[Standing], float] | None
"""A check, a figure, a function of the figures of a variant, or None for all checks together."""

_LOWEST = frozenset({"cost", "output_tokens", "ttft"})
_HIGHEST = frozenset({"tokens_per_second"})


def best_of(standings: Sequence[Standing], key: Key) -> Variant:
    """The variant with the best value.

    Raises
    ------
    ArgumentError
        When there is no such key.
    StateError
        When no variant has a value.
    """
    values = [(value, one) for one in standings if (value := _value(one, key)) is not None]
    if not values:
        raise StateError("There is nothing to compare by yet.", advice="Add checks=…, or give a key.")
    return max(values, key=lambda pair: pair[0])[1].variant


def _value(one: Standing, key: Key) -> float | None:
    """The value of a variant, the higher the better; None where it has none."""
    if callable(key):
        return key(one)
    if key is None:
        return one.passed.estimate if one.passed is not None and one.passed.n else None
    if key in one.checks:
        return one.checks[key].estimate if one.checks[key].n else None
    if key not in _LOWEST | _HIGHEST:
        names = [*one.checks, *sorted(_LOWEST | _HIGHEST)]
        near = did_you_mean(key, names) or f"There are: {', '.join(names)}."
        raise ArgumentError(f"There is no key {key!r}.", advice=near)
    value: float | None = getattr(one, key)
    return -value if value is not None and key in _LOWEST else value
