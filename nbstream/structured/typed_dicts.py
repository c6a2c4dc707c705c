"""TypedDicts of `typing` on Python 3.11: pydantic reads only those of `typing_extensions` there."""

from __future__ import annotations

import sys
from typing import Any, NotRequired, Required, get_args, get_origin, get_type_hints, is_typeddict

__all__ = ["usable_by_pydantic"]


def usable_by_pydantic(kind: Any) -> Any:
    """The type, with each TypedDict in a form that pydantic reads.

    Examples
    --------
    >>> usable_by_pydantic(list[int])
    list[int]
    """
    if sys.version_info >= (3, 12):
        return kind
    if is_typeddict(kind):
        return _read_again(kind)
    parts = get_args(kind)
    if get_origin(kind) is list and parts:
        return list[usable_by_pydantic(parts[0])]  # type: ignore[misc]
    return kind


def _read_again(kind: Any) -> Any:
    import typing_extensions

    fields = {
        name: (Required if name in kind.__required_keys__ else NotRequired)[usable_by_pydantic(hint)]
        for name, hint in get_type_hints(kind).items()
    }
    make: Any = typing_extensions.TypedDict
    again = make(kind.__name__, fields)
    again.__doc__ = kind.__doc__
    return again
