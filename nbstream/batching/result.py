"""The columns that a batch adds to its table."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from nbstream.batching.column import Column, ColumnKind, kind_of
from nbstream.batching.outcome import UNSENT, Outcome
from nbstream.batching.plan import Plan
from nbstream.structured.structure import Structure

__all__ = ["added_columns"]

_FIGURES: Mapping[str, tuple[Callable[[Outcome], Any], ColumnKind]] = {
    "status": (lambda outcome: outcome.status, "text"),
    "finish_reason": (lambda outcome: outcome.finish_reason, "text"),
    "input_tokens": (lambda outcome: outcome.usage and outcome.usage.input, "integer"),
    "output_tokens": (lambda outcome: outcome.usage and outcome.usage.output, "integer"),
    "cost": (lambda outcome: None if outcome.cost is None else float(outcome.cost), "number"),
    "seconds": (lambda outcome: outcome.seconds, "number"),
    "attempts": (lambda outcome: outcome.attempts, "integer"),
    "cached": (lambda outcome: outcome.cached, "flag"),
    "error": (lambda outcome: None if outcome.error is None else str(outcome.error), "text"),
}
_KINDS: dict[str, ColumnKind] = {
    "string": "text",
    "integer": "integer",
    "number": "number",
    "boolean": "flag",
}


def added_columns(plan: Plan, outcomes: Sequence[Outcome | None]) -> list[Column]:
    """The columns of the answers and of their figures, one value for each row."""
    found = [outcome or UNSENT for outcome in outcomes]
    return [*_of_answers(plan, found), *_of_figures(plan, found)]


def _of_answers(plan: Plan, outcomes: Sequence[Outcome]) -> list[Column]:
    schema, names = plan.options.schema, plan.answer_columns
    if schema is None:
        texts = [outcome.text if outcome.answered else None for outcome in outcomes]
        return [Column(names[0], texts, "text")]
    if names == [f"{plan.prefix}answer"]:
        values = [_plain(outcome.value) for outcome in outcomes]
        return [Column(names[0], values, kind_of(values))]
    records = [_fields(outcome.value) for outcome in outcomes]
    return [
        _of_field(name, field, [record.get(field) for record in records], schema)
        for name, field in zip(names, schema.fields, strict=True)
    ]


def _of_field(name: str, field: str, values: list[Any], schema: Structure) -> Column:
    declared = _KINDS.get(str(schema.json_schema["properties"][field].get("type")))
    actual = kind_of(values)
    fits = actual == declared or (actual == "integer" and declared == "number")
    empty = all(value is None for value in values)
    return Column(name, values, declared if declared is not None and (fits or empty) else actual)


def _of_figures(plan: Plan, outcomes: Sequence[Outcome]) -> list[Column]:
    return [
        Column(name, [read(outcome) for outcome in outcomes], kind)
        for name, (read, kind) in zip(plan.figure_columns, _FIGURES.values(), strict=True)
    ]


def _fields(value: Any) -> Mapping[str, Any]:
    plain = _plain(value)
    return plain if isinstance(plain, Mapping) else {}


def _plain(value: Any) -> Any:
    """A validated value in types that tables hold."""
    if hasattr(value, "model_dump"):
        return value.model_dump(mode="json")
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return dataclasses.asdict(value)
    if isinstance(value, list):
        return [_plain(part) for part in value]
    return value
