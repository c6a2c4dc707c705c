"""Converts a function's result to the text sent back to the model."""

from __future__ import annotations

import contextlib
import inspect
import json
from collections.abc import AsyncIterator, Iterator
from itertools import islice
from typing import Any

from nbstream._util.foreign_code import limited_text

__all__ = ["result_text"]

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
    return limited_text(result if isinstance(result, str) else _json(result))


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

    with contextlib.suppress(ValueError):  # invalid bytes or keys, half a character, a recursive value
        return to_json(result, fallback=_plain, inf_nan_mode="strings").decode()
    with contextlib.suppress(TypeError, ValueError):
        return json.dumps(result, default=_plain, ensure_ascii=False)
    return str(result)


def _plain(value: object) -> object:
    """A value without a JSON form: its `tolist`, as in NumPy and pandas."""
    tolist = getattr(value, "tolist", None)
    return tolist() if callable(tolist) else str(value)
