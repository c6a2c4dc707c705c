"""The rows of an answer as a pandas DataFrame."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from nbstream._util.pandas import require_pandas
from nbstream.structured.answer import StructuredAnswer

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["frame"]


def frame(answer: StructuredAnswer) -> pd.DataFrame:
    """One row per valid row, indexed by its place in the answer; one row for an object.

    Raises
    ------
    MissingPackageError
        If pandas is not installed.
    """
    require_pandas("reply.rows holds the rows.")
    import pandas as pd

    kept = [(at, row.value) for at, row in enumerate(answer.rows) if not row.errors]
    records = [_record(value) for _, value in kept]
    columns = (
        None
        if any(record.keys() - set(answer.structure.fields) for record in records)
        else answer.structure.fields
    )
    return pd.DataFrame.from_records(records, index=[at for at, _ in kept], columns=columns or None)


def _record(value: Any) -> dict[str, Any]:
    """The fields of a row by name; ``value`` for a row that has none."""
    import dataclasses

    if isinstance(value, dict):
        return value
    if hasattr(value, "model_dump"):
        dumped: dict[str, Any] = value.model_dump()
        return dumped
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return dataclasses.asdict(value)
    return {"value": value}
