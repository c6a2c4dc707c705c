"""Dicts and lists that are copies. To change one would have no effect, so it is an error with advice."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, NoReturn, TypeVar

from nbstream.errors import StateError

__all__ = ["ReadOnlyDict", "ReadOnlyList"]

_K = TypeVar("_K")
_V = TypeVar("_V")


class ReadOnlyDict(dict[_K, _V]):
    """A dict that cannot be changed.

    Parameters
    ----------
    values
        What it holds.
    advice
        What to do instead of changing it.

    Examples
    --------
    >>> view = ReadOnlyDict({"seed": 1}, "Use chat.seed = 2.")
    >>> view | {"seed": 2}
    {'seed': 2}
    >>> view["seed"] = 2
    Traceback (most recent call last):
        ...
    nbstream.errors.StateError: This dict is read-only. Use chat.seed = 2.
    """

    def __init__(self, values: Mapping[_K, _V], advice: str) -> None:
        super().__init__(values)
        self._advice = advice

    def _refuse(self, *_args: Any, **_options: Any) -> NoReturn:
        raise StateError("This dict is read-only.", advice=self._advice)

    __setitem__ = __delitem__ = __ior__ = _refuse
    clear = pop = popitem = setdefault = update = _refuse

    def __reduce__(self) -> tuple[Any, ...]:
        """Copies and pickles are plain dicts, which are the caller's own."""
        return dict, (dict(self),)


class ReadOnlyList(list[_V]):
    """A list that cannot be changed.

    Parameters
    ----------
    values
        What it holds.
    advice
        What to do instead of changing it.
    """

    def __init__(self, values: Iterable[_V], advice: str) -> None:
        super().__init__(values)
        self._advice = advice

    def _refuse(self, *_args: Any, **_options: Any) -> NoReturn:
        raise StateError("This list is read-only.", advice=self._advice)

    __setitem__ = __delitem__ = __iadd__ = __imul__ = _refuse
    append = clear = extend = insert = pop = remove = reverse = sort = _refuse

    def __reduce__(self) -> tuple[Any, ...]:
        """Copies and pickles are plain lists, which are the caller's own."""
        return list, (list(self),)
