"""The log of a reply, each event with its raw chunk."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from nbstream.recording.log import EventLog
from nbstream.types.event_json import to_json, type_name
from nbstream.types.events import (
    Failed,
    Finished,
    ReasoningDelta,
    RefusalDelta,
    Retrying,
    StreamEvent,
    TextDelta,
    ToolCallDelta,
)
from nbstream.wire.raw_capture import RawCapture, RawCaptureReader, RawChunk

__all__ = ["EventRows", "Row", "is_delta"]

_DELTAS = (TextDelta, ReasoningDelta, RefusalDelta, ToolCallDelta)
CHUNK = "chunk"
"""Type of a row for a chunk of which no event came, such as ``[DONE]``."""


@dataclass(frozen=True, slots=True)
class Row:
    """One event, or one chunk without an event.

    Parameters
    ----------
    at
        Seconds since the request.
    event
        The event; None for a chunk without an event.
    chunk
        The raw chunk; None if the event did not come from the server, or the chunk was not kept.
    gap
        Seconds since the previous delta, for deltas of the shown answer.
    """

    at: float
    event: StreamEvent | None
    chunk: RawChunk | None
    gap: float | None = None

    @property
    def type(self) -> str:
        """Type of the event in snake case; ``"chunk"`` for a chunk without an event."""
        return CHUNK if self.event is None else type_name(type(self.event))

    def as_json(self, clean: Callable[[str], str]) -> dict[str, Any]:
        """The row as a JSON object, without the text of its chunk; `clean` removes secrets."""
        said = {"type": CHUNK, "at": self.at} if self.event is None else to_json(self.event)
        said = {name: _cleaned(value, clean) for name, value in said.items()}
        said["at"] = round(self.at, 6)
        return said | {
            "gap": None if self.gap is None else round(self.gap, 6),
            "chunk": None if self.chunk is None else self.chunk.number,
        }


class EventRows:
    """The rows of one reply, created on demand.

    Parameters
    ----------
    events
        The log, which may still grow.
    capture
        The raw response.
    ended
        Returns whether the log has ended.
    """

    def __init__(self, events: EventLog, capture: RawCapture, ended: Callable[[], bool]) -> None:
        self._events = events
        self._reader = RawCaptureReader(capture)
        self._ended = ended
        self._rows: list[Row] = []
        self._place = 0
        self._waiting: deque[RawChunk] = deque()
        self._placed: RawChunk | None = None
        self._end: RawChunk | None = None
        self._last_delta: float | None = None
        self._lock = threading.Lock()

    @property
    def complete(self) -> bool:
        """Whether all rows have been created."""
        return self._ended() and self._place == len(self._events) and not self._waiting

    def read(self, start: int = 0, count: int | None = None) -> list[Row]:
        """At most `count` rows from row `start` on, or all."""
        wanted = None if count is None else start + count
        with self._lock:
            for event in self._events.walk(self._place):
                if wanted is not None and len(self._rows) >= wanted:
                    break
                self._take(event)
                self._place += 1
            if self._ended() and self._place == len(self._events):
                self._waiting.extend(self._reader.rest())
                self._pass_over(len(self._waiting))
        return self._rows[start:wanted]

    def _take(self, event: StreamEvent) -> None:
        self._waiting.extend(self._reader.until(event.at))
        gap = self._gap(event)
        self._rows.append(Row(event.at, event, self._chunk_of(event), gap))

    def _chunk_of(self, event: StreamEvent) -> RawChunk | None:
        """The first unassigned chunk of the event's time that produces such an event.

        The log does not match the chunks exactly: a continued answer has joined or dropped pieces. Time
        and type are enough to match them.
        """
        if isinstance(event, Finished | Failed):  # reported later than its chunk
            self._pass_over(sum(chunk.at < event.at for chunk in self._waiting))
            if self._end is not None:
                return self._end
        elif isinstance(event, Retrying):
            self._end = None
        name = type(event).__name__
        for place, chunk in enumerate(self._waiting):
            if chunk.at == event.at and (chunk.makes is None or name in chunk.makes):
                self._pass_over(place)
                if chunk.makes is not None:
                    chunk.makes.remove(name)
                self._placed = chunk
                return chunk
        self._pass_over(sum(chunk.at < event.at for chunk in self._waiting))
        return None

    def _pass_over(self, count: int) -> None:
        """Consume pending chunks; a chunk that produced no event gets its own row."""
        for _ in range(count):
            chunk = self._waiting.popleft()
            if chunk.ends:
                self._end = chunk
            if chunk is not self._placed:
                self._rows.append(Row(chunk.at, None, chunk))

    def _gap(self, event: StreamEvent) -> float | None:
        if not is_delta(event):
            return None
        gap = None if self._last_delta is None else event.at - self._last_delta
        self._last_delta = event.at
        return gap


def is_delta(event: StreamEvent) -> bool:
    """Whether it is a delta of the shown answer."""
    return isinstance(event, _DELTAS) and not event.choice


def _cleaned(value: object, clean: Callable[[str], str]) -> object:
    if isinstance(value, str):
        return clean(value)
    if isinstance(value, dict):
        return {name: _cleaned(part, clean) for name, part in value.items()}
    return value
