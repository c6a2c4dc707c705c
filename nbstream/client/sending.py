"""A request carried to its end: sent, and sent again where it did not get through."""

from __future__ import annotations

import asyncio
import random
from collections.abc import AsyncGenerator, Callable
from contextlib import aclosing

from nbstream.client.delivery import Delivery
from nbstream.client.exchange import Clock, Exchange
from nbstream.client.watch import Expired, Watch
from nbstream.errors import NbstreamError, StatusError
from nbstream.events import ChunkSkipped, Failed, Identified, Opened, Retrying, Warned
from nbstream.request import ChatRequest
from nbstream.wire.decoder import Events

__all__ = ["Sending"]

_BEFORE_THE_ANSWER = (Opened, Identified, Warned, ChunkSkipped)
_REJECTED_OPTION_STATUSES = frozenset({400, 404, 422})


class Sending:
    """One request, with the attempts that it takes.

    Parameters
    ----------
    exchange
        Makes the exchange for a request, given the number of attempts before it.
    request
        What to send.
    delivery
        How to carry it out.
    watch
        Ends a wait that takes too long.
    clock
        Gives the seconds since the request was handed in.
    """

    def __init__(
        self,
        exchange: Callable[[ChatRequest, int], Exchange],
        request: ChatRequest,
        delivery: Delivery,
        watch: Watch,
        clock: Clock,
    ) -> None:
        self._exchange = exchange
        self._request = request
        self._delivery = delivery
        self._clock = clock
        self._watch = watch
        self._attempts = 0
        self._begun = False
        self._error: NbstreamError | None = None

    async def events(self) -> AsyncGenerator[Events, None]:
        """Every attempt's events; the last one is `Finished` or `Failed`."""
        while True:
            async with aclosing(self._attempt()) as batches:
                async for events in batches:
                    yield events
            if self._error is None:
                return
            if _rejects_usage(self._error, self._request):
                self._request = self._request.without_usage()
                continue
            wait = self._wait_before_retry(self._error)
            if wait is None:
                yield [Failed(self._clock(), self._error)]
                return
            retries, said = self._delivery.retry.retries, self._error.message
            yield [Retrying(self._clock(), self._attempts, retries, wait, said)]
            if not await self._slept(wait):
                yield [Failed(self._clock(), self._error)]
                return

    async def _attempt(self) -> AsyncGenerator[Events, None]:
        """One exchange; its failure is kept back, to be judged."""
        self._error = None
        exchange = self._exchange(self._request, self._attempts)
        async with aclosing(exchange.events()) as batches:
            async for events in batches:
                if isinstance(last := events[-1], Failed):
                    self._error = last.error
                    events.pop()
                if events:
                    self._begun = self._begun or any(not isinstance(e, _BEFORE_THE_ANSWER) for e in events)
                    yield events

    def _wait_before_retry(self, error: NbstreamError) -> float | None:
        """Seconds, or None where the answer has begun: that is paid for and not asked for twice."""
        if self._begun:
            return None
        self._attempts += 1
        return self._delivery.retry.wait_before(self._attempts, error, random.random)

    async def _slept(self, seconds: float) -> bool:
        """Wait, unless the time for everything is up before."""
        self._watch.pause()
        try:
            with self._watch:
                await asyncio.sleep(seconds)
        except Expired:
            return False
        return True


def _rejects_usage(error: NbstreamError, request: ChatRequest) -> bool:
    """Some servers refuse ``stream_options``; its absence costs only the token counts."""
    if not (isinstance(error, StatusError) and request.stream and request.include_usage):
        return False
    named = "stream_options" in error.message or "include_usage" in error.message
    return named and error.status in _REJECTED_OPTION_STATUSES
