"""Tables as Markdown. pandas, polars and numpy are recognized without importing them."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

__all__ = ["Table", "instance_of", "table_of"]

COLUMNS = 50


@dataclass(frozen=True, slots=True)
class Table:
    """The first rows of a table.

    Parameters
    ----------
    head
        The names of the columns.
    rows
        The rows that are shown.
    total_rows, total_columns
        Size of the whole table.
    """

    head: Sequence[object]
    rows: Sequence[Sequence[object]]
    total_rows: int
    total_columns: int

    @property
    def note(self) -> str:
        """What is not shown; empty if all is shown."""
        notes = []
        if len(self.rows) < self.total_rows:
            notes.append(f"{len(self.rows):,} of {self.total_rows:,} rows")
        if self.total_columns > COLUMNS:
            notes.append(f"{COLUMNS} of {self.total_columns:,} columns")
        return ", ".join(notes)

    def markdown(self) -> str:
        r"""The table in the syntax of GitHub.

        Examples
        --------
        >>> print(Table(["name", "age"], [["A|B", 36]], 1, 2).markdown())
        | name | age |
        | --- | --- |
        | A\|B | 36 |
        """
        lines = [_line(self.head), _line(["---"] * len(self.head)), *map(_line, self.rows)]
        return "\n".join(lines)


def instance_of(value: object, module: str, *names: str) -> bool:
    """Whether a value is of a class of a module, which is not imported for that.

    Examples
    --------
    >>> instance_of([], "builtins", "list"), instance_of([], "polars", "DataFrame")
    (True, False)
    """
    loaded = sys.modules.get(module)
    found = (getattr(loaded, name, None) for name in names)
    classes = tuple(kind for kind in found if isinstance(kind, type))
    return isinstance(value, classes)


def table_of(value: Any, rows: int) -> Table | None:
    """The first rows of a data frame or series; None for any other value."""
    if instance_of(value, "pandas", "Series"):
        name = "value" if value.name is None else value.name
        return _of_pandas(value.to_frame(name), rows)
    if instance_of(value, "pandas", "DataFrame"):
        return _of_pandas(value, rows)
    if instance_of(value, "polars", "Series"):
        value = value.to_frame()
    if instance_of(value, "polars", "DataFrame"):
        shown = value[:, :COLUMNS]
        return Table(shown.columns, shown.head(rows).rows(), value.height, value.width)
    return None


def _of_pandas(frame: Any, rows: int) -> Table:
    """The table with its index, unless that only numbers the rows."""
    shown = frame.iloc[:rows, :COLUMNS]
    columns, size = list(shown.columns), (len(frame), len(frame.columns))
    if _only_numbers(frame.index):
        return Table(columns, list(shown.itertuples(index=False, name=None)), *size)
    names = " / ".join("" if name is None else str(name) for name in frame.index.names)
    return Table([names, *columns], list(shown.itertuples(index=True, name=None)), *size)


def _only_numbers(index: Any) -> bool:
    return instance_of(index, "pandas", "RangeIndex") and (index.start, index.step) == (0, 1)


def _line(cells: Iterable[object]) -> str:
    return "| " + " | ".join(map(_cell, cells)) + " |"


def _cell(value: object) -> str:
    text = " / ".join(map(str, value)) if isinstance(value, tuple) else str(value)
    return "<br>".join(text.replace("\\", "\\\\").replace("|", "\\|").splitlines())
