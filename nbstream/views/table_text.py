"""The rows of an answer as a Markdown table that means their texts and nothing else."""

from __future__ import annotations

from nbstream.structured.answer import AnswerRow, StructuredAnswer
from nbstream.structured.table import cell_text, cells_of, columns_of
from nbstream.views.data_text import ERROR, OPEN, data_text

__all__ = ["TableLines"]


class TableLines:
    """The lines of a table: its head once the columns are known, and each row once it is whole.

    Rows are numbered as in errors and in the index of `Reply.to_frame`.

    Parameters
    ----------
    answer
        The rows, as they arrive.
    """

    def __init__(self, answer: StructuredAnswer) -> None:
        self._answer = answer
        self._rows = 0
        self._seen = 0  # entries of `changed`
        self._columns: list[str] | None = None

    def advance(self, *, ended: bool) -> list[str] | None:
        """The lines that were added; None if an earlier line has changed."""
        answer, changed = self._answer, self._answer.changed
        if len(changed) < self._seen or any(at < self._rows for at in changed[self._seen :]):
            return None
        self._seen = len(changed)
        added = [] if self._columns is not None else self._head(answer.structure.fields, answer.rows)
        if self._columns is not None:
            rows = enumerate(answer.rows[self._rows :], self._rows)
            added += [_line([_number(at, row), *_cells(row, self._columns)]) for at, row in rows]
            self._rows = len(answer.rows)
        return added

    def open(self) -> list[str]:
        """The line of the row that is still open, below a head if there is none yet."""
        data = self._answer.open
        if data is None or data == {}:
            return []
        columns = columns_of(self._answer.structure.fields, data) if self._columns is None else self._columns
        cells = [data_text(cell_text(cell)) for cell in cells_of(data, columns)]
        last = list(data)[-1] if isinstance(data, dict) else None
        at = columns.index(last) if last in columns else 0
        cells[at] += OPEN
        line = _line([str(self._rows), *cells])
        return [line] if self._columns is not None else [*self._head_of(columns), line]

    def _head(self, fields: list[str], rows: list[AnswerRow]) -> list[str]:
        """The head, once the JSON has begun and the columns are known."""
        if not rows and not (fields and self._answer.found):
            return []
        self._columns = columns_of(fields, rows[0].data if rows else {})
        return self._head_of(self._columns)

    def _head_of(self, columns: list[str]) -> list[str]:
        numeric = self._answer.structure.is_number
        marks = ["---:" if numeric(name) else "---" for name in columns]
        return [_line(["row", *map(data_text, columns)]), _line(["---:", *marks])]


def _number(at: int, row: AnswerRow) -> str:
    return f"{ERROR} {at}" if row.errors else str(at)


def _cells(row: AnswerRow, columns: list[str]) -> list[str]:
    """The cells of a row, what is wrong in the cell of its field."""
    cells = [data_text(cell_text(cell)) for cell in cells_of(row.data, columns)]
    for path, message in row.errors:
        name = path.partition(".")[0]
        at = columns.index(name) if name in columns else 0
        said = message if name in columns or not path else f"{path}: {message}"
        cells[at] = f"{cells[at]} ({data_text(said)})".strip()
    return cells


def _line(cells: list[str]) -> str:
    return f"| {' | '.join(cells)} |"
