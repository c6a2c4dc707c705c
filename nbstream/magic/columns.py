"""The columns of a table for ``--over``, as far as they are known without work."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import islice
from typing import Any

from nbstream.prompts.tables import instance_of

__all__ = ["ROW", "columns_of"]

ROW = "row"
"""The name of the whole row in the prompt of a batch."""

_FRAMES = (
    *(("pandas", "DataFrame"), ("polars", "DataFrame"), ("pyarrow", "Table")),
    *(("duckdb", "DuckDBPyRelation"), ("dask.dataframe", "DataFrame"), ("modin.pandas", "DataFrame")),
)
_FIRST = 100
"""Rows of a list that are read."""


def columns_of(table: object) -> list[str] | None:
    """The names of the columns; None if the value is not a table, or if they would have to be computed.

    Examples
    --------
    >>> columns_of([{"city": "Oslo"}, {"city": "Rome", "big": True}])
    ['city', 'big']
    >>> columns_of("text")
    """
    if isinstance(table, list | tuple):
        return _fields(table[:_FIRST])
    if not any(instance_of(table, *kind) for kind in _FRAMES):
        return None
    value: Any = table
    names = value.column_names if hasattr(value, "column_names") else value.columns
    return [str(name) for name in names]


def _fields(rows: list[Any] | tuple[Any, ...]) -> list[str] | None:
    """The keys of dicts, in the order of their first use; None if a row is something else."""
    if not rows or not all(isinstance(row, Mapping) for row in rows):
        return None
    return list(dict.fromkeys(str(name) for row in rows for name in islice(row, 1000)))
