"""One request and its answer: from the open connection to the last event."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Mapping
from contextlib import AsyncExitStack, aclosing
from typing import Any, Self

from nbstream.client.api_client import APIClient
from nbstream.client.connection import timed_by
from nbstream.client.deadline_timer import DeadlineError, DeadlineTimer
from nbstream.client.request_policy import RequestPolicy
from nbstream.types.events import ChunkSkipped, Clock, Events, Failed, Opened, Warned
from nbstream.types.request import ChatRequest
from nbstream.wire.problem import printable
from nbstream.wire.response_reader import ResponseReader

__all__ = ["Attempt"]

_NO_PROGRESS = (Warned, ChunkSkipped)
_ID_KEPT = 200


class Attempt:
    """Sends one request and reads its answer. Every failure is a `Failed` event, never an exception.

    An asynchronous context manager: leaving it closes the response, whatever the reason. Not a generator,
    so that whoever reads it needs no separate loop around each read.

    Parameters
    ----------
    api
        Opens the request.
    request
        What to send.
    policy
        How much to take; keeps the raw bytes for the inspector.
    timer
        Ends a wait that takes too long.
    clock
        Returns the seconds since the request was submitted.
    retries
        How often the request was sent before.

    Attributes
    ----------
    over : bool
        Whether the answer has ended, so that nothing is left to read.
    headers : Mapping of str to str
        Of the response, once the answer has begun.
    """

    def __init__(
        self,
        api: APIClient,
        request: ChatRequest,
        policy: RequestPolicy,
        timer: DeadlineTimer,
        clock: Clock,
        *,
        retries: int = 0,
    ) -> None:
        self.over = False
        self.headers: Mapping[str, str] = {}
        self._api = api
        self._request = request
        self._policy = policy
        self._timer = timer
        self._clock = clock
        self._retries = retries
        self._open_resources = AsyncExitStack()
        self._blocks: AsyncGenerator[bytes, None]
        self._reader: ResponseReader | None = None

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._open_resources.aclose()

    @property
    def position(self) -> tuple[str, int] | None:
        """Where the answer can be resumed: its id and last event; None if it cannot be resumed."""
        return self._reader.position if self._reader is not None else None

    async def read(self) -> Events:
        """Send the request; from the second call on, read from its response once.

        The list is empty where the bytes complete no event. The last event of all is `Finished` or `Failed`.
        """
        if self._reader is None:
            return await self._open()
        reader = self._reader
        try:
            with self._timer:
                data = await anext(self._blocks)
        except StopAsyncIteration:
            return self._end(reader)
        except Exception as error:  # of the timer, or of the client's HTTP library
            return self._break_off(reader, error)
        return self._take(reader, data)

    async def _open(self) -> Events:
        if self._policy.sent is not None:
            self._api.note(self._policy.sent, self._request)
        opening = self._api.open(self._request, self._retries, self._policy.timeouts.connect)
        try:
            with timed_by(self._timer), self._timer:
                response = await self._open_resources.enter_async_context(opening)
        except Exception as error:
            self.over = True
            return [Failed(self._clock(), self._api.errors.unanswered(error))]
        http = response.http_response
        self._api.errors.note(http.request)
        if self._policy.sent is not None:
            self._api.note_sent(self._policy.sent, self._request, http.request)
        # httpx closes the response but not this generator, which the garbage collector would close.
        self._blocks = await self._open_resources.enter_async_context(aclosing(http.aiter_bytes()))
        self.headers = response.headers
        self._reader = self._start_reading(response.headers)
        return [Opened(self._clock(), _request_id(response.headers))]

    def _start_reading(self, headers: Mapping[str, str]) -> ResponseReader:
        decoders = self._api.decoders(self._request)
        if self._policy.capture is not None:
            self._policy.capture.begin(decoders, self._api.redact)
        return ResponseReader(
            decoders(),
            self._policy.limits,
            streamed=self._request.stream,
            content_type=headers.get("content-type", ""),
        )

    def _take(self, reader: ResponseReader, data: bytes) -> Events:
        patience, received, at = reader.patience, reader.received, self._clock()
        if self._policy.capture is not None:
            self._policy.capture.write(data, at)
        events = reader.feed(data, at)
        if reader.over:
            return events + self._end(reader)
        if reader.patience is not None:
            # Only a change restarts the wait: comments after a complete answer must not prolong it.
            if reader.patience != patience:
                self._timer.expect_end(reader.patience)
                if self._policy.capture is not None:
                    self._policy.capture.expect_end()
        elif reader.received > received or any(not isinstance(event, _NO_PROGRESS) for event in events):
            # Comments and damaged chunks do not count: a server that sends only those is idle.
            self._timer.expect("idle")
        return events

    def _break_off(self, reader: ResponseReader, error: Exception) -> Events:
        waited = error.seconds if isinstance(error, DeadlineError) and error.phase == "ending" else None
        return self._end(reader, self._api.errors.broken(error, begun=reader.begun), waited)

    def _end(self, reader: ResponseReader, *why: Any) -> Events:
        self.over, at = True, self._clock()
        if self._policy.capture is not None:
            self._policy.capture.end(at)
        return reader.end(at, *why)


def _request_id(headers: Mapping[str, str]) -> str | None:
    """The server's request id, to quote to its support."""
    return printable(headers.get("x-request-id", "")[:_ID_KEPT]) or None
