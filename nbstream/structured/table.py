"""The rows of a structured answer as columns and cells."""

from __future__ import annotations

import json
import re
from typing import Any

__all__ = ["cell_text", "cells_of", "columns_of"]

_MOST_CHARS = 500
_LINE_ENDS = re.compile(r"\s*[\r\n\u2028\u2029\x0b\x0c\x85]+\s*")
_VALUE = "value"


def columns_of(fields: list[str], data: Any) -> list[str]:
    """The columns: the fields of the schema; where it names none, those of this row.

    Examples
    --------
    >>> columns_of([], {"a": 1}), columns_of([], 7)
    (['a'], ['value'])
    """
    return fields or (list(data) if isinstance(data, dict) and data else [_VALUE])


def cells_of(data: Any, columns: list[str]) -> list[Any]:
    """The values of a row by column; one that is not an object has a single cell."""
    if not isinstance(data, dict):
        data = {_VALUE if _VALUE in columns else columns[0]: data}
    return [data.get(name) for name in columns]


def cell_text(value: Any, most: int = _MOST_CHARS) -> str:
    r"""A value on one line: text as it is, the rest as JSON.

    Examples
    --------
    >>> cell_text("a\nb"), cell_text([1, None])
    ('a b', '[1, null]')
    """
    text = value if isinstance(value, str) else "" if value is None else json.dumps(value, ensure_ascii=False)
    text = _LINE_ENDS.sub(" ", text)
    return text if len(text) <= most else text[:most] + "…"
