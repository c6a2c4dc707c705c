"""An inspection as text: a table for terminals, a short report for notebooks without our front end."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from typing import Any

from nbstream.inspection.rows import CHUNK, Row
from nbstream.inspection.summary import Summary
from nbstream.views.inert.characters import referenced, visible

__all__ = ["markdown", "table"]

Clean = Callable[[str], str]

_MARKS = {
    "chunk_skipped": "!",
    "warned": "!",
    "failed": "!",
    "retrying": "~",
    "continued": "~",
    CHUNK: ".",
}
_ENDS = 20
"""Rows that a table shows of its beginning, and of its end."""
_MOST_REMARKABLE = 50
_WIDTHS = (44, 60)


def table(rows: Sequence[Row], summary: Summary, clean: Clean) -> str:
    """The rows in columns, without the middle of a long log, with the figures above."""
    heads = ("", "at", "gap", "event", "what", "raw chunk")
    skipped = max(0, len(rows) - 2 * _ENDS)
    shown = [*rows[:_ENDS], *rows[-_ENDS:]] if skipped else rows
    lines = [heads, *(_cells(row, clean) for row in shown)]
    widths = [max(len(line[column]) for line in lines) for column in range(len(heads))]
    printed = [
        "  ".join(cell.ljust(w) for cell, w in zip(line, widths, strict=True)).rstrip() for line in lines
    ]
    if skipped:
        printed.insert(1 + _ENDS, f"   … {skipped:,} more; .to_frame() and .save(path) have all …")
    return "\n".join([*figures(summary), *printed])


def markdown(rows: Sequence[Row], summary: Summary, clean: Clean) -> str:
    """The figures, and a table of the problems."""
    lines = [f"**Stream inspector**: {line}" if not n else line for n, line in enumerate(figures(summary))]
    marked = [row for row in rows if _MARKS.get(row.type, ".") != "."]
    if marked:
        cells = [map(referenced, _cells(row, clean)[1:5]) for row in marked[:_MOST_REMARKABLE]]
        body = [f"| {' | '.join(row)} |" for row in cells]
        lines.append("\n".join(["| at | gap | event | what |", "|--:|--:|:--|:--|", *body]))
    return "\n\n".join(lines)


def figures(summary: Summary) -> list[str]:
    """The figures in lines of text."""
    told = summary.as_json()
    timings, gaps = told["timings"], told["gaps"]
    facts = [f"{told['events']:,} events", f"{told['bytes']:,} bytes"]
    facts += [f"{name}: {told[name]}" for name in ("skipped", "retries", "reconnects") if told[name]]
    facts += [_seconds(timings["ttft"], "to first token"), _seconds(timings["duration"], "total")]
    if timings["tokens_per_second"] is not None:
        facts.append(f"{timings['tokens_per_second']:,.1f} tokens/s")
    lines = [", ".join(fact for fact in facts if fact)]
    if gaps["count"]:
        percentiles = ", ".join(
            f"{name} {_milliseconds(gaps[name])}" for name in ("p50", "p95", "p99", "longest")
        )
        lines.append(f"gaps between tokens: {percentiles}")
    return [*lines, *told["remarks"]]


def _cells(row: Row, clean: Clean) -> tuple[str, ...]:
    said = row.as_json(clean)
    gap = "" if row.gap is None else f"{row.gap:.3f}"
    raw = "" if row.chunk is None else _cut(_telling(row.chunk.data), _WIDTHS[1])
    return _MARKS.get(row.type, ""), f"{row.at:.3f}", gap, row.type, _cut(_what(said), _WIDTHS[0]), raw


def _what(said: dict[str, Any]) -> str:
    """An event in one line."""
    if "text" in said:
        return json.dumps(said["text"], ensure_ascii=False)
    left_out = {"type", "at", "gap", "chunk", "choice", "raw"}
    told = {
        name: value for name, value in said.items() if name not in left_out and value not in (None, "", False)
    }
    return ", ".join(f"{name} {_value(value)}" for name, value in told.items())


def _value(value: object) -> str:
    if isinstance(value, dict):
        return " ".join(f"{name} {part}" for name, part in value.items() if part is not None)
    return str(value)


def _telling(data: str) -> str:
    """The delta of a chunk."""
    place = data.find('"delta"', 0, 2000)
    return data if place < 1 else f"…{data[place:]}"


def _cut(text: str, width: int) -> str:
    line = " ".join(visible(text[: 4 * width]).split())
    return line if len(line) <= width else f"{line[: width - 1]}…"


def _seconds(value: float | None, what: str) -> str:
    return "" if value is None else f"{value:.2f} s {what}"


def _milliseconds(value: float) -> str:
    return f"{value * 1000:.2f} ms" if value < 0.01 else f"{value * 1000:.0f} ms"
