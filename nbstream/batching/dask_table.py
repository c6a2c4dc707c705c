"""A DataFrame of Dask as the table of a batch: read partition by partition, extended where it lies."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping, Sequence
from itertools import accumulate, islice
from typing import Any

from nbstream.batching.column import Column
from nbstream.batching.table import PandasTable

__all__ = ["DaskTable"]


class DaskTable:
    """A DataFrame of Dask.

    Its partitions are counted at once, and read again when their rows are sent. If that takes long, use
    `DataFrame.persist` before.

    Parameters
    ----------
    frame
        The DataFrame.
    """

    is_remote = True

    def __init__(self, frame: Any) -> None:
        import dask

        self._frame = frame
        self._empty = PandasTable(frame._meta)  # noqa: SLF001  a DataFrame without rows, as Dask's guide uses it
        self._parts = frame.to_delayed()
        lengths: tuple[int, ...] = dask.compute(*(dask.delayed(len)(part) for part in self._parts))
        self._starts: list[int] = [0, *accumulate(lengths)]
        self.columns = self._empty.columns

    def __len__(self) -> int:
        return self._starts[-1]

    @property
    def engine(self) -> Any:
        """The client that is connected; None if there is none."""
        distributed = sys.modules.get("distributed")
        if distributed is None:
            return None
        try:
            return distributed.default_client()
        except ValueError:
            return None

    def rows(self, first: int = 0, end: int | None = None) -> Iterator[Mapping[str, Any]]:
        """The rows; a partition is computed when its first row is taken."""
        last = len(self) if end is None else min(end, len(self))
        for part, start, stop in zip(self._parts, self._starts, self._starts[1:], strict=False):
            if start < last and first < stop:
                rows = PandasTable(part.compute()).rows()
                yield from islice(rows, max(0, first - start), last - start)

    def labels(self) -> Sequence[Any]:
        """Numbers from 0."""
        return range(len(self))

    def extended(self, added: Sequence[Column]) -> Any:
        """A DataFrame of Dask with more columns."""
        import dask
        import dask.dataframe as dd

        parts = [
            dask.delayed(_extended)(part, [_part(column, start, stop) for column in added])
            for part, start, stop in zip(self._parts, self._starts, self._starts[1:], strict=False)
        ]
        meta = self._empty.extended([Column(column.name, [], column.kind) for column in added])
        return dd.from_delayed(parts, meta=meta, divisions=self._frame.divisions)


def _part(column: Column, start: int, stop: int) -> Column:
    return Column(column.name, column.values[start:stop], column.kind)


def _extended(frame: Any, added: Sequence[Column]) -> Any:
    return PandasTable(frame).extended(added)
