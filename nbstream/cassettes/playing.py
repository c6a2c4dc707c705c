"""Replays one exchange: what happens when, for both transports."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Protocol

import httpx2

from nbstream.cassettes.exchange import Exchange
from nbstream.cassettes.failures import from_links
from nbstream.errors import StreamInterruptedError

__all__ = ["Deadline", "Moment", "Playing"]

_NOT_REPLAYED = frozenset({"content-length", "content-encoding", "transfer-encoding"})


class Deadline(Protocol):
    """The timeouts of whoever reads the response."""

    @property
    def expired(self) -> str | None:
        """The phase whose timeout has ended the wait; None if none has."""

    def expire(self, phase: str) -> bool:
        """End the wait as the timeout of a phase would; False if there is no wait."""


@dataclass(frozen=True, slots=True)
class Moment:
    """A chunk, and when it is due.

    Parameters
    ----------
    due
        On the clock, in seconds.
    data
        The chunk.
    """

    due: float
    data: bytes


class Playing:
    """One exchange that is being replayed.

    Parameters
    ----------
    exchange
        The exchange.
    pace
        How fast; 0 is at once.
    clock
        Seconds of a clock that only advances.
    """

    def __init__(
        self, exchange: Exchange, pace: float, clock: Callable[[], float] = time.perf_counter
    ) -> None:
        self._exchange = exchange
        self._pace = pace
        self._start = clock()

    @property
    def answered(self) -> bool:
        """Whether status and headers were received."""
        return self._exchange.status != 0

    @property
    def head_due(self) -> float:
        """When status and headers are due."""
        return self._due(self._exchange.head_ms)

    @property
    def end_due(self) -> float:
        """When the response ends."""
        return self._due(self._exchange.ending.ms or 0)

    @property
    def stalls(self) -> str | None:
        """What its reader waited for when nothing more was received; None if it ended otherwise."""
        ending = self._exchange.ending
        return ending.phase or "idle" if ending.how == "timeout" else None

    @property
    def was_left(self) -> bool:
        """Whether the reader wanted no more, as when an answer was stopped."""
        return self._exchange.ending.how == "closed"

    def response(self, stream: httpx2.AsyncByteStream | httpx2.SyncByteStream) -> httpx2.Response:
        """Status and headers, with a body."""
        headers = {name: value for name, value in self._exchange.headers.items() if name not in _NOT_REPLAYED}
        return httpx2.Response(
            self._exchange.status, headers=headers, stream=stream, extensions={"http_version": b"HTTP/1.1"}
        )

    def moments(self) -> Iterator[Moment]:
        """What was received together, in order. Times that were not written count as the time of the head."""
        exchange = self._exchange
        unknown = [exchange.head_ms] * (len(exchange.pieces) - len(exchange.ms))
        ms, pieces = exchange.head_ms, ""
        for received, piece in zip([*exchange.ms, *unknown], exchange.pieces, strict=False):
            if received is not None:
                if pieces:
                    yield self._moment(ms, pieces)
                ms, pieces = received, ""
            pieces += piece
        if pieces:
            yield self._moment(ms, pieces)

    def _moment(self, ms: int, pieces: str) -> Moment:
        return Moment(self._due(ms), pieces.encode("utf-8", "surrogateescape"))

    def failure(self) -> Exception | None:
        """What the end of the response raises."""
        match self._exchange.ending.how:
            case "error":
                return from_links(self._exchange.ending.error)
            case "timeout":
                return httpx2.ReadTimeout("The recording has no more: its reader waited in vain.")
            case "closed":
                return StreamInterruptedError("The recording ends here, because the answer was stopped.")
            case "lost":
                return StreamInterruptedError("The recording ends here: it was interrupted.")
            case _:
                return None

    def _due(self, ms: int) -> float:
        return self._start + ms / 1000 / self._pace if self._pace else self._start
