"""Replies of the log as a table, in text and in Markdown."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from nbstream.cost.prices import price_text
from nbstream.reply_log.entry import LogEntry
from nbstream.views.inert import visible
from nbstream.views.inert.characters import literal

__all__ = ["markdown_table", "plain_table"]

_PROMPT_CHARS = 60
_HEAD = ("reply", "time", "cell", "chat", "model", "prompt", "tokens", "cost", "seconds", "status", "rating")


def plain_table(entries: Sequence[LogEntry], notes: Sequence[str] = ()) -> str:
    """The table in columns of text."""
    if not entries:
        return "\n".join(notes)
    rows = [_HEAD, *map(_cells, entries)]
    used = [place for place in range(len(_HEAD)) if any(row[place] for row in rows[1:])]
    widths = {place: max(len(row[place]) for row in rows) for place in used}
    lines = ("  ".join(row[place].ljust(widths[place]) for place in used).rstrip() for row in rows)
    return "\n".join([*lines, *notes])


def markdown_table(entries: Sequence[LogEntry], notes: Sequence[str] = ()) -> str:
    """The table as inert Markdown."""
    said = "\n\n".join(map(literal, notes))
    if not entries:
        return said
    rows = [_HEAD, *map(_cells, entries)]
    used = [place for place in range(len(_HEAD)) if any(row[place] for row in rows[1:])]
    lines = [_row(row[place] for place in used) for row in rows]
    rule = f"|{'---|' * len(used)}"
    return "\n".join([lines[0], rule, *lines[1:]]) + (f"\n\n{said}" if said else "")


def _row(cells: Iterable[str]) -> str:
    return f"| {' | '.join(map(literal, cells))} |"


def _cells(entry: LogEntry) -> tuple[str, ...]:
    """The cells of a row; a column that is empty everywhere is left out."""
    counts = (entry.input_tokens, entry.output_tokens)
    tokens = " + ".join("?" if count is None else f"{count:,}" for count in counts)
    note = f" {_short(entry.note)}" if entry.note else ""
    cells = (
        str(entry.number),
        f"{entry.time.astimezone():%Y-%m-%d %H:%M}",
        "" if entry.cell is None else f"[{entry.cell}]",
        entry.chat,
        entry.model or "",
        _short(entry.prompt),
        "" if counts == (None, None) else tokens,
        "" if entry.cost is None else price_text(entry.cost),
        "" if entry.duration is None else f"{entry.duration:.1f}",
        entry.status,
        "" if entry.rating is None else f"{entry.rating:+d}{note}",
    )
    return tuple(visible(cell) for cell in cells)


def _short(text: str) -> str:
    line = " ".join(text.split())
    return line if len(line) <= _PROMPT_CHARS else f"{line[: _PROMPT_CHARS - 1]}…"
