"""The events of a reply as a pandas DataFrame."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

from nbstream._util.pandas import require_pandas
from nbstream.inspection.rows import Row

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["frame"]

_COLUMNS = {
    "at": "float64",
    "type": "string",
    "text": "string",
    "gap": "float64",
    "chunk": "Int64",
    "attempt": "Int64",
    "raw": "string",
    "details": "object",
}


def frame(rows: Sequence[Row], clean: Callable[[str], str]) -> pd.DataFrame:
    """One row per event; `Inspection.to_frame` describes the columns.

    Raises
    ------
    MissingPackageError
        If pandas is not installed.
    """
    require_pandas("reply.inspect().to_jsonl() works without it.")
    import pandas as pd

    records = [_record(row, clean) for row in rows if row.event is not None]
    return pd.DataFrame.from_records(records, columns=list(_COLUMNS)).astype(_COLUMNS)


def _record(row: Row, clean: Callable[[str], str]) -> dict[str, Any]:
    said, chunk = row.as_json(clean), row.chunk
    record = {name: said.pop(name) for name in ("at", "type", "gap", "chunk")}
    text = said.pop("text", None)
    attempt, raw = (chunk.attempt, chunk.data) if chunk is not None else (None, None)
    return record | {"text": text, "attempt": attempt, "raw": raw, "details": said}
