"""The stream of one answer: its request is sent, and sent again where it did not get through."""

from __future__ import annotations

import asyncio
import random
from collections.abc import AsyncGenerator
from contextlib import nullcontext
from http import HTTPStatus

from nbstream.cassettes.scope import paced
from nbstream.client.api_client import APIClient
from nbstream.client.attempt import Attempt
from nbstream.client.catalog import Catalog
from nbstream.client.cleaning import cleaned
from nbstream.client.continuation import Continuation, PartialAnswer
from nbstream.client.deadline_timer import DeadlineError, DeadlineTimer
from nbstream.client.end_advice import EndAdvice
from nbstream.client.request_policy import RequestPolicy
from nbstream.client.token_limit import other_name
from nbstream.cost.meter import Reservation
from nbstream.errors import ConfigError, NbstreamError, StateError, StatusError, StreamError
from nbstream.pacing.hosts import shared_slot
from nbstream.pacing.pace import Slot
from nbstream.pacing.verdict import Verdict, is_rate_limit
from nbstream.telemetry.tracing import RequestSpan, request_span
from nbstream.types.events import (
    ChunkSkipped,
    Clock,
    Events,
    Failed,
    Finished,
    Identified,
    Opened,
    Retrying,
    Warned,
)
from nbstream.types.request import ChatRequest

__all__ = ["RetryingStream"]

_BEFORE_THE_ANSWER = (Opened, Identified, Warned, ChunkSkipped)
_REJECTED_OPTION_STATUSES = frozenset({400, 404, 422})


class RetryingStream:
    """One answer, with the attempts that it takes. To be iterated once.

    Parameters
    ----------
    api
        Opens requests.
    catalog
        The endpoint's models, for advice and for how it continues answers.
    request
        What to send.
    policy
        Timeouts, limits and retries.
    clock
        Returns the seconds since the request was submitted.
    partial
        The beginning of the answer, from an earlier request that was cut.
    """

    def __init__(
        self,
        api: APIClient,
        catalog: Catalog,
        request: ChatRequest,
        *,
        policy: RequestPolicy,
        clock: Clock,
        partial: PartialAnswer | None = None,
    ) -> None:
        self._api = api
        self._request = request
        self._policy = policy
        self._clock = clock
        self._continuation = Continuation(request, policy.on_disconnect, catalog.prefill, partial)
        self._advice = EndAdvice(catalog, self._continuation, request.model)
        self._timer: DeadlineTimer
        self._reservation: Reservation | None = None
        self._span: RequestSpan | None = None
        self._rejected: list[ChatRequest] = []
        self._attempts = 0
        self._begun = False
        self._ended = False
        self._last_position: tuple[str, int] | None = None
        self._error: NbstreamError | None = None
        self._cut: NbstreamError | None = None
        self._verdict: Verdict | None = None

    async def events(self) -> AsyncGenerator[Events, None]:
        """The events of all attempts, without secrets; the last one is `Finished` or `Failed`.

        The only generator between the connection and its reader: layers that merely pass events on would
        each have to close the one below them on every path.
        """
        self._timer = DeadlineTimer(self._policy.timeouts)  # here and not earlier, because it starts a timer
        try:
            first = await self._continuation.first_request()
            if first is None:
                yield [Failed(self._clock(), self._no_way_to_continue())]
                return
            # The span describes the request as the user made it, not what a retry or a continuation sends.
            self._span = request_span(self._api.endpoint, self._request, self._clock)
            self._request, self._last_position = first, first.resume
            while True:
                try:
                    reservation = self._reserve()
                    slot = await self._admitted()
                except (ConfigError, DeadlineError) as refused:
                    yield await self._prepared([Failed(self._clock(), self._not_sent(refused))])
                    return
                async with slot or nullcontext(), self._attempt() as attempt:
                    while not attempt.over and self._error is None:
                        if events := self._joined(attempt, reservation.take(await attempt.read())):
                            yield await self._prepared(events)
                    self._report(slot, attempt)
                error, self._error = self._error, None
                if error is None:
                    return
                if self._leave_out_rejected(error):
                    continue
                wait = await self._wait_before_another(error)
                if wait is not None:
                    retrying = Retrying(
                        self._clock(), max(self._attempts, 1), self._policy.retry.retries, wait, error.message
                    )
                    yield await self._prepared([retrying])
                if wait is None or not await self._slept(wait):
                    yield await self._prepared([Failed(self._clock(), self._last_error(error))])
                    return
        finally:
            self._close()

    @property
    def _position(self) -> tuple[str, int] | None:
        """Id of the answer and its last event, where the server writes it whether or not anyone listens."""
        return self._last_position if self._request.params.get("background") else None

    def _reserve(self) -> Reservation:
        """Count the request that is sent next; asking for the rest of a stored response costs nothing more.

        Raises
        ------
        ConfigError
            When a budget does not allow it.
        """
        if self._reservation is not None:
            if self._request.resume is not None:
                return self._reservation
            self._reservation.settle()
        self._reservation = self._policy.meter.begin(self._api.endpoint, self._request)
        return self._reservation

    async def _admitted(self) -> Slot | None:
        """Wait until the request may be sent, if it shares the limits of a host with others.

        Raises
        ------
        DeadlineError
            When the time for everything is up before.
        """
        slot = shared_slot(self._api.endpoint.host, self._verdict)
        if slot is not None:
            self._timer.pause()
            with self._timer:
                await slot.__aenter__()
        return slot

    def _report(self, slot: Slot | None, attempt: Attempt) -> None:
        """Tell the others that share the limits of the host how the attempt ended."""
        if slot is None:
            return
        if self._error is not None:
            self._verdict = slot.failed(self._error)
        else:
            slot.response(HTTPStatus.OK, attempt.headers)

    def _attempt(self) -> Attempt:
        return Attempt(
            self._api, self._request, self._policy, self._timer, self._clock, retries=self._attempts
        )

    def _joined(self, attempt: Attempt, events: Events) -> Events:
        """The events of an attempt, joined to those before; a failure is kept back, to be judged."""
        events = self._continuation.joined(events)
        if events and isinstance(last := events[-1], Failed):
            self._error = last.error
            events.pop()
        self._begun = self._begun or any(not isinstance(event, _BEFORE_THE_ANSWER) for event in events)
        self._last_position = attempt.position or self._last_position
        return events

    async def _prepared(self, events: Events) -> Events:
        """The events as readers get them: with advice at the end, without secrets, noted for telemetry."""
        if isinstance(end := events[-1], Finished | Failed):
            self._ended = True
            events[-1] = await self._advice.complete(end, self._position)
        events = cleaned(events, self._api.redact)
        if self._span is not None:
            self._span.take(events)
        return events

    def _leave_out_rejected(self, error: NbstreamError) -> bool:
        """Whether to ask again at once, in another way, because the server refused an option."""
        accepted = _without_rejected(error, self._request)
        # Two names could otherwise be refused alternately, forever.
        if accepted is None or accepted in self._rejected:
            return False
        self._rejected.append(self._request)
        self._request = accepted
        return True

    async def _wait_before_another(self, error: NbstreamError) -> float | None:
        """Seconds to wait before the next attempt, or None where there is none.

        An answer that has begun is paid for: it is not asked for again, unless the user wishes that.
        """
        if self._verdict is not None and self._verdict.again and is_rate_limit(error):
            return self._verdict.at - asyncio.get_running_loop().time()
        self._attempts += 1
        wait = self._policy.retry.wait_before(self._attempts, error, random.random)
        if wait is not None and (self._begun or self._last_position is not None):
            self._cut = self._cut or error
            request = await self._continuation.next_request(self._last_position)
            self._request = request or self._request
            return wait if request is not None else None
        return wait

    def _not_sent(self, why: ConfigError | DeadlineError) -> NbstreamError:
        """Why an attempt was not made."""
        return self._last_error(self._api.errors.unanswered(why) if isinstance(why, DeadlineError) else why)

    def _last_error(self, error: NbstreamError) -> NbstreamError:
        """Why the answer is incomplete: the original disconnect, even if continuing failed as well."""
        if self._cut is None or isinstance(error, StreamError):
            return error
        self._cut.advice = f"It could not be continued either: {error.message} {self._cut.advice}"
        return self._cut

    async def _slept(self, seconds: float) -> bool:
        """Wait; False where the time for everything is up before."""
        self._timer.pause()
        try:
            with self._timer:
                await asyncio.sleep(paced(seconds))
        except DeadlineError:
            return False
        return True

    def _close(self) -> None:
        self._timer.close()
        if self._reservation is not None:
            self._reservation.settle()
        if self._span is not None:
            self._span.end()
        if not self._ended and self._position is not None:
            # Closed early: the answer was stopped, but the server would still generate it.
            self._api.cancel(self._position[0])

    def _no_way_to_continue(self) -> StateError:
        where = self._api.endpoint.provider or self._api.endpoint.host
        return StateError(
            f"Continuing an answer is not supported for {where}.",
            advice="The partial answer is kept. Run the cell again for a new answer.",
        )


def _without_rejected(error: NbstreamError, request: ChatRequest) -> ChatRequest | None:
    """The same request without an option that the server refused; None where it refused something else.

    Without ``stream_options`` only the token counts are missing; the limit of an answer has two names.
    """
    if not isinstance(error, StatusError) or error.status not in _REJECTED_OPTION_STATUSES:
        return None
    refusal = error.message
    asks_usage = request.stream and request.include_usage
    if asks_usage and ("stream_options" in refusal or "include_usage" in refusal):
        return request.without_usage()
    names = other_name(request.params, refusal)
    return request.renaming(*names) if names else None
