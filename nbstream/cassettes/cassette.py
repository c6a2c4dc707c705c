"""A cassette: a file of recorded exchanges, and what is done with it."""

from __future__ import annotations

import threading
from collections import defaultdict
from collections.abc import Callable
from pathlib import Path
from typing import Literal

from nbstream.cassettes.exchange import Exchange, RecordedRequest
from nbstream.cassettes.journal import Journal, read_file
from nbstream.cassettes.lines import Recorded, RecordedRoute
from nbstream.cassettes.miss import miss
from nbstream.cassettes.scrubbing import Scrubber
from nbstream.errors import ArgumentError, FileError

__all__ = ["Cassette", "Mode"]

Mode = Literal["auto", "record", "replay", "off"]
"""Replay what is recorded and record the rest; record everything; replay only; neither."""


class Cassette:
    """One file and the exchanges in it. Thread-safe.

    Parameters
    ----------
    path
        The file.
    mode
        What to do with requests.
    pace
        How fast to replay: 1 as recorded, 4 four times as fast, 0 at once.

    Attributes
    ----------
    recorded, replayed : int
        Number of exchanges so far.

    Raises
    ------
    FileError
        If the file is replayed and does not exist, or cannot be read.

    Examples
    --------
    >>> Cassette(Path("no-such-file.jsonl"), "replay")
    Traceback (most recent call last):
        ...
    nbstream.errors.FileError: There is no recording 'no-such-file.jsonl'. Record it: %chat record \
no-such-file.jsonl, or with nbstream.record('no-such-file.jsonl').
    """

    def __init__(self, path: Path, mode: Mode, pace: float = 1.0) -> None:
        _check_pace(pace)
        self.path, self.mode, self.pace = path.absolute(), mode, pace
        self.recorded = self.replayed = 0
        self.scrub = Scrubber()
        self._name = str(path)
        self._lock = threading.RLock()
        self._journal: Journal | None = None
        self._closing = False
        self._running = 0
        self._content = self._content_at_first()
        self._count = max((exchange.number for exchange in self._content.exchanges), default=0)
        self._waiting: defaultdict[str, list[Exchange]] = defaultdict(list)
        for exchange in self._content.exchanges:
            if mode == "replay" or exchange.ending.how != "lost":
                self._waiting[exchange.request.fingerprint].append(exchange)

    def __repr__(self) -> str:
        return f"Cassette({self._name!r}, {self.mode!r})"

    @property
    def records(self) -> bool:
        """Whether answers are recorded."""
        return self.mode in {"auto", "record"}

    @property
    def replays(self) -> bool:
        """Whether recorded answers are replayed."""
        return self.mode in {"auto", "replay"}

    # --- replaying

    def take(self, request: RecordedRequest) -> Exchange | None:
        """The next recorded exchange of a request; None if it has to be sent.

        Raises
        ------
        CassetteMissError
            If it is not recorded, and must not be sent.
        """
        if not self.replays:
            return None
        with self._lock:
            found = self._next(request)
            if found is not None:
                self.replayed += 1
                return found
        if self.mode == "replay":
            raise miss(request, self._content.exchanges, self._name)
        return None

    def route(self, wanted: str) -> RecordedRoute | None:
        """The endpoint that a model meant while recording, if that is known."""
        return self._content.routes.get(wanted) if self.replays else None

    def verdict(self, key: str) -> dict[str, bool | None] | None:
        """Which checks passed when they were recorded, also if the file is being recorded again."""
        with self._lock:
            content = self._opened().before if self.mode == "record" else self._content
            return content.verdicts.get(key)

    # --- recording

    def note_verdict(self, key: str, passed: dict[str, bool | None]) -> None:
        """Keep which checks passed."""
        with self._lock:
            self._content.verdicts[key] = passed
            journal = self._opened()
            journal.write([journal.writer.verdict(key, passed)])

    def note_route(self, route: RecordedRoute) -> None:
        """Keep which endpoint a model means."""
        with self._lock:
            if self.records and self._content.routes.get(route.wanted) != route:
                self._content.routes[route.wanted] = route
                journal = self._opened()
                journal.write([journal.writer.route(route)])

    def begin(self, request: RecordedRequest) -> Exchange:
        """Write a request that is being sent."""
        with self._lock:
            self._count += 1
            self._running += 1
            self.recorded += 1
            exchange = Exchange(self._count, request)
            journal = self._opened()
            journal.write(journal.writer.request(exchange))
            return exchange

    def write_response(self, exchange: Exchange) -> None:
        """Write status and headers."""
        self._write(lambda journal: journal.writer.response(exchange))

    def write_data(self, exchange: Exchange, pieces: list[str]) -> None:
        """Write chunks."""
        self._write(lambda journal: journal.writer.data(exchange.number, self.scrub.pieces(pieces)))

    def end(self, exchange: Exchange) -> None:
        """Write how an exchange ended."""
        with self._lock:
            self._write(lambda journal: journal.writer.end(exchange))
            self._running -= 1
            if self._closing:
                self.close()

    def close(self) -> None:
        """Close the file and arrange it, now or when the last response has ended."""
        with self._lock:
            self._closing = True
            if self._journal is not None and not self._running:
                self._journal.close(self.scrub)

    def _write(self, line: Callable[[Journal], str]) -> None:
        with self._lock:
            journal = self._opened()
            journal.write([line(journal)])

    def _opened(self) -> Journal:
        if self._journal is None:
            self._journal = Journal(self.path, fresh=self.mode == "record")
        return self._journal

    def _next(self, request: RecordedRequest) -> Exchange | None:
        """The first exchange of the same request that was not replayed, best from the same host."""
        waiting = self._waiting.get(request.fingerprint) or self._masked(request)
        if not waiting:
            return None
        same_host = (exchange for exchange in waiting if exchange.request.host == request.host)
        found = next(same_host, waiting[0])
        waiting.remove(found)
        return found

    def _masked(self, request: RecordedRequest) -> list[Exchange]:
        """Exchanges whose request has a mask where this one has a secret that is not known here."""
        for waiting in self._waiting.values():
            if waiting and waiting[0].request.accepts(request):
                return waiting
        return []

    def _content_at_first(self) -> Recorded:
        if self.path.exists() and self.mode != "record":
            return read_file(self.path)
        if self.mode == "replay":
            raise FileError(
                f"There is no recording {self._name!r}.",
                advice=f"Record it: %chat record {self._name}, or with nbstream.record({self._name!r}).",
            )
        return Recorded()


def _check_pace(pace: object) -> None:
    if isinstance(pace, bool) or not isinstance(pace, int | float) or not 0 <= pace < float("inf"):
        raise ArgumentError(
            f"pace is {pace!r}, which is not a speed.",
            advice="1 replays as recorded, 4 four times as fast, 0 at once.",
        )
