"""Keeps what is received of one response, with its times: for both transports, without any network."""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

from nbstream.cassettes.cassette import Cassette
from nbstream.cassettes.exchange import Ending, How, RecordedRequest
from nbstream.cassettes.failures import links_of

__all__ = ["Taking"]

_KEPT_HEADERS = frozenset(
    {
        *("content-type", "location", "openai-model", "openai-processing-ms", "openai-version", "request-id"),
        *("retry-after", "retry-after-ms", "x-request-id", "x-should-retry"),
    }
)
_KEPT_PREFIX = "x-ratelimit-"
_EVENT = re.compile(rb".*?(?:\n\n|\r\r|\r\n\r\n)|.+", re.DOTALL)
"""A server-sent event with the blank line that ends it, or what is left of the bytes."""


class Taking:
    """One exchange that is being recorded.

    Every line is written before the reader gets the chunk, which takes some microseconds.

    Parameters
    ----------
    cassette
        Where it is written.
    request
        The request.
    clock
        Seconds of a clock that only advances.
    """

    def __init__(
        self, cassette: Cassette, request: RecordedRequest, clock: Callable[[], float] = time.perf_counter
    ) -> None:
        self._cassette = cassette
        self._clock = clock
        self._start = clock()
        self._exchange = cassette.begin(request)
        self._unfinished: list[bytes] = []
        self._ended = False

    def head(self, status: int, headers: Mapping[str, str]) -> None:
        """Status and headers were received."""
        self._exchange.head_ms = self._ms()
        self._exchange.status = status
        self._exchange.headers = {
            name.lower(): self._cassette.scrub(_without_date(name.lower(), value))
            for name, value in headers.items()
            if name.lower() in _KEPT_HEADERS or name.lower().startswith(_KEPT_PREFIX)
        }
        if "location" in self._exchange.headers:
            self._exchange.headers["location"] = self._cassette.scrub.url(headers["location"])
        self._cassette.write_response(self._exchange)

    def data(self, chunk: bytes) -> None:
        """Bytes were received. They are written when their last line is complete: a secret may span chunks.

        Events that arrived together become a line each, so that a diff does not depend on the network.
        """
        events = _EVENT.findall(chunk) if self._is_event_stream else [chunk]
        self._exchange.ms += [self._ms(), *[None] * (len(events) - 1)]
        for event in events:
            self._unfinished.append(event)
            if event.endswith((b"\n", b"\r")):
                self._write_unfinished()

    @property
    def _is_event_stream(self) -> bool:
        return self._exchange.headers.get("content-type", "").startswith("text/event-stream")

    def end(self, how: How, *, phase: str = "", error: BaseException | None = None) -> None:
        """The response has ended; a second call does nothing."""
        if self._ended:
            return
        self._ended = True
        self._write_unfinished()
        links = links_of(error, self._cassette.scrub) if error is not None else ()
        self._exchange.ending = Ending(how, self._ms(), phase, links)
        self._cassette.end(self._exchange)

    def _write_unfinished(self) -> None:
        if self._unfinished:
            # What is not UTF-8 becomes surrogates, also half of a character.
            texts = [chunk.decode("utf-8", "surrogateescape") for chunk in self._unfinished]
            self._unfinished = []
            self._cassette.write_data(self._exchange, texts)

    def _ms(self) -> int:
        return round((self._clock() - self._start) * 1000)


def _without_date(name: str, value: str) -> str:
    """``Retry-After`` as seconds: a date would be over when it is replayed."""
    if name != "retry-after" or value.strip().replace(".", "", 1).isdigit():
        return value
    try:
        moment = parsedate_to_datetime(value)
    except ValueError:
        return value
    moment = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    return str(max(0, round((moment - datetime.now(UTC)).total_seconds())))
