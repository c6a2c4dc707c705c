"""A comparison as logs of Inspect, one per variant."""

from __future__ import annotations

import json
import math
import re
import secrets
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from statistics import mean, stdev
from typing import Any

from nbstream._version import __version__
from nbstream.comparison.checks import Outcome
from nbstream.comparison.exporting.plain import plain
from nbstream.comparison.grid.cell import Cell
from nbstream.comparison.grid.plan import Plan
from nbstream.comparison.grid.variant import Variant
from nbstream.prompts import filled_prompt
from nbstream.types.messages import Message
from nbstream.types.usage import Usage

__all__ = ["inspect_logs"]

_STOP_REASONS = {
    "stop": "stop",
    "length": "max_tokens",
    "tool_calls": "tool_calls",
    "content_filter": "content_filter",
}
_LONGEST_NAME = 60


def inspect_logs(plan: Plan, cells: Sequence[Cell], *, now: datetime) -> Iterator[tuple[str, str]]:
    """The names of the files, and what is in them.

    Parameters
    ----------
    plan
        What is compared.
    cells
        The answers.
    now
        When the logs are written.
    """
    run = secrets.token_hex(8)
    stamp = now.astimezone(UTC).isoformat(timespec="seconds")
    for variant in plan.variants:
        slug = re.sub(r"[^A-Za-z0-9.=-]+", "-", variant.name).strip("-")[:_LONGEST_NAME]
        name = f"{stamp.replace(':', '-')}_{slug}_{run}{variant.index:04d}.json"
        own = [cell for cell in cells if cell.variant is variant]
        log = _log(plan, variant, own, run=run, stamp=stamp)
        yield name, json.dumps(log, ensure_ascii=False, indent=1, allow_nan=False) + "\n"


def _log(plan: Plan, variant: Variant, cells: Sequence[Cell], *, run: str, stamp: str) -> dict[str, Any]:
    answered = [cell for cell in cells if cell.answered]
    errors = [cell for cell in cells if cell.error is not None]
    names = [row.label if isinstance(row.label, int | str) else str(row.label) for row in plan.rows]
    model = _model(variant, cells)
    return {
        "version": 2,
        "status": "error" if errors and len(errors) == len(cells) else "success",
        "eval": {
            "eval_id": f"{run}{variant.index:04d}",
            "run_id": run,
            "task_id": run,
            "created": stamp,
            "task": "nbstream_compare",
            "dataset": {"name": "rows", "samples": len(plan.rows), "sample_ids": names},
            "model": model,
            "config": {"epochs": plan.n},
            "packages": {"nbstream": __version__},
            "metadata": {
                "variant": variant.name,
                **{f"variant_{k}": plain(v) for k, v in variant.params.items()},
            },
        },
        "plan": {"name": "plan", "steps": [{"solver": "nbstream", "params": {}}], "config": {}},
        "results": {
            "total_samples": len(cells),
            "completed_samples": len(answered),
            "scores": [_result(name, answered) for name in plan.names],
        },
        "stats": {"started_at": stamp, "completed_at": stamp, "model_usage": _added(model, cells)},
        **({"error": _error(errors[0])} if errors and len(errors) == len(cells) else {}),
        "samples": [_sample(cell, model) for cell in cells],
    }


def _model(variant: Variant, cells: Sequence[Cell]) -> str:
    found = (cell.reply.model for cell in cells if cell.reply is not None and cell.reply.model)
    return next(found, None) or variant.model or "unknown"


def _result(name: str, cells: Sequence[Cell]) -> dict[str, Any]:
    """The mean over the rows, each of which is the mean of its answers."""
    rows: dict[int, list[float]] = {}
    for cell in cells:
        outcome = cell.outcomes.get(name)
        if outcome is not None and outcome.score is not None:
            rows.setdefault(cell.row.index, []).append(outcome.score)
    means = [mean(scores) for scores in rows.values()]
    figures = {"accuracy": mean(means)} if means else {}
    if len(means) > 1:
        figures["stderr"] = stdev(means) / math.sqrt(len(means))
    return {
        "name": name,
        "scorer": name,
        "scored_samples": len(means),
        "metrics": {metric: {"name": metric, "value": value} for metric, value in figures.items()},
    }


def _sample(cell: Cell, model: str) -> dict[str, Any]:
    reply, fields = cell.reply, cell.row.fields
    messages = _messages(cell)
    label = cell.row.label
    answer = {"role": "assistant", "content": cell.text, "source": "generate", "model": model}
    return {
        "id": label if isinstance(label, int | str) and not isinstance(label, bool) else str(label),
        "epoch": cell.sample + 1,
        "input": messages,
        "target": str(fields.get("expected", "")),
        "messages": [*messages, *([answer] if cell.text else [])],
        **({} if reply is None else {"output": _output(cell, answer, model)}),
        "scores": {
            name: _score(cell, outcome)
            for name, outcome in cell.outcomes.items()
            if outcome.score is not None
        },
        "metadata": {"status": cell.status, "rating": cell.rating, "note": cell.note, **plain(dict(fields))}
        | {
            f"error_{name}": outcome.reason
            for name, outcome in cell.outcomes.items()
            if outcome.status == "error"
        },
        **({} if cell.error is None else {"error": _error(cell)}),
    }


def _messages(cell: Cell) -> list[dict[str, str]]:
    asked = cell.variant.question(cell.row.fields)
    system = [] if cell.variant.system is None else [Message("system", cell.variant.system)]
    filled = filled_prompt(asked)
    if filled is None:
        sent = [*system, Message("user", str(asked))]
    else:
        sent = [*([] if filled.system is not None else system), *filled.messages]
    return [{"role": message.role, "content": str(message.content)} for message in sent]


def _output(cell: Cell, answer: Mapping[str, Any], model: str) -> dict[str, Any]:
    reply = cell.reply
    usage = None if reply is None else reply.usage
    reason = _STOP_REASONS.get((reply.finish_reason if reply is not None else None) or "", "unknown")
    return {
        "model": model,
        "choices": [{"message": answer, "stop_reason": reason}],
        **({} if usage is None else {"usage": _usage(usage)}),
        "time": None if reply is None else reply.timings.duration,
    }


def _score(cell: Cell, outcome: Outcome) -> dict[str, Any]:
    value = {0.0: "I", 1.0: "C"}.get(outcome.score or 0.0, outcome.score)
    votes = {"votes": list(outcome.votes)} if outcome.votes else {}
    return {"value": value, "answer": cell.text, "explanation": outcome.reason or None, "metadata": votes}


def _usage(usage: Usage) -> dict[str, int]:
    given, made = usage.input or 0, usage.output or 0
    return {"input_tokens": given, "output_tokens": made, "total_tokens": given + made}


def _added(model: str, cells: Sequence[Cell]) -> dict[str, Any]:
    usages = [
        _usage(cell.reply.usage) for cell in cells if cell.reply is not None and cell.reply.usage is not None
    ]
    if not usages:
        return {}
    return {model: {name: sum(one[name] for one in usages) for name in usages[0]}}


def _error(cell: Cell) -> dict[str, str]:
    text = str(cell.error)
    return {"message": text, "traceback": text, "traceback_ansi": text}
