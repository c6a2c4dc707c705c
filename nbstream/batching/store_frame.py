"""The answers of a store as a DataFrame, or in a Parquet file."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from nbstream._util.pandas import require_pandas
from nbstream.batching.column import Column, ColumnKind
from nbstream.batching.stored_answer import COLUMNS, StoredAnswer
from nbstream.errors import MissingPackageError

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["frame", "write_parquet"]

_KINDS: dict[str, ColumnKind] = {"TEXT": "text", "INTEGER": "integer", "REAL": "number", "BLOB": "text"}


def frame(answers: Iterable[StoredAnswer]) -> pd.DataFrame:
    """One row per answer; the key as hexadecimal, the time with its zone, the price as a number.

    Raises
    ------
    MissingPackageError
        When pandas is not installed.
    """
    require_pandas("Store.to_parquet works with polars or pyarrow as well.")
    import pandas as pd

    columns = _columns(answers)
    found = pd.DataFrame({column.name: column.as_pandas(None) for column in columns})
    found["time"] = pd.to_datetime(found["time"], utc=True, format="ISO8601")
    return found


def write_parquet(answers: Iterable[StoredAnswer], path: Path) -> None:
    """Write answers to a Parquet file.

    Raises
    ------
    MissingPackageError
        When no package is installed that can.
    """
    import narwhals as nw

    library = _library()
    made = [column.as_series(library) for column in _columns(answers)]
    nw.from_dict({series.name: series for series in made}).write_parquet(path)


def _library() -> str:
    from importlib.util import find_spec

    for name in ("pyarrow", "polars"):
        if find_spec(name) is not None:
            return name
    raise MissingPackageError(
        "Parquet needs pyarrow or polars, and neither is installed.", advice="pip install pyarrow"
    )


def _columns(answers: Iterable[StoredAnswer]) -> list[Column]:
    rows = [_plain(answer) for answer in answers]
    kinds = {name: _KINDS[kind.split()[0]] for name, kind in COLUMNS.items()} | {"cost": "number"}
    return [Column(name, [row[name] for row in rows], kind) for name, kind in kinds.items()]


def _plain(answer: StoredAnswer) -> dict[str, Any]:
    cost = None if answer.cost is None else float(answer.cost)
    return answer._asdict() | {"key": answer.key.hex(), "cost": cost}
