"""A structured answer as Markdown that means its texts and nothing else: a table, or a list of fields.

It only grows at its end while rows arrive, so that a view is sent each row once.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from nbstream.record.growing_text import GrowingText
from nbstream.record.state import ReplyState
from nbstream.structured.answer import AnswerRow, StructuredAnswer
from nbstream.structured.table import cell_text, cells_of, columns_of, error_text
from nbstream.views.inert.characters import literal

__all__ = ["ShownText", "shown_text"]

_MARK = "⚠"
_DEEPEST = 8


class ShownText:
    """The text that a view shows of a reply: its own, or the table of one whose JSON is not shown.

    Parameters
    ----------
    state
        The reply's state, as it grows.
    """

    def __init__(self, state: ReplyState) -> None:
        self._state = state
        self._table = GrowingText()
        self._rows = 0  # rows or fields in the table
        self._seen = 0  # entries of `changed`

    @property
    def log(self) -> GrowingText:
        """The text so far; another object where it was replaced."""
        answer = self._state.structured
        if answer is None or not _is_table(self._state, answer):
            return self._state.text_log
        if any(at < self._rows for at in answer.changed[self._seen :]) or len(answer.changed) < self._seen:
            self._table, self._rows = GrowingText(), 0  # a row was corrected
        self._seen = len(answer.changed)
        lines = _lines(answer, self._rows, ended=self._state.ended)
        added = list(lines)
        if added:
            begin = "" if not self._rows else "\n"
            self._table.parts.append(begin + "\n".join(line for _, line in added))
            self._rows += sum(counted for counted, _ in added)
        return self._table


def shown_text(state: ReplyState) -> str:
    """What a view shows of a reply so far.

    Examples
    --------
    >>> from nbstream.structured.structure import Structure
    >>> from nbstream.types.events import SchemaRequested, TextDelta
    >>> state = ReplyState()
    >>> state.apply(SchemaRequested(0.0, "json_schema", Structure.of(list[dict[str, int]])))
    >>> state.apply(TextDelta(0.1, '[{"a": 1}, {"a"'))
    >>> print(shown_text(state))
    | a |
    | --- |
    | 1 |
    """
    return str(ShownText(state).log)


def _is_table(state: ReplyState, answer: StructuredAnswer) -> bool:
    """Whether the answer is shown as a table; the text itself where it was asked for, or has no JSON."""
    if state.ended:
        return bool(answer.rows)
    return not state.text_is_shown


def _lines(answer: StructuredAnswer, start: int, *, ended: bool) -> Iterator[tuple[int, str]]:
    """The lines from that row or field on, each with whether it counts as one."""
    if answer.structure.has_rows:
        yield from _table(answer, start)
    else:
        yield from _fields(answer, start, ended=ended)


def _table(answer: StructuredAnswer, start: int) -> Iterator[tuple[int, str]]:
    if start >= len(answer.rows):
        return
    columns = columns_of(answer, answer.rows[:1])
    if start == 0:
        yield 0, _line([_text(name) for name in columns])
        yield 0, _line([_alignment(answer, name) for name in columns])
    for row in answer.rows[start:]:
        yield 1, _line(_cells(row, columns))


def _cells(row: AnswerRow, columns: list[str]) -> list[str]:
    """The cells of a row, what is wrong in the cell of its field."""
    cells = [_text(cell_text(cell)) for cell in cells_of(row, columns)]
    for field, message in row.errors:
        at = columns.index(name) if (name := field.partition(".")[0]) in columns else 0
        cells[at] = f"{_MARK} {cells[at]} ({_text(message)})".replace("  ", " ")
    return cells


def _alignment(answer: StructuredAnswer, name: str) -> str:
    return "---:" if answer.structure.is_number(name) else "---"


def _fields(answer: StructuredAnswer, start: int, *, ended: bool) -> Iterator[tuple[int, str]]:
    """The fields whose value is complete: all but the last one of an object that is still open."""
    whole = bool(answer.rows)
    data: Any = answer.rows[0].data if whole else answer.open
    if not isinstance(data, dict):
        if whole and not start:
            yield 1, f"- {_text(cell_text(data))}"
        return
    names = list(data) if whole else list(data)[:-1]
    for name in names[start:]:
        yield 1, "\n".join(_nested({name: data[name]}, 0))
    if whole and ended and answer.rows[0].errors and start < len(names) + 1:
        yield 1, f"- {_MARK} {_text(error_text(answer.rows[0]))}"


def _nested(value: dict[str, Any] | list[Any], depth: int) -> Iterator[str]:
    for name, part in value.items() if isinstance(value, dict) else enumerate(value):
        label = f"{'  ' * depth}- **{_text(cell_text(str(name)))}**"
        if isinstance(part, dict | list) and part and depth < _DEEPEST:
            yield label
            yield from _nested(part, depth + 1)
        else:
            yield f"{label}: {_text(cell_text(part))}".rstrip()


def _text(text: str) -> str:
    return literal(text).replace("{", "&#123;")


def _line(cells: list[str]) -> str:
    return f"| {' | '.join(cells)} |"
