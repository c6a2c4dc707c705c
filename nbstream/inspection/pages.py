"""Pages of rows for the front end, with a bounded size."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from nbstream.inspection.rows import Row
from nbstream.wire.raw_capture import RawChunk

__all__ = ["PAGE", "SAVED", "Size", "page"]

VERSION = 1
TEXT = 1 << 16
"""Characters that are shown of one text."""


@dataclass(frozen=True, slots=True)
class Size:
    """Maximum size of a page: rows, and approximate characters."""

    rows: int
    characters: int


PAGE = Size(1000, 1 << 20)
SAVED = Size(2000, 1 << 19)


def page(rows: Sequence[Row], start: int, size: Size, clean: Callable[[str], str]) -> dict[str, Any]:
    """Rows and their chunks: at least one row, if there is any."""
    shown: list[dict[str, Any]] = []
    chunks: dict[int, dict[str, Any]] = {}
    room = size.characters
    for row in rows:
        if room <= 0:
            break
        told = {name: _short(value) for name, value in row.as_json(clean).items()}
        room -= _length(told)
        if row.chunk is not None and row.chunk.number not in chunks:
            chunks[row.chunk.number] = _chunk(row.chunk)
            room -= min(len(row.chunk.data), TEXT)
        shown.append(told)
    return {"v": VERSION, "from": start, "rows": shown, "chunks": list(chunks.values())}


def _chunk(chunk: RawChunk) -> dict[str, Any]:
    return {
        "number": chunk.number,
        "at": round(chunk.at, 6),
        "attempt": chunk.attempt,
        "name": chunk.name,
        "id": chunk.id,
        "data": chunk.data[:TEXT],
        "length": len(chunk.data),
    }


def _short(value: object) -> object:
    return f"{value[:TEXT]}… ({len(value):,} characters)" if _too_long(value) else value  # type: ignore[index,arg-type]


def _too_long(value: object) -> bool:
    return isinstance(value, str) and len(value) > TEXT


def _length(told: dict[str, Any]) -> int:
    return 100 + sum(len(value) for value in told.values() if isinstance(value, str))
