"""The log as a pandas DataFrame."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import fields
from typing import TYPE_CHECKING

from nbstream._util.pandas import require_pandas
from nbstream.reply_log.entry import LogEntry

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["frame"]

_TYPES = {
    "cell": "Int64",
    "input_tokens": "Int64",
    "output_tokens": "Int64",
    "cached_tokens": "Int64",
    "ttft": "float64",
    "duration": "float64",
    "tokens_per_second": "float64",
    "cost": "object",
    "rating": "Int64",
}
_NAMES = [field.name for field in fields(LogEntry) if field.name != "saved"]


def frame(entries: Sequence[LogEntry]) -> pd.DataFrame:
    """One row per reply; `LogEntry` describes the columns.

    Raises
    ------
    MissingPackageError
        If pandas is not installed.
    """
    require_pandas("nbstream.log() works without it.")
    import pandas as pd

    rows = [[getattr(entry, name) for name in _NAMES] for entry in entries]
    table = pd.DataFrame(rows, columns=_NAMES, dtype="object").astype(_TYPES)
    table["time"] = pd.to_datetime(table["time"], utc=True)
    return table.set_index("number")
