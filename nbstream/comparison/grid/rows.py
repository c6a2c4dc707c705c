"""The rows of a comparison: records of a table, or dicts."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from nbstream.errors import ArgumentError
from nbstream.prompts.tables import instance_of

__all__ = ["Row", "rows_of"]


@dataclass(frozen=True, slots=True)
class Row:
    """A row that each variant answers.

    Parameters
    ----------
    index
        Its place among the rows.
    label
        Its label in the table that it comes from; else its place.
    fields
        Its values by column.
    """

    index: int
    label: Any
    fields: Mapping[str, Any]


def rows_of(over: object) -> tuple[Row, ...]:
    """The rows of ``over=``.

    Parameters
    ----------
    over
        A DataFrame of pandas or polars, dicts, or dataclasses; None for one row without values.

    Raises
    ------
    ArgumentError
        When there are no rows, or they have no names of columns.

    Examples
    --------
    >>> [row.fields for row in rows_of([{"city": "Oslo"}, {"city": "Rome"}])]
    [{'city': 'Oslo'}, {'city': 'Rome'}]
    """
    if over is None:
        return (Row(0, 0, {}),)
    found = tuple(
        Row(index, label, {str(name): value for name, value in values.items()})
        for index, (label, values) in enumerate(_labelled(over))
    )
    if not found:
        raise ArgumentError("over=… has no rows.")
    return found


def _labelled(over: Any) -> Iterable[tuple[Any, Mapping[Any, Any]]]:
    if instance_of(over, "pandas", "DataFrame"):
        return zip(over.index.tolist(), over.to_dict("records"), strict=True)
    if instance_of(over, "polars", "DataFrame"):
        return enumerate(over.iter_rows(named=True))
    if isinstance(over, str | bytes | Mapping) or not isinstance(over, Iterable):
        raise _not_rows(over)
    return enumerate(map(_record, over))


def _record(value: Any) -> Mapping[Any, Any]:
    if isinstance(value, Mapping):
        return value
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return {field.name: getattr(value, field.name) for field in dataclasses.fields(value)}
    raise _not_rows(value)


def _not_rows(value: object) -> ArgumentError:
    return ArgumentError(
        f"over=… takes rows with names of columns, not {type(value).__name__}.",
        advice='Use a DataFrame, or dicts: over=[{"text": "…"}, {"text": "…"}].',
    )
