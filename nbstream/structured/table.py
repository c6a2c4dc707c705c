"""A structured answer as columns and cells."""

from __future__ import annotations

import json
import re
from typing import Any

from nbstream.structured.answer import AnswerRow, StructuredAnswer

__all__ = ["cell_text", "cells_of", "columns_of", "error_text"]

_MOST_CHARS = 500
_LINE_ENDS = re.compile(r"\s*[\r\n\u2028\u2029\x0b\x0c\x85]+\s*")
_VALUE = "value"


def columns_of(answer: StructuredAnswer, rows: list[AnswerRow]) -> list[str]:
    """The columns: the fields of the schema; where it names none, those of these rows."""
    if answer.structure.fields:
        return answer.structure.fields
    found: dict[str, None] = {}
    for row in rows:
        data = row.data
        found |= dict.fromkeys(data if isinstance(data, dict) else [_VALUE])
    return list(found)


def cells_of(row: AnswerRow, columns: list[str]) -> list[Any]:
    """The values of a row by column; one that is not an object has a single cell."""
    data = row.data
    if not isinstance(data, dict):
        data = {_VALUE if _VALUE in columns or not columns else columns[0]: data}
    return [data.get(name) for name in columns]


def cell_text(value: Any) -> str:
    r"""A value on one line: text as it is, the rest as JSON.

    Examples
    --------
    >>> cell_text("a\nb"), cell_text([1, None])
    ('a b', '[1, null]')
    """
    text = value if isinstance(value, str) else "" if value is None else json.dumps(value, ensure_ascii=False)
    text = _LINE_ENDS.sub(" ", text)
    return text if len(text) <= _MOST_CHARS else text[:_MOST_CHARS] + "…"


def error_text(row: AnswerRow) -> str:
    """What is wrong with a row, on one line."""
    return "; ".join(f"{field}: {message}" if field else message for field, message in row.errors)
