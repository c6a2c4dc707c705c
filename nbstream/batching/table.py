"""The table of a batch: its rows, and the same table with the columns of the answers."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import islice
from typing import TYPE_CHECKING, Any, Protocol

from nbstream.batching.column import Column
from nbstream.errors import ArgumentError
from nbstream.prompts.tables import instance_of

if TYPE_CHECKING:
    import narwhals as nw

__all__ = ["RowTable", "table_of"]

_EXAMPLE = 'Use a DataFrame, or dicts: [{"text": "…"}, {"text": "…"}].'


class RowTable(Protocol):
    """A table of one kind."""

    is_remote: bool
    """Whether reading rows takes long enough to do it in a thread."""

    @property
    def columns(self) -> Sequence[str]:
        """Names of the columns."""

    def __len__(self) -> int: ...

    def rows(self, first: int = 0, end: int | None = None) -> Iterator[Mapping[str, Any]]:
        """The rows, one after another: all, or those from `first` to before `end`."""

    def labels(self) -> Sequence[Any]:
        """How its owner finds a row: the index of pandas, else the number of the row."""

    def extended(self, added: Sequence[Column]) -> Any:
        """A new table of the same kind with more columns."""


def table_of(given: object) -> RowTable:
    """The rows of a table: a frame that narwhals knows, or dicts.

    Raises
    ------
    ArgumentError
        When it has no rows with names of columns.

    Examples
    --------
    >>> table = table_of([{"city": "Oslo"}, {"city": "Rome", "big": True}])
    >>> table.columns, len(table), table.extended([Column("answer", ["no", "yes"], "text")])[1]
    (['city', 'big'], 2, {'city': 'Rome', 'big': True, 'answer': 'yes'})
    """
    if isinstance(given, str | bytes | Mapping):
        raise _not_rows(given)
    if isinstance(given, list | tuple):
        return RecordTable(given)
    if instance_of(given, "pandas", "DataFrame"):
        return PandasTable(given)
    if instance_of(given, "dask.dataframe", "DataFrame"):
        from nbstream.batching.dask_table import DaskTable  # imports this module

        return DaskTable(given)
    import narwhals as nw

    frame = nw.from_native(given, pass_through=True)
    if isinstance(frame, nw.LazyFrame):
        return _of_lazy(given, frame)
    if isinstance(frame, nw.DataFrame):
        return FrameTable(frame)
    if instance_of(given, "pandas", "Series") or instance_of(given, "polars", "Series"):
        raise ArgumentError("A batch takes a table, not a Series.", advice="Use series.to_frame(name).")
    if not isinstance(given, Iterable):
        raise _not_rows(given)
    return RecordTable(list(given))


class RecordTable:
    """Dicts, or objects with fields.

    Parameters
    ----------
    records
        The rows.
    """

    is_remote = False

    def __init__(self, records: Sequence[Any]) -> None:
        self._records = [_record(value) for value in records]
        self.columns = list(dict.fromkeys(str(name) for record in self._records for name in record))

    def __len__(self) -> int:
        return len(self._records)

    def rows(self, first: int = 0, end: int | None = None) -> Iterator[Mapping[str, Any]]:
        """The rows; a dict without a column has None there."""
        for record in islice(self._records, first, end):
            yield {name: record.get(name) for name in self.columns}

    def labels(self) -> Sequence[Any]:
        """Numbers from 0."""
        return range(len(self))

    def extended(self, added: Sequence[Column]) -> list[dict[str, Any]]:
        """New dicts with more fields."""
        return [
            {**record, **{column.name: column.values[at] for column in added}}
            for at, record in enumerate(self._records)
        ]


class PandasTable:
    """A DataFrame of pandas.

    Parameters
    ----------
    frame
        The DataFrame.
    """

    is_remote = False

    def __init__(self, frame: Any) -> None:
        self._frame = frame
        self.columns = [str(name) for name in frame.columns]
        _check_unique(self.columns)

    def __len__(self) -> int:
        return len(self._frame)

    def rows(self, first: int = 0, end: int | None = None) -> Iterator[Mapping[str, Any]]:
        """The rows, with Python values."""
        for values in self._frame.iloc[first:end].itertuples(index=False, name=None):
            yield dict(zip(self.columns, values, strict=True))

    def labels(self) -> Sequence[Any]:
        """The labels of the index, which may occur more than once."""
        return self._frame.index  # type: ignore[no-any-return]

    def extended(self, added: Sequence[Column]) -> Any:
        """A copy with more columns and the same index."""
        found = self._frame.copy()
        for column in added:
            found[column.name] = column.as_pandas(self._frame.index)
        return found


class FrameTable:
    """A frame of another library, by narwhals.

    Parameters
    ----------
    frame
        The frame of narwhals.
    lazy
        Whether the given frame was lazy, so that the result is.
    """

    is_remote = False

    def __init__(self, frame: nw.DataFrame[Any], *, lazy: bool = False) -> None:
        self._frame = frame
        self._lazy = lazy
        self.columns = list(frame.columns)

    def __len__(self) -> int:
        return len(self._frame)

    def rows(self, first: int = 0, end: int | None = None) -> Iterator[Mapping[str, Any]]:
        """The rows."""
        return self._frame[first:end].iter_rows(named=True)

    def labels(self) -> Sequence[Any]:
        """Numbers from 0."""
        return range(len(self))

    def extended(self, added: Sequence[Column]) -> Any:
        """A new frame with more columns."""
        made = [column.as_series(self._frame.implementation) for column in added]
        found = self._frame.with_columns(*made)
        return found.lazy().to_native() if self._lazy else found.to_native()


def _of_lazy(given: object, frame: nw.LazyFrame[Any]) -> FrameTable:
    if not frame.implementation.is_polars():
        kind = f"{type(given).__module__.partition('.')[0]}.{type(given).__name__}"
        raise ArgumentError(f"A batch cannot read a {kind} row by row.", advice="Collect it first.")
    return FrameTable(frame.collect(), lazy=True)


def _record(value: Any) -> Mapping[Any, Any]:
    if isinstance(value, Mapping):
        return {str(name): part for name, part in value.items()}
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return {field.name: getattr(value, field.name) for field in dataclasses.fields(value)}
    raise _not_rows(value)


def _check_unique(columns: Sequence[str]) -> None:
    twice = sorted({name for name in columns if columns.count(name) > 1})
    if twice:
        names = ", ".join(map(repr, twice))
        raise ArgumentError(f"The table has several columns named {names}.", advice="Rename them first.")


def _not_rows(value: object) -> ArgumentError:
    return ArgumentError(
        f"A batch takes rows with named columns, not {type(value).__name__}.", advice=_EXAMPLE
    )
