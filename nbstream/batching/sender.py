"""Sends one request of a batch until it has an answer, or an error that repeating does not help."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field, replace
from typing import Any

from nbstream.batching.correction import correction, judged
from nbstream.batching.outcome import Outcome, outcome_of
from nbstream.batching.progress import Progress
from nbstream.batching.request_template import json_text
from nbstream.batching.row_request import RowRequest
from nbstream.client.poster import Posted, Poster
from nbstream.cost.estimate import measured, output_limit
from nbstream.cost.meter import Meter, Reservation, where
from nbstream.errors import BudgetExceededError, NbstreamError, StatusError
from nbstream.pacing import Pace, Slot, Verdict
from nbstream.providers.endpoint import Endpoint
from nbstream.types.events import Events, SchemaMode
from nbstream.types.request import ChatRequest
from nbstream.types.usage import Usage

__all__ = ["Sender"]

Keep = Callable[[RowRequest, Outcome], Awaitable[None]]
"""Stores an outcome; returns when it is on the disk."""


@dataclass(slots=True)
class Sender:
    """Sends requests to one endpoint.

    Parameters
    ----------
    endpoint, poster
        Where requests go, and what sends them.
    pace
        When they may be sent.
    meter
        Counts what they cost.
    progress
        Counts them.
    keep
        Stores outcomes.
    retries
        How often to ask again with the errors where an answer does not match its schema.
    counts_tokens
        Whether the pace needs an estimate of tokens.
    sending : set of asyncio.Task
        Tasks whose request is in flight, or whose answer is being stored.
    """

    endpoint: Endpoint
    poster: Poster
    pace: Pace
    meter: Meter
    progress: Progress
    keep: Keep
    retries: int = 0
    counts_tokens: bool = False
    sending: set[asyncio.Task[Any] | None] = field(default_factory=set)
    _ended: asyncio.Event = field(default_factory=asyncio.Event)

    async def send(self, row: RowRequest) -> Outcome:
        """Send a request, again where that helps; its answer is stored when this returns.

        One that others wait for asks for a stream: its first token lets them go.

        Raises
        ------
        ConfigError
            When a budget does not cover it.
        FileError
            When the answer could not be stored.
        """
        call = _Call(self, row)
        while True:
            outcome = await call.attempt()
            if outcome is not None:
                return outcome

    async def reserve(self, request: ChatRequest) -> Reservation:
        """Reserve the price of a request. Waits as long as requests in flight may release what it needs.

        Raises
        ------
        ConfigError
            When a budget does not cover it, or its price is not known.
        """
        while True:
            try:
                return self.meter.begin(self.endpoint, request)
            except BudgetExceededError:
                if not self.progress.in_flight:
                    raise
            self._ended.clear()
            await self._ended.wait()

    def tokens(self, request: ChatRequest) -> int:
        """Estimated tokens of prompt and answer; 0 if nobody needs them."""
        if not self.counts_tokens:
            return 0
        calibration = self.meter.ledger.calibration(where(self.endpoint), request.model)
        answer = min(output_limit(request.params), calibration.longest or _USUAL_ANSWER)
        return calibration.estimate(measured(request)) + answer

    def begin(self, rows: list[int]) -> None:
        """A request is sent."""
        self.progress.request_sent(rows)

    def end(self) -> None:
        """A request has ended."""
        self.progress.request_ended()
        self._ended.set()


_USUAL_ANSWER = 256
_NO_STREAM = frozenset({400, 403, 404, 422})


class _Call:
    """One request with its repetitions and corrections."""

    def __init__(self, sender: Sender, row: RowRequest) -> None:
        self._sender = sender
        self._row = row
        self._on_first_token = row.turn.warm if row.turn is not None and row.turn.leads else None
        self._messages, self._text = row.messages, row.text
        self._verdict: Verdict | None = None
        self._requests = self._corrections = 0
        self._usage: Usage | None = None
        self._began: float | None = None
        self._mode: SchemaMode | None = None

    async def attempt(self) -> Outcome | None:
        """Send it once; None if it is to be sent again."""
        sender, task = self._sender, asyncio.current_task()
        request = self._row.template.sent(self._messages, stream=self._streams)
        self._mode = self._row.template.mode
        async with sender.pace.slot(sender.tokens(request), self._verdict) as slot:
            sender.sending.add(task)
            try:
                events, posted = await self._posted(request, slot)
                outcome = self._outcome(events)
                self._verdict = _verdict(slot, posted, outcome)
                if outcome.error is not None:
                    return self._failed(outcome)
                if self._row.turn is not None:
                    self._row.turn.warm()  # also if the answer was not streamed
                outcome = judged(outcome, self._schema)
                if outcome.status == "invalid" and self._corrections < sender.retries:
                    self._correct(outcome)
                    return None
                await sender.keep(self._row, outcome)
                return outcome
            finally:
                sender.sending.discard(task)

    @property
    def _streams(self) -> bool:
        return self._on_first_token is not None or self._row.template.streams

    @property
    def _schema(self) -> Any:
        ladder = self._row.template.ladder
        return None if ladder is None else ladder.structure

    async def _posted(self, request: ChatRequest, slot: Slot) -> tuple[Events, Posted]:
        sender = self._sender
        with await sender.reserve(request) as reservation:
            self._began = self._began or time.perf_counter()
            body = self._row.template.body(self._messages, self._text, stream=self._streams)
            self._requests += 1
            sender.begin(self._row.rows)
            try:
                posted = await sender.poster.post(
                    body,
                    lambda: request,
                    stream=self._streams,
                    retries=slot.attempts,
                    on_first_token=self._on_first_token,
                )
            finally:
                sender.end()
            return reservation.take(posted.events), posted

    def _outcome(self, events: Events) -> Outcome:
        seconds = time.perf_counter() - (self._began or 0.0)
        outcome = outcome_of(events, attempts=self._requests, seconds=seconds)
        if outcome.usage is not None:
            self._usage = outcome.usage if self._usage is None else self._usage + outcome.usage
        return replace(outcome, usage=self._usage)

    def _failed(self, outcome: Outcome) -> Outcome | None:
        """The outcome of a request that failed; None if it is to be sent again."""
        template, error = self._row.template, outcome.error
        if template.ladder is not None and self._mode is not None and error is not None:
            # Requests in flight were sent in the form that an earlier one of them has found to be refused.
            known = template.mode != self._mode
            if known or template.ladder.after_refusal(template.model, self._mode, error) is not None:
                self._verdict = None  # in another form, it is another request
                return None
        if self._on_first_token is not None and isinstance(error, StatusError) and error.status in _NO_STREAM:
            self._on_first_token = self._verdict = None  # perhaps the stream alone was refused
            return None
        return None if self._verdict is not None and self._verdict.again else outcome

    def _correct(self, outcome: Outcome) -> None:
        self._corrections += 1
        self._messages = (*self._row.messages, *correction(outcome, self._schema))
        self._text = json_text(self._messages)
        self._verdict, self._on_first_token = None, None


def _verdict(slot: Slot, posted: Posted, outcome: Outcome) -> Verdict:
    """Tell the pace what became of an attempt."""
    if outcome.usage is not None:
        slot.used = (outcome.usage.input or 0) + (outcome.usage.output or 0)
    success = posted.status is not None and 200 <= posted.status < 300
    error = outcome.error
    if posted.status is not None and (error is None or not success):
        return slot.response(posted.status, posted.headers, posted.body)
    if isinstance(error, NbstreamError):
        return slot.failed(error)
    return slot.response(200, posted.headers)
