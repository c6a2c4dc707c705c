"""One request and its answer: from the open connection to the last event."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Callable, Mapping
from contextlib import AbstractAsyncContextManager, aclosing
from typing import Any

from nbstream.client.connection import timed_by
from nbstream.client.deadline_timer import DeadlineError, DeadlineTimer
from nbstream.client.error_translator import ErrorTranslator
from nbstream.errors import NbstreamError
from nbstream.types.events import ChunkSkipped, Clock, Events, Failed, Opened, Warned
from nbstream.wire.problem import printable
from nbstream.wire.raw_capture import RawCapture
from nbstream.wire.response_reader import ResponseReader

__all__ = ["Attempt"]


_NO_PROGRESS = (Warned, ChunkSkipped)
_ID_KEPT = 200


class Attempt:
    """Sends one request and reads its answer. Every failure is a `Failed` event, never an exception.

    Parameters
    ----------
    opening
        Context manager: sends the request on entry, closes the connection on exit.
    answer_of
        Creates the body reader from the response headers.
    timer
        Ends a wait that takes too long.
    clock
        Returns the seconds since the request was submitted.
    translator
        Translates errors into messages.
    capture
        Keeps the received bytes, for the inspector.
    """

    def __init__(
        self,
        opening: AbstractAsyncContextManager[Any],
        answer_of: Callable[[Mapping[str, str]], ResponseReader],
        timer: DeadlineTimer,
        clock: Clock,
        translator: ErrorTranslator,
        *,
        capture: RawCapture | None = None,
    ) -> None:
        self._opening = opening
        self._answer_of = answer_of
        self._timer = timer
        self._clock = clock
        self._translator = translator
        self._capture = capture
        self._answer: ResponseReader | None = None

    @property
    def position(self) -> tuple[str, int] | None:
        """Where the answer can be resumed: its id and last event; None if it cannot be resumed."""
        return self._answer.position if self._answer is not None else None

    async def events(self) -> AsyncGenerator[Events, None]:
        """Send, and yield a list of events for each read; the last event is `Finished` or `Failed`."""
        response = await self._open()
        if isinstance(response, NbstreamError):
            yield [Failed(self._clock(), response)]
            return
        try:
            yield [Opened(self._clock(), _request_id(response.headers))]
            async with aclosing(self._read(response)) as batches:
                async for events in batches:
                    yield events
        finally:
            await self._opening.__aexit__(None, None, None)

    async def _open(self) -> Any:
        """The response, or the error."""
        try:
            with timed_by(self._timer), self._timer:
                response = await self._opening.__aenter__()
        except Exception as error:
            return self._translator.unanswered(error)
        self._translator.note(response.http_response.request)
        return response

    async def _read(self, response: Any) -> AsyncGenerator[Events, None]:
        answer, capture = self._answer_of(response.headers), self._capture
        self._answer, broken, waited = answer, None, None
        async with aclosing(response.http_response.aiter_bytes()) as blocks:
            while not answer.over:
                try:
                    with self._timer:
                        data = await anext(blocks)
                except StopAsyncIteration:
                    break
                except Exception as error:  # of the timer, or of whichever HTTP library the client is made of
                    broken = self._translator.broken(error, begun=answer.begun)
                    waited = (
                        error.seconds
                        if isinstance(error, DeadlineError) and error.phase == "ending"
                        else None
                    )
                    break
                patience, received, at = answer.patience, answer.received, self._clock()
                if capture is not None:
                    capture.write(data, at)
                events = answer.feed(data, at)
                self._wait_for_more(answer, patience, grown=answer.received > received, events=events)
                if events:
                    yield events
        at = self._clock()
        if capture is not None:
            capture.end(at)
        last = answer.end(at, broken, waited)
        if last:
            yield last

    def _wait_for_more(
        self, answer: ResponseReader, patience: float | None, *, grown: bool, events: Events
    ) -> None:
        """Tell the timer what to expect now."""
        if answer.patience is not None:
            if answer.patience != patience:
                self._timer.expect_end(answer.patience)
        elif grown or any(not isinstance(event, _NO_PROGRESS) for event in events):
            self._timer.expect("idle")


def _request_id(headers: Mapping[str, str]) -> str | None:
    """The server's request id, to quote to its support."""
    return printable(headers.get("x-request-id", "")[:_ID_KEPT]) or None
