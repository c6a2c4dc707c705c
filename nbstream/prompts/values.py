"""Values as text for a prompt: tables as Markdown, other structures as JSON, with a stated limit."""

from __future__ import annotations

import dataclasses
import inspect
import json
import re
from collections import deque
from collections.abc import Iterable, Iterator, KeysView, Mapping, Sequence, ValuesView
from collections.abc import Set as AbstractSet
from datetime import date, time
from enum import Enum
from types import ModuleType
from typing import Any, NamedTuple

from nbstream.prompts.tables import instance_of, table_of

__all__ = ["ITEMS", "ROWS", "Rows", "Unrenderable", "ValueText", "rows", "text_of"]

ROWS = 20
"""Rows of a table that are sent if no other number is asked for."""
ITEMS = 100
"""The same for lists and dicts."""

_ADDRESS = re.compile(r"<.* at 0x[0-9a-fA-F]+>", re.DOTALL)
_WHOLE = 10**9


class Unrenderable(Exception):  # noqa: N818 -- caught where the expression is known, and named there
    """A value that has no text for a prompt; the message says why, and what to write instead."""


class ValueText(NamedTuple):
    """The text of a value, and how much of the value it holds; the note is empty if all of it."""

    text: str
    note: str = ""


@dataclasses.dataclass(frozen=True, slots=True)
class Rows:
    """A value, and how many of its rows or items are sent."""

    value: object
    count: int


def rows(value: object, count: int | None = None) -> Rows:
    """The filter ``{{ df | rows(100) }}``; without a number, all rows.

    Examples
    --------
    >>> text_of(rows([1, 2, 3], 2))
    ValueText(text='[1, 2] (first 2 of 3 items)', note='2 of 3 items')
    """
    if count is not None and (not isinstance(count, int) or count < 1):
        raise Unrenderable(f"rows({count!r}) needs a number of at least 1.")
    return Rows(value, _WHOLE if count is None else count)


def text_of(value: object) -> ValueText:
    """The text that stands for a value.

    Raises
    ------
    Unrenderable
        When the value has none, such as a function or a coroutine.

    Examples
    --------
    >>> text_of({"name": "Ada", "born": date(1815, 12, 10)}).text
    '{"name": "Ada", "born": "1815-12-10"}'
    >>> text_of("{{ as it is }}").text
    '{{ as it is }}'
    """
    value, count = (value.value, value.count) if isinstance(value, Rows) else (value, None)
    table = table_of(value, count or ROWS)
    if table is not None:
        return _stated(table.markdown(), table.note, "\n\n")  # a line after a table is a row of it
    try:
        return _json(value, count)
    except RecursionError:
        raise Unrenderable("The value contains itself, or is nested too deeply.") from None


def _json(value: object, count: int | None) -> ValueText:
    plain = _Plain(count)
    found = plain.of(value)
    if isinstance(found, dict | list):
        return _stated(json.dumps(found, ensure_ascii=False), plain.note, " ")
    return ValueText(found if isinstance(found, str) else str(found))


def _stated(text: str, note: str, separator: str) -> ValueText:
    return ValueText(f"{text}{separator}(first {note})" if note else text, note)


class _Plain:
    """A value as what JSON holds, each list and dict with its first items.

    Parameters
    ----------
    count
        How many items; None for the default.
    """

    def __init__(self, count: int | None) -> None:
        self._count = count
        self.note = ""
        self._depth = 0

    def of(self, value: Any) -> Any:
        """The value as a dict, list, text, number, bool or None."""
        self._depth += 1
        try:
            return self._of(value)
        finally:
            self._depth -= 1

    def _of(self, value: Any) -> Any:
        if isinstance(value, Enum):
            return self.of(value.value)
        if value is None or isinstance(value, str | bool | int | float):
            return value
        if instance_of(value, "numpy", "generic"):
            return self.of(value.item()) if type(value.item()) is not type(value) else str(value)
        if isinstance(value, date | time):
            return value.isoformat()
        fields = _fields(value)
        if fields is not None:
            return self._mapping(fields, is_record=True)
        if isinstance(value, Mapping):
            return self._mapping(value)
        items = _items(value)
        return _scalar(value) if items is None else self._list(*items)

    def _mapping(self, value: Mapping[Any, Any], *, is_record: bool = False) -> dict[str, Any]:
        limit = len(value) if is_record else self._limit(len(value), "entries", ITEMS)
        shown = (pair for pair, _ in zip(value.items(), range(limit), strict=False))
        found = {str(key): self.of(item) for key, item in shown}
        if limit < len(value) and self._depth > 1:
            found["…"] = f"{len(value) - limit:,} more entries"
        return found

    def _list(self, items: Iterable[Any], size: int, unit: str, usual: int) -> list[Any]:
        limit = self._limit(size, unit, usual)
        found = [self.of(item) for item, _ in zip(items, range(limit), strict=False)]
        if limit < size and self._depth > 1:
            found.append(f"… {size - limit:,} more {unit}")
        return found

    def _limit(self, size: int, unit: str, usual: int) -> int:
        limit = min(size, self._count or usual)
        if limit < size:
            inside = " of a part" if self._depth > 1 else ""
            self.note = self.note or f"{limit:,} of {size:,} {unit}{inside}"
        return limit


def _fields(value: Any) -> Mapping[str, Any] | None:
    """The fields of a record; None if it is not one."""
    if isinstance(value, type):
        return None
    if hasattr(type(value), "model_fields") and hasattr(value, "model_dump"):
        dumped: Mapping[str, Any] = value.model_dump(mode="json")
        return dumped
    if dataclasses.is_dataclass(value):
        return {field.name: getattr(value, field.name) for field in dataclasses.fields(value)}
    if isinstance(value, tuple) and hasattr(value, "_asdict"):
        named: Mapping[str, Any] = value._asdict()
        return named
    return None


def _items(value: Any) -> tuple[Iterable[Any], int, str, int] | None:
    """The items of a list-like value, their number, unit and usual limit; None if it is not one."""
    if instance_of(value, "pandas", "DataFrame"):
        return value.head(_WHOLE).to_dict("records"), len(value), "rows", ROWS
    if instance_of(value, "polars", "DataFrame"):
        return value.iter_rows(named=True), value.height, "rows", ROWS
    if instance_of(value, "numpy", "ndarray"):
        return _of_array(value)
    if instance_of(value, "pandas", "Series", "Index") or instance_of(value, "polars", "Series"):
        return value, len(value), "items", ITEMS
    if isinstance(value, AbstractSet) and not isinstance(value, KeysView):
        return sorted(value, key=repr), len(value), "items", ITEMS
    if isinstance(value, Sequence | deque | KeysView | ValuesView) and not isinstance(value, _BYTES):
        return value, len(value), "items", ITEMS
    return None


_BYTES = (bytes, bytearray, memoryview)


def _of_array(array: Any) -> tuple[Iterable[Any], int, str, int] | None:
    if array.ndim == 0:
        return None
    return (array, len(array), "items", ITEMS) if array.ndim == 1 else (array, len(array), "rows", ROWS)


def _scalar(value: Any) -> str:
    """The text of a value without parts."""
    from nbstream.recording.readable import Readable

    if isinstance(value, Readable):
        return _answer(value)
    if instance_of(value, "numpy", "ndarray"):
        return str(value.item())
    reason = _reason(value)
    if reason:
        raise Unrenderable(reason)
    text = str(value)
    if _ADDRESS.search(text):
        raise Unrenderable(f"{type(value).__name__} is not text. Name the attribute to send.")
    return text


def _answer(reply: Any) -> str:
    if not reply.state.ended:
        raise Unrenderable("The reply has not ended. Await it first.")
    if reply.status == "failed":
        raise Unrenderable("The reply failed. Use its .text to send the partial answer.")
    return str(reply.text)


def _reason(value: object) -> str:
    """Why a value is not sent; empty if it may be."""
    kind = type(value).__name__
    if inspect.isawaitable(value) or inspect.isasyncgen(value):
        return f"The value is a {kind}. Await it in a cell above, and use the result."
    if isinstance(value, _BYTES):
        return f"{kind} are not text. Decode them first."
    if isinstance(value, Iterator):
        return f"The value is a {kind}, which can be read once. Add | list."
    if inspect.isroutine(value) or isinstance(value, type):
        return "The value is a function or class. Call it, or name one of its attributes."
    if isinstance(value, ModuleType):
        return "The value is a module. Name one of its attributes."
    if instance_of(value, "polars", "LazyFrame"):
        return "The value is a LazyFrame. Call its collect()."
    if hasattr(value, "savefig") or instance_of(value, "PIL.Image", "Image"):
        return "An image is not text."
    return ""
