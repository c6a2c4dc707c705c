"""A structured answer as inert Markdown, for readers without our front end: a table, or a list of fields."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from nbstream.structured.answer import AnswerRow, StructuredAnswer
from nbstream.structured.table import cell_text, cells_of, columns_of, error_text, is_numeric
from nbstream.views.inert.characters import literal

__all__ = ["table_markdown"]

_MARK = "⚠"
_DEEPEST = 8


def table_markdown(answer: StructuredAnswer) -> str:
    """The answer as inert Markdown; empty as long as no row is whole.

    Examples
    --------
    >>> from nbstream.structured.structure import Structure
    >>> answer = StructuredAnswer(Structure.of(list[dict[str, int]]))
    >>> answer.feed('[{"a": 1}]')
    >>> print(table_markdown(answer))
    | a |
    | ---: |
    | 1 |
    """
    if not answer.rows:
        return "*No rows.*" if answer.is_valid else ""
    return "\n".join(_table(answer) if answer.structure.has_rows else _fields(answer))


def _table(answer: StructuredAnswer) -> Iterator[str]:
    columns = columns_of(answer)
    rows = [cells_of(row, columns) for row in answer.rows]
    marks = [[_cell(error_text(row))] for row in answer.rows] if answer.errors else [[] for _ in rows]
    mark = bool(answer.errors)
    aligned = ["---:" if is_numeric(list(column)) else "---" for column in zip(*rows, strict=True)]
    yield _line([*map(_cell, columns), *([_MARK] if mark else [])])
    yield _line([*aligned, *(["---"] if mark else [])])
    for cells, marked in zip(rows, marks, strict=True):
        yield _line([*(_cell(cell_text(cell)) for cell in cells), *marked])


def _fields(answer: StructuredAnswer) -> Iterator[str]:
    row: AnswerRow = answer.rows[0]
    data = row.data
    if isinstance(data, dict):
        names = answer.structure.fields
        yield from _nested({name: data[name] for name in names if name in data} | data, 0)
    else:
        yield f"- {_cell(cell_text(data))}"
    if row.errors:
        yield f"- {_MARK} {_cell(error_text(row))}"


def _nested(value: dict[str, Any] | list[Any], depth: int) -> Iterator[str]:
    for name, part in value.items() if isinstance(value, dict) else enumerate(value):
        label = f"{'  ' * depth}- **{_cell(cell_text(str(name)))}**"
        if isinstance(part, dict | list) and part and depth < _DEEPEST:
            yield label
            yield from _nested(part, depth + 1)
        else:
            yield f"{label}: {_cell(cell_text(part))}".rstrip()


def _cell(text: str) -> str:
    return literal(text).replace("{", "&#123;")


def _line(cells: list[str]) -> str:
    return f"| {' | '.join(cells)} |"
