"""A request carried to its end: sent, and sent again where it did not get through."""

from __future__ import annotations

import asyncio
import random
from collections.abc import AsyncGenerator, Callable
from contextlib import aclosing

from nbstream.client.attempt import Attempt
from nbstream.client.continuation import Continuation
from nbstream.client.deadline_timer import DeadlineError, DeadlineTimer
from nbstream.client.token_limit import other_name
from nbstream.errors import NbstreamError, StatusError, StreamError
from nbstream.types.events import ChunkSkipped, Clock, Events, Failed, Identified, Opened, Retrying, Warned
from nbstream.types.request import ChatRequest
from nbstream.wire.retry import RetryPolicy

__all__ = ["RetryingStream"]

_BEFORE_THE_ANSWER = (Opened, Identified, Warned, ChunkSkipped)
_REJECTED_OPTION_STATUSES = frozenset({400, 404, 422})


class RetryingStream:
    """One request, with the attempts that it takes.

    Parameters
    ----------
    make_attempt
        Makes an attempt at a request, given the number of those before it.
    request
        What to send.
    retry
        How often and after how long it is sent again.
    reconnect
        What to do with an answer that is cut.
    timer
        Ends a wait that takes too long.
    clock
        Returns the seconds since the request was submitted.
    """

    def __init__(
        self,
        make_attempt: Callable[[ChatRequest, int], Attempt],
        request: ChatRequest,
        retry: RetryPolicy,
        reconnect: Continuation,
        *,
        timer: DeadlineTimer,
        clock: Clock,
    ) -> None:
        self._make_attempt = make_attempt
        self._request = request
        self._retry = retry
        self._reconnect = reconnect
        self._timer = timer
        self._clock = clock
        self._rejected: list[ChatRequest] = []
        self._attempts = 0
        self._begun = False
        self._position = request.resume
        self._error: NbstreamError | None = None
        self._cut: NbstreamError | None = None

    @property
    def position(self) -> tuple[str, int] | None:
        """Id of the answer and its last event, where the server goes on with it whoever listens."""
        return self._position if self._request.params.get("background") else None

    async def events(self) -> AsyncGenerator[Events, None]:
        """Every attempt's events; the last one is `Finished` or `Failed`."""
        while True:
            async with aclosing(self._attempt()) as batches:
                async for events in batches:
                    yield events
            if self._error is None:
                return
            accepted = _without_rejected(self._error, self._request)
            if accepted is not None and accepted not in self._rejected:
                self._rejected.append(self._request)
                self._request = accepted
                continue
            wait = await self._wait_before_another(self._error)
            if wait is not None:
                said = self._error.message
                yield [Retrying(self._clock(), self._attempts, self._retry.retries, wait, said)]
            if wait is None or not await self._slept(wait):
                yield [Failed(self._clock(), self._last_error(self._error))]
                return

    async def _attempt(self) -> AsyncGenerator[Events, None]:
        """One attempt; its failure is kept back, to be judged."""
        self._error = None
        attempt = self._make_attempt(self._request, self._attempts)
        async with aclosing(attempt.events()) as batches:
            async for batch in batches:
                events = self._reconnect.joined(batch)
                if events and isinstance(last := events[-1], Failed):
                    self._error = last.error
                    events.pop()
                if events:
                    self._begun = self._begun or any(not isinstance(e, _BEFORE_THE_ANSWER) for e in events)
                    yield events
                self._position = attempt.position or self._position
                if self._error is not None:
                    return

    async def _wait_before_another(self, error: NbstreamError) -> float | None:
        """Seconds to wait before the next attempt, or None where there is none.

        An answer that has begun is paid for: it is not asked for again, unless that was wished for.
        """
        self._attempts += 1
        wait = self._retry.wait_before(self._attempts, error, random.random)
        if wait is not None and (self._begun or self._position is not None):
            self._cut = self._cut or error
            request = await self._reconnect.next_request(self._position)
            self._request = request or self._request
            return wait if request is not None else None
        return wait

    def _last_error(self, error: NbstreamError) -> NbstreamError:
        """Why there is no whole answer: that of a cut one is the cut, whatever became of the repair."""
        if self._cut is None or isinstance(error, StreamError):
            return error
        self._cut.advice = f"It could not be continued either: {error.message} {self._cut.advice}"
        return self._cut

    async def _slept(self, seconds: float) -> bool:
        """Wait, unless the time for everything is up before."""
        self._timer.pause()
        try:
            with self._timer:
                await asyncio.sleep(seconds)
        except DeadlineError:
            return False
        return True


def _without_rejected(error: NbstreamError, request: ChatRequest) -> ChatRequest | None:
    """The same request without what a server refused and another way exists for; None where there is none.

    Without ``stream_options`` only the token counts are missing; the limit of an answer has two names.
    """
    if not isinstance(error, StatusError) or error.status not in _REJECTED_OPTION_STATUSES:
        return None
    said = error.message
    if request.stream and request.include_usage and ("stream_options" in said or "include_usage" in said):
        return request.without_usage()
    names = other_name(request.params, said)
    return request.renaming(*names) if names else None
