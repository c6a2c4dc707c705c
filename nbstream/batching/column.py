"""A column of answers or figures, in the types of each library of frames."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

__all__ = ["Column", "ColumnKind", "kind_of"]

ColumnKind = Literal["text", "integer", "number", "flag", "other"]


@dataclass(frozen=True, slots=True)
class Column:
    """A column.

    Parameters
    ----------
    name
        Its name.
    values
        Its values; None where there is none.
    kind
        What they are.
    """

    name: str
    values: Sequence[Any]
    kind: ColumnKind

    def as_pandas(self, index: Any) -> Any:
        """The column as a Series of pandas with an index."""
        import pandas as pd

        kinds = {
            "text": pd.Series([""]).dtype,
            "integer": "Int64",
            "number": "float64",
            "flag": "boolean",
            "other": "object",
        }
        return pd.Series(list(self.values), index=index, dtype=kinds[self.kind], name=self.name)

    def as_series(self, library: Any) -> Any:
        """The column as a series of narwhals, backed by a library."""
        import narwhals as nw

        kinds: dict[str, Any] = {
            "text": nw.String,
            "integer": nw.Int64,
            "number": nw.Float64,
            "flag": nw.Boolean,
        }
        values = list(self.values)
        if self.kind in kinds:
            return nw.new_series(self.name, values, kinds[self.kind], backend=library)
        try:
            return nw.new_series(self.name, values, backend=library)
        except Exception:  # values of different types, an error that each library names differently
            texts = [None if value is None else json.dumps(value, default=str) for value in values]
            return nw.new_series(self.name, texts, nw.String, backend=library)


def kind_of(values: Sequence[Any]) -> ColumnKind:
    """What the values of a column are, judged by those that are there.

    Examples
    --------
    >>> kind_of([1, None]), kind_of([1, 2.5]), kind_of([True]), kind_of([[1], "a"]), kind_of([None])
    ('integer', 'number', 'flag', 'other', 'text')
    """
    types = {type(value) for value in values if value is not None}
    if types <= {str}:
        return "text"
    if types == {bool}:
        return "flag"
    if types == {int}:
        return (
            "integer" if all(-(2**63) <= value < 2**63 for value in values if value is not None) else "other"
        )
    return "number" if types <= {int, float} else "other"
