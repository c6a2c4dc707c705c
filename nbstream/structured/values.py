"""JSON as plain values for display."""

from __future__ import annotations

import math
from typing import Any

__all__ = ["read_json"]

_SAFE_INTEGER = 2**53


def read_json(text: str, *, partial: bool = False) -> Any:
    """The value of a JSON text, of an unfinished one as far as it is there; text that is not JSON as it is.

    Examples
    --------
    >>> read_json('{"a": [1, NaN]}'), read_json('{"a": "tw', partial=True), read_json("tw")
    ({'a': [1, 'NaN']}, {'a': 'tw'}, 'tw')
    """
    import jiter

    try:
        value = jiter.from_json(text.encode(), partial_mode="trailing-strings" if partial else False)
    except ValueError:
        return None if partial else text
    return _shown(value)


def _shown(value: Any) -> Any:
    """Plain values that every JSON reader takes: no ``NaN``, no integer that JavaScript would round."""
    if isinstance(value, dict):
        return {name: _shown(part) for name, part in value.items()}
    if isinstance(value, list):
        return [_shown(part) for part in value]
    if isinstance(value, float) and not math.isfinite(value):
        return "NaN" if math.isnan(value) else "Infinity" if value > 0 else "-Infinity"
    if isinstance(value, int) and not isinstance(value, bool) and abs(value) > _SAFE_INTEGER:
        return str(value)
    return value
