"""The value of an answer while it arrives: rows that are whole, what is wrong with them, and the open row."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from nbstream.errors import FieldProblem, SchemaError
from nbstream.structured.row_scanner import RowScanner
from nbstream.structured.structure import ROWS, Structure
from nbstream.structured.values import read_json

__all__ = ["AnswerRow", "StructuredAnswer"]

_OPEN_GROWTH = 1.1
_SHORT = 500
_SHOWN_ERRORS = 3
_INCOMPLETE = "The JSON is not complete"


@dataclass(frozen=True, slots=True)
class AnswerRow:
    """One whole row, or the whole object of an answer that is not a list.

    Parameters
    ----------
    text
        Its JSON.
    value
        The validated value; None if it does not match the schema.
    errors
        What is wrong, as fields and messages.
    """

    text: str
    value: Any
    errors: tuple[tuple[str, str], ...] = ()

    @property
    def data(self) -> Any:
        """The JSON as plain values for display; the text itself where it is not JSON."""
        return read_json(self.text)


class StructuredAnswer:
    """Follows the text of an answer. `nbstream.recording.state` feeds the one of a reply.

    Parameters
    ----------
    structure
        The schema.

    Attributes
    ----------
    rows : list of AnswerRow
        The whole rows so far.
    changed : list of int
        Index of each row that was added or replaced, in order: only grows, so that each reader can keep its
        place.

    Examples
    --------
    >>> answer = StructuredAnswer(Structure.of(list[int]))
    >>> answer.feed('[1, "x", 3')
    >>> [row.value for row in answer.rows], answer.errors
    ([1, None], [FieldProblem(row=1, field='', message='Input should be a valid integer, unable to parse \
string as an integer')])
    """

    def __init__(self, structure: Structure) -> None:
        self.structure = structure
        self.rows: list[AnswerRow] = []
        self.changed: list[int] = []
        key = ROWS if structure.has_rows else ""
        self._scanner = RowScanner(key, objects=structure.rows_are_objects)
        self._bad: list[int] | None = None  # the rows that a correction is to replace
        self._corrected: list[AnswerRow] = []
        self._partial: tuple[int, Any] = (0, None)
        self._other_text: list[str] | None = [] if structure.key == "value" else None

    def feed(self, text: str) -> None:
        """Take more text."""
        if self._other_text is not None:
            self._other_text.append(text)
        for row in self._scanner.feed(text):
            self._take(self._checked(row))

    def correct(self) -> None:
        """Expect corrected values of the wrong rows; of all rows where none arrived."""
        self._apply()
        self._scanner.restart()
        self._bad = [at for at, row in enumerate(self.rows) if row.errors]
        if not self.structure.has_rows or not self.rows:
            self._bad = None

    def restart(self) -> None:
        """Expect another answer instead."""
        self.rows, self.changed, self._bad, self._corrected = [], [], None, []
        self.expect_json()

    def expect_json(self) -> None:
        """Drop JSON that has begun: the text so far was not the answer."""
        self._scanner.restart()
        self._partial = (0, None)
        if self._other_text is not None:
            self._other_text.clear()

    def end(self) -> None:
        """Take note that no more text follows."""
        self._apply()
        if self._other_text and not self.rows:
            self._take_bare("".join(self._other_text))

    @property
    def found(self) -> bool:
        """Whether the answer has JSON at all."""
        return bool(self.rows) or self._scanner.found

    @property
    def is_valid(self) -> bool:
        """Whether the answer is whole and matches the schema."""
        if any(row.errors for row in self.rows):
            return False
        return self._scanner.complete if self.structure.has_rows else bool(self.rows)

    @property
    def valid_rows(self) -> list[Any]:
        """The values of the rows that match the schema."""
        return [row.value for row in self.rows if not row.errors]

    @property
    def errors(self) -> list[FieldProblem]:
        """What is wrong with the rows."""
        return [FieldProblem(at, *error) for at, row in enumerate(self.rows) for error in row.errors]

    @property
    def open(self) -> Any:
        """The received part of the row that is still open, as plain values; None if there is none.

        A long one is read again only when it has grown by a tenth, so that it is not parsed at each delta.
        """
        text = self._scanner.open
        length, value = self._partial
        if not text or self._bad is not None:
            return None
        if len(text) <= _SHORT or not length <= len(text) < length * _OPEN_GROWTH:
            value = read_json(text, partial=True)
            self._partial = (len(text), value)
        return value

    @property
    def open_parts(self) -> list[str]:
        """The text of the value that is still open, in parts. Only grows; another list for another value."""
        return self._scanner.held if self._bad is None else []

    def parsed(self) -> Any:
        """The validated value.

        Raises
        ------
        SchemaError
            When it does not match the schema, or is not complete.
        """
        if not self.is_valid:
            raise self.error()
        return self.valid_rows if self.structure.has_rows else self.rows[0].value

    def error(self) -> SchemaError:
        """Why there is no valid value."""
        return SchemaError(self.problem(), advice=self._advice(), errors=self.errors)

    def problem(self) -> str:
        """What is wrong, in a sentence or two."""
        if not self.found:
            return "The answer contains no JSON that could match the schema."
        bad = [at for at, row in enumerate(self.rows) if row.errors]
        if not bad:
            kept = f": {len(self.rows):,} whole rows were received" if self.structure.has_rows else ""
            return f"{_INCOMPLETE}{kept}."
        listed = "; ".join(self.lines()[:_SHOWN_ERRORS]) + ("; …" if len(self.errors) > _SHOWN_ERRORS else "")
        if not self.structure.has_rows:
            return f"The answer does not match the schema: {listed}."
        rows = "row does" if len(self.rows) == 1 else "rows do" if len(bad) > 1 else "rows does"
        return f"{len(bad):,} of {len(self.rows):,} {rows} not match the schema: {listed}."

    def lines(self) -> list[str]:
        """What is wrong, one line for each field."""
        if self.structure.has_rows:
            return list(map(str, self.errors))
        return [f"{error.field}: {error.message}" if error.field else error.message for error in self.errors]

    def _advice(self) -> str:
        if self.structure.has_rows and self.rows:
            return "reply.rows holds the valid rows."
        return "reply.text holds the answer; retries=1 asks again with the errors."

    def _checked(self, text: str) -> AnswerRow:
        value, errors = self.structure.check(text)
        return AnswerRow(text, value, tuple(errors))

    def _take(self, row: AnswerRow) -> None:
        if self._bad is not None:
            self._corrected.append(row)
        elif self.structure.has_rows:
            self._put(len(self.rows), row)
        else:
            self._put(0, row)

    def _take_bare(self, text: str) -> None:
        """A plain value that the model sent without the object around it."""
        import json

        for value in (text.strip(), json.dumps(text.strip())):
            row = self._checked(f'{{"value": {value}}}')
            if not row.errors:
                self._take(row)
                return

    def _put(self, at: int, row: AnswerRow) -> None:
        self.rows[at : at + 1] = [row]
        self.changed.append(at)

    def _apply(self) -> None:
        """Replace the wrong rows, if a corrected row arrived for each of them, or all rows did again."""
        bad, rows = self._bad, self._corrected
        self._bad, self._corrected = None, []
        if bad and len(rows) == len(self.rows):
            rows = [rows[at] for at in bad]
        if bad and len(rows) == len(bad):
            for at, row in zip(bad, rows, strict=True):
                self._put(at, row)
