"""A comparison as JSON for its page: `js/core/grid-protocol.ts` describes it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from nbstream.comparison.grid.cell import Cell
from nbstream.comparison.grid.changes import Changes
from nbstream.comparison.grid.plan import Plan
from nbstream.comparison.grid.rows import Row
from nbstream.comparison.grid.summary import Standing, Summary
from nbstream.comparison.grid.variant import Variant
from nbstream.comparison.statistics import Interval
from nbstream.types.params import KNOWN_PARAMS

__all__ = ["VERSION", "changed_outcomes", "details", "figures", "head", "layout", "steps"]

VERSION = 1
_FIELD_CHARS = 200
_OUTCOMES = {"pass": "p", "fail": "f", "error": "e"}


def layout(plan: Plan) -> dict[str, Any]:
    """Columns, rows and checks: all that does not change while answers stream."""
    return {
        "variants": [_variant(variant) for variant in plan.variants],
        "shared": _shared(plan),
        "rows": [_row(row) for row in plan.rows],
        "n": plan.n,
        "checks": plan.names,
    }


def head(cell: Cell, checks: Iterable[str]) -> list[Any]:
    """Status, seconds to the first token, tokens/s, output tokens, US dollars, characters, checks, rating.

    An array, because a grid can have a thousand: the outcomes of checks are one character each.
    """
    reply = cell.reply
    status, outcomes, rating = steps(cell, checks)
    timings = reply.timings if reply is not None else None
    usage = reply.usage if reply is not None else None
    return [
        status,
        _rounded(timings.ttft if timings else None),
        _rounded(timings.tokens_per_second if timings else None),
        usage.output if usage else None,
        float(usage.cost) if usage and usage.cost is not None else None,
        len(cell.text),
        outcomes,
        rating,
    ]


def steps(cell: Cell, checks: Iterable[str]) -> tuple[str, str, int]:
    """Status, checks and rating: what changes in steps, and is cheap to compute."""
    outcomes = "".join(_outcome(cell, name) for name in checks)
    return cell.status, outcomes, 0 if cell.rating is None else 1 if cell.rating else -1


def details(cell: Cell) -> dict[str, Any]:
    """What is only shown for cells in sight: why an answer failed, reasons of checks, the reader's note."""
    reasons = {name: outcome.reason for name, outcome in cell.outcomes.items() if outcome.reason}
    error = cell.error
    return {
        **({"error": str(error)} if error is not None else {}),
        **({"reasons": reasons} if reasons else {}),
        **({"note": cell.note} if cell.note else {}),
    }


def figures(summary: Summary) -> dict[str, Any]:
    """The figures of the columns, and sentences about what is decided."""
    lines = [
        f"{difference.check}: {difference}" if difference.check else str(difference)
        for difference in summary.differences
        if difference.pairs
    ]
    return {
        "columns": [_standing(one) for one in summary.standings],
        "verdicts": [*lines, *([summary.verdict] if summary.verdict else [])],
    }


def changed_outcomes(changes: Changes | None, numbers: Mapping[Cell, int]) -> dict[str, Any]:
    """Prompts and outcomes that differ from an earlier comparison; nothing without one."""
    if changes is None:
        return {}
    return {
        "changes": {
            "prompts": list(changes.prompts),
            "good": [numbers[cell] for cell in changes.good],
            "bad": [numbers[cell] for cell in changes.bad],
            "unchanged": changes.unchanged,
        }
    }


def _variant(variant: Variant) -> dict[str, Any]:
    return {
        "name": variant.name,
        "differing": [[part, str(name)] for part, name in variant.differing.items()],
    }


def _shared(plan: Plan) -> list[list[str]]:
    """The parameters that all variants have, by name; without keys and clients."""
    first = plan.variants[0]
    parts = {"model": first.model, "system": first.system}
    same = {name: value for name, value in parts.items() if name not in first.differing}
    params = {} if "params" in first.differing else dict(first.params)
    given = {name: value for name, value in plan.chat.items() if name in KNOWN_PARAMS - {"tools"}}
    found = {**same, **given, **params}
    return [[name, _short(value)] for name, value in found.items() if value is not None]


def _row(row: Row) -> dict[str, Any]:
    return {
        "label": _short(row.label),
        "fields": [[name, _short(value)] for name, value in row.fields.items()],
    }


def _short(value: object) -> str:
    text = str(value)
    return text if len(text) <= _FIELD_CHARS else text[:_FIELD_CHARS] + "…"


def _outcome(cell: Cell, name: str) -> str:
    outcome = cell.outcomes.get(name)
    return "·" if outcome is None else _OUTCOMES[outcome.status]


def _standing(one: Standing) -> Mapping[str, Any]:
    return {
        "statuses": dict(one.statuses),
        "passed": _interval(one.passed),
        "ttft": _rounded(one.ttft),
        "tokens_per_second": _rounded(one.tokens_per_second),
        "output_tokens": one.output_tokens,
        "cost": one.cost,
    }


def _interval(share: Interval | None) -> list[float] | None:
    """Estimate, low, high and the number of answers."""
    if share is None or not share.n:
        return None
    return [round(share.estimate, 4), round(share.low, 4), round(share.high, 4), share.n]


def _rounded(value: float | None) -> float | None:
    return None if value is None else round(value, 3)
