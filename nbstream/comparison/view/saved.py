"""The output that a notebook saves of a comparison: Markdown, and JSON that the extension draws.

What varies from run to run, such as speeds and ids, is in the metadata of the output: programs that compare
outputs (nbval) do not compare it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

from nbstream.comparison.grid.cell import Cell
from nbstream.comparison.grid.markdown import markdown
from nbstream.comparison.view.grid import Grid
from nbstream.comparison.view.snapshot import VERSION, changed_outcomes, details, figures, layout
from nbstream.views.text_lines import split

__all__ = ["COMPARISON_MIMETYPE", "bundle"]

COMPARISON_MIMETYPE = "application/vnd.nbstream.comparison+json"
MOST_CHARS = 2_000_000
UNFINISHED = "Unfinished: this comparison was saved before it was complete."
_OUTCOMES = {"pass": "p", "fail": "f", "error": "e"}
_LIVE = {"waiting", "submitted", "streaming"}


def bundle(grid: Grid, written: int = 0) -> tuple[dict[str, Any], dict[str, Any]]:
    """Data and metadata of the saved output.

    Parameters
    ----------
    grid
        The comparison. One that has not ended is marked as unfinished.
    written
        How often the output of the ended comparison was written.
    """
    summary = grid.summary()
    remark = "" if grid.done else UNFINISHED
    baseline = grid.plan.baseline
    numbers = {cell: number for number, cell in enumerate(grid.cells)}
    saved = {
        "v": VERSION,
        **({"unfinished": "saved"} if remark else {}),
        **layout(grid.plan),
        "baseline": baseline.index if baseline is not None else 0,
        "verdicts": figures(summary)["verdicts"],
        **changed_outcomes(grid.changes_since(), numbers),
        **_cells(grid.cells, grid.plan.names),
    }
    data = {
        COMPARISON_MIMETYPE: saved,
        "text/markdown": _joined(markdown(summary, grid.cells), remark and f"*{remark}*"),
        "text/plain": _joined(str(summary), remark and f"[{remark}]"),
    }
    columns = [_ended_column(column) for column in figures(summary)["columns"]]
    times = {"written": written} if written else {}
    return data, {"nbstream": {"id": grid.id, **times, "columns": columns, **_run(grid.cells)}}


def _joined(*parts: str) -> str:
    return "\n\n".join(part for part in parts if part)


def _cells(cells: Sequence[Cell], checks: Sequence[str]) -> dict[str, Any]:
    """The answers; of a very large comparison, the last ones without their texts."""
    room, left_out, rows = MOST_CHARS, 0, []
    for cell in cells:
        room -= len(cell.text)
        left_out += room < 0
        rows.append(_cell(cell, checks, whole=room >= 0))
    return {"cells": rows, **({"left_out": left_out} if left_out else {})}


def _cell(cell: Cell, checks: Sequence[str], *, whole: bool) -> dict[str, Any]:
    """An answer; an empty value, or one that is finished, is left out."""
    outcomes = [cell.outcomes.get(name) for name in checks]
    rating = 0 if cell.rating is None else 1 if cell.rating else -1
    values: dict[str, Any] = {
        "status": "" if cell.status == "finished" else _ended(cell),
        "text": split(cell.text) if whole else None,
        "chars": 0 if whole else len(cell.text),
        "checks": "".join("·" if one is None else _OUTCOMES[one.status] for one in outcomes),
        "rating": rating,
        **details(cell),
    }
    return {name: value for name, value in values.items() if value}


def _ended(cell: Cell) -> str:
    """A status as of a notebook in which nothing streams any more."""
    return "stopped" if cell.status in _LIVE else cell.status


def _ended_column(column: Mapping[str, Any]) -> Mapping[str, Any]:
    statuses: Counter[str] = Counter()
    for status, count in column["statuses"].items():
        statuses["stopped" if status in _LIVE else status] += count
    return {**column, "statuses": dict(statuses)}


def _run(cells: Sequence[Cell]) -> Mapping[str, Any]:
    """What varies from run to run, as one list per figure."""
    rows = [_figures(cell) for cell in cells]
    return {name: [row.get(name) for row in rows] for name in rows[0]}


def _figures(cell: Cell) -> Mapping[str, Any]:
    reply = cell.reply
    if reply is None:
        return dict.fromkeys(("ids", "models", "ttft", "tokens_per_second", "output_tokens", "cost"))
    usage, timings = reply.usage, reply.timings.as_dict()
    return {
        "ids": reply.state.id,
        "models": reply.state.model,
        "ttft": timings["ttft"],
        "tokens_per_second": timings["tokens_per_second"],
        "output_tokens": usage.output if usage else None,
        "cost": float(usage.cost) if usage and usage.cost is not None else None,
    }
