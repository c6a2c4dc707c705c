"""Converts a function's result or error to the text sent back to the model."""

from __future__ import annotations

import contextlib
import inspect
import json
from collections.abc import AsyncIterator, Iterator
from itertools import islice
from typing import Any

__all__ = ["failure_text", "result_text"]

RESULT_CHARS = 100_000
_ITEMS = 10_000


async def result_text(result: object) -> str:
    r"""A result as text: JSON if possible, else its `str`.

    Characters invalid in UTF-8, such as in a file name with odd bytes, become U+FFFD.

    Examples
    --------
    >>> import asyncio, datetime, math
    >>> asyncio.run(result_text({"day": datetime.date(2026, 1, 2), "rate": math.nan, "tags": {"a"}}))
    '{"day":"2026-01-02","rate":"NaN","tags":["a"]}'
    >>> asyncio.run(result_text("caf\udce9.txt"))
    'caf\ufffd.txt'
    """
    if inspect.isasyncgen(result):
        result = await _items(result)
    elif isinstance(result, Iterator):
        result = list(islice(result, _ITEMS))
    return _cut(result if isinstance(result, str) else _json(result))


def failure_text(error: BaseException) -> str:
    """An error in one line, even if its `str` fails.

    Examples
    --------
    >>> failure_text(SystemExit(2))
    'SystemExit: 2'
    """
    try:
        return _cut(f"{type(error).__name__}: {error}".removesuffix(": "))
    except BaseException:
        return type(error).__name__


async def _items(results: AsyncIterator[Any]) -> list[Any]:
    items: list[Any] = []
    async for item in results:
        items.append(item)
        if len(items) == _ITEMS:
            break
    return items


def _json(result: object) -> str:
    """JSON of everything pydantic supports, and of NumPy arrays and numbers; otherwise `str`."""
    from pydantic_core import to_json

    with contextlib.suppress(ValueError):  # odd bytes or keys, half a character, a value within itself
        return to_json(result, fallback=_plain, inf_nan_mode="strings").decode()
    with contextlib.suppress(TypeError, ValueError):
        return json.dumps(result, default=_plain, ensure_ascii=False)
    return str(result)


def _plain(value: object) -> object:
    """A value without a JSON form: its `tolist`, as in NumPy and pandas."""
    tolist = getattr(value, "tolist", None)
    return tolist() if callable(tolist) else str(value)


def _cut(text: str) -> str:
    text = text[:RESULT_CHARS] + f"… ({len(text):,} characters)" if len(text) > RESULT_CHARS else text
    return text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")
