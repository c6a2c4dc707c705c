"""Tables as Markdown, with a limit of rows that is stated."""

from __future__ import annotations

import csv
import io
import itertools
import sys
from collections.abc import Iterable, Sequence
from typing import Any

from nbstream.errors import DamagedFileError, MissingPackageError

__all__ = ["markdown_table", "of_delimited", "of_frame", "of_parquet"]

MOST_ROWS = 100
_CELL_CHARS = 500
_FIELD_CHARS = 10_000_000
"""Python's own limit of 131,072 characters would refuse files with long texts."""


def of_delimited(text: str, separator: str, name: str) -> tuple[str, str, str]:
    r"""A CSV or TSV file as Markdown, with the language of its fence and a note about its rows.

    Raises
    ------
    DamagedFileError
        If it cannot be read as a table.

    Examples
    --------
    >>> print(of_delimited("city,people\nOslo,717710", ",", "cities.csv")[0])
    | city | people |
    | --- | --- |
    | Oslo | 717710 |
    """
    separator = ";" if separator == "," and _is_by_semicolons(text) else separator
    before = csv.field_size_limit(_FIELD_CHARS)
    try:
        rows = csv.reader(io.StringIO(text, newline=""), delimiter=separator)
        header = next(rows, [])
        shown = list(itertools.islice(rows, MOST_ROWS))
        count = len(shown) + sum(1 for _ in rows)
    except csv.Error as error:
        raise DamagedFileError(
            f"{name} is not a valid table: {error}.", advice="Read it with pandas, and send the DataFrame."
        ) from None
    finally:
        csv.field_size_limit(before)
    return markdown_table(header, shown), "markdown", _rows_note(len(shown), count)


def of_parquet(data: bytes, name: str) -> tuple[str, str, str]:
    """A Parquet file as Markdown, like `of_delimited`.

    Raises
    ------
    ConfigError
        If no package that reads Parquet is installed, or the file is damaged.
    """
    for read in (_by_pandas, _by_polars):
        try:
            frame = read(data)
        except ImportError:
            continue
        except Exception as error:
            raise DamagedFileError(f"{name} is not a Parquet file.", advice="Check the file.") from error
        return of_frame(frame)
    raise MissingPackageError(
        f"{name}: reading Parquet needs polars, or pandas and pyarrow.",
        advice="Install it: %pip install polars",
    )


def _by_pandas(data: bytes) -> Any:
    import pandas as pd

    return pd.read_parquet(io.BytesIO(data))


def _by_polars(data: bytes) -> Any:
    import polars as pl

    return pl.read_parquet(io.BytesIO(data))


def is_frame(value: object) -> bool:
    """Whether a value is a DataFrame or Series of pandas or polars."""
    modules = [sys.modules.get(module) for module in ("pandas", "polars")]
    kinds = [getattr(module, kind, None) for module in modules for kind in ("DataFrame", "Series")]
    return isinstance(value, tuple(kind for kind in kinds if isinstance(kind, type)))


def of_frame(frame: Any) -> tuple[str, str, str]:
    """A DataFrame or Series as Markdown, like `of_delimited`."""
    frame = frame.to_frame() if hasattr(frame, "to_frame") else frame
    count = len(frame)
    first = frame.head(MOST_ROWS)
    if hasattr(first, "itertuples"):
        index = first.index
        named = type(index).__name__ != "RangeIndex"
        rows = [list(row) for row in first.itertuples(index=named, name=None)]
        header = [*([index.name or ""] if named else []), *first.columns]
    else:
        header, rows = list(first.columns), [list(row) for row in first.rows()]
    return markdown_table(header, rows), "markdown", _rows_note(min(count, MOST_ROWS), count)


def markdown_table(header: Sequence[object], rows: Iterable[Sequence[object]]) -> str:
    r"""A table whose cells stay on their line.

    Examples
    --------
    >>> print(markdown_table(["a"], [["1|2"]]))
    | a |
    | --- |
    | 1\|2 |
    """
    lines = [header, ["---"] * len(header), *rows]
    return "\n".join(f"| {' | '.join(map(_cell, line))} |" for line in lines)


def _cell(value: object) -> str:
    text = " ".join(str(value).split()).replace("|", "\\|")
    return text if len(text) <= _CELL_CHARS else f"{text[:_CELL_CHARS]}…"


def _is_by_semicolons(text: str) -> bool:
    """Whether a CSV file is of a country where the comma is the decimal separator."""
    first = text.partition("\n")[0]
    return first.count(";") > first.count(",")


def _rows_note(shown: int, count: int) -> str:
    rows = "1 row" if count == 1 else f"{count:,} rows"
    return rows if shown == count else f"first {shown:,} of {rows}"
