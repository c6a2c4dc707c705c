"""A request in, stream events out.

The SDK creates the request (authentication, base URL, proxies, the user's own client). The bytes
of the response are read and decoded here (`nbstream.wire`), because the SDK's own iterator costs about
sixty times more CPU per chunk, dies on a malformed chunk and loses text silently.
"""

from __future__ import annotations

import asyncio
import contextlib
import time
import weakref
from collections.abc import AsyncGenerator, Callable, Mapping
from contextlib import AbstractAsyncContextManager, aclosing
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from nbstream._util.redaction import Redactor
from nbstream.client.cleaning import cleaned
from nbstream.client.continuation import Continuation, PartialAnswer
from nbstream.client.deadline_timer import DeadlineTimer
from nbstream.client.repeating import repeated
from nbstream.client.request_policy import RequestPolicy
from nbstream.errors import ArgumentError, ConfigError, ErrorKind, NbstreamError, StateError
from nbstream.providers.endpoint import Endpoint
from nbstream.providers.presets import PREFILLS, Prefill
from nbstream.telemetry.tracing import request_span
from nbstream.types.events import Clock, Events, Failed, Finished
from nbstream.types.request import ChatRequest, Wire
from nbstream.wire.decoder import AnswerDecoder
from nbstream.wire.response_reader import ResponseReader

if TYPE_CHECKING:
    from openai import AsyncOpenAI

    from nbstream.client.attempt import Attempt

__all__ = ["ChatClient"]

Opener = Callable[..., AbstractAsyncContextManager[Any]]
DecoderOf = Callable[[ChatRequest, Redactor], AnswerDecoder]

CANCEL_SECONDS = 5.0
_UNHEARD: frozenset[ErrorKind] = frozenset({"connection", "timeout", "truncated", "server", "rate_limit"})
"""Kinds of errors on the way, which say nothing of an answer that is written in the background."""
_CONTINUE = "Continue (%chat continue, chat.continue_reply()) requests the rest."


class ChatClient:
    """Sends requests to one endpoint and returns their events.

    Belongs to the event loop on which it is first used: its connections cannot be shared between loops.

    Parameters
    ----------
    endpoint
        Where requests go.
    sdk
        The user's own `AsyncOpenAI` (or `AsyncAzureOpenAI`), used as is, but without its own retries. By
        default one is created for `endpoint`.
    """

    def __init__(self, endpoint: Endpoint, sdk: AsyncOpenAI | None = None) -> None:
        from nbstream.client.catalog import Catalog
        from nbstream.client.connection import open_sdk
        from nbstream.client.credentials import credentials_of
        from nbstream.client.error_translator import ErrorTranslator

        _check_client(sdk)
        self.endpoint = endpoint
        self._owned = sdk is None
        self._sdk = open_sdk(endpoint) if sdk is None else sdk.with_options(max_retries=0)
        if self._owned:
            # What is dropped together with its open connections cannot close them: the registry keeps them.
            self._dropped = weakref.finalize(self, _close_soon, self._sdk, asyncio.get_running_loop())
            self._dropped.atexit = False
        self._redact = Redactor(credentials_of(endpoint, self._sdk))
        self._translator = ErrorTranslator(endpoint, self._redact)
        self._catalog = Catalog(self._sdk, self._headers, self._translator)
        self._cancels: set[asyncio.Task[None]] = set()

    def __repr__(self) -> str:
        return f"ChatClient({self.endpoint.provider or self.endpoint.host})"

    async def stream(
        self,
        request: ChatRequest,
        clock: Clock | None = None,
        policy: RequestPolicy | None = None,
        begun: PartialAnswer | None = None,
    ) -> AsyncGenerator[Events, None]:
        """Send `request` and yield its events, one list for each read of the connection.

        Parameters
        ----------
        request
            What to send. With ``stream=False`` the answer comes as one piece, through the same events.
        clock
            Returns the seconds since the request was submitted; starts now by default.
        policy
            Timeouts, limits and retries.
        begun
            The partial answer to the same request, if it was cut off: only the rest is requested.

        Yields
        ------
        list of StreamEvent
            The last event is `Finished` or `Failed`. Server, network and protocol errors are
            `Failed` events, never exceptions.
        """
        from nbstream.client.retrying_stream import RetryingStream

        clock, policy = clock or _started_now(), policy or RequestPolicy()
        timer = DeadlineTimer(policy.timeouts)

        def attempt(request: ChatRequest, before: int) -> Attempt:
            return self._attempt(request, before, policy, timer, clock)

        reconnect = Continuation(request, policy.on_disconnect, self._prefill, begun)
        first = await reconnect.first_request()
        if first is None:
            yield [Failed(clock(), self._no_way_to_continue())]
            return
        sending = RetryingStream(attempt, first, policy.retry, reconnect, timer=timer, clock=clock)
        span = request_span(self.endpoint, request, clock)
        ended = False
        try:
            async with aclosing(sending.events()) as batches:
                async for events in batches:
                    if isinstance(last := events[-1], Finished | Failed):
                        ended = True
                        events[-1] = await self._ended(last, request, reconnect, sending.position)
                    events = cleaned(events, self._redact)  # noqa: PLW2901
                    if span is not None:
                        span.take(events)
                    yield events
        finally:
            timer.close()
            if span is not None:
                span.end()
            if not ended and sending.position is not None:
                self._cancel(sending.position[0])

    async def models(self) -> list[str]:
        """Names of the models that the endpoint offers, sorted.

        Raises
        ------
        RequestError
            If the request fails.
        """
        return await self._catalog.names()

    async def known_models(self) -> list[str]:
        """The names from the last listing, without another request.

        Raises
        ------
        RequestError
            If they were not listed before, and the request fails.
        """
        return await self._catalog.known()

    async def aclose(self) -> None:
        """Close the connections. A client passed in by the user stays open."""
        await asyncio.gather(*self._cancels)
        if self._owned:
            self._dropped.detach()
            await self._sdk.close()

    def _attempt(
        self, request: ChatRequest, before: int, policy: RequestPolicy, timer: DeadlineTimer, clock: Clock
    ) -> Attempt:
        import httpx2

        from nbstream.client.attempt import Attempt

        opens, decoder_of = _apis()[request.wire]

        def decoder() -> AnswerDecoder:
            return decoder_of(request, self._redact)

        def answer_of(headers: Mapping[str, str]) -> ResponseReader:
            if policy.capture is not None:
                policy.capture.begin(decoder, self._redact)
            return ResponseReader(
                decoder(),
                policy.limits,
                streamed=request.stream,
                content_type=headers.get("content-type", ""),
            )

        headers = self._headers() | {"x-stainless-retry-count": str(before)}
        timeout = httpx2.Timeout(None, connect=None if self._owned else policy.timeouts.connect)
        opening = opens(self._asked(request), request, extra_headers=headers, timeout=timeout)
        return Attempt(opening, answer_of, timer, clock, self._translator, capture=policy.capture)

    def _asked(self, request: ChatRequest) -> AsyncOpenAI:
        """The SDK client for a request: some providers continue answers at another URL."""
        prefill = PREFILLS.get(self.endpoint.provider)
        if request.prefill is None or prefill is None or not prefill.base_url:
            return self._sdk
        return self._sdk.with_options(base_url=prefill.base_url)

    def _cancel(self, response_id: str) -> None:
        """Tell the server to cancel a background response that is no longer awaited."""
        task = asyncio.get_running_loop().create_task(self._cancelled(response_id))
        self._cancels.add(task)
        task.add_done_callback(self._cancels.discard)

    async def _cancelled(self, response_id: str) -> None:
        with contextlib.suppress(Exception):  # whoever stopped has gone; a server that is too is no news
            async with asyncio.timeout(CANCEL_SECONDS):
                await repeated(lambda: self._sdk.responses.cancel(response_id, extra_headers=self._headers()))

    def _headers(self) -> dict[str, Any]:
        """Without a key no Authorization header is sent; the SDK needs this per request."""
        from openai import Omit

        return {"Authorization": Omit()} if self._owned and not self.endpoint.key else {}

    async def _ended(
        self,
        end: Finished | Failed,
        request: ChatRequest,
        reconnect: Continuation,
        position: tuple[str, int] | None,
    ) -> Finished | Failed:
        """The end of an answer, with advice."""
        if isinstance(end, Failed) and end.error.retryable is not False and end.error.kind in _UNHEARD:
            end = replace(end, position=position)
        continuable = await reconnect.can_continue(end)
        if isinstance(end, Failed):
            if end.error.kind == "not_found":
                await self._name_near_models(end.error, request.model)
            if continuable:
                end.error.advice = f"{end.error.advice} {_CONTINUE}".strip()
        return replace(end, continuable=continuable)

    async def _prefill(self) -> Prefill | None:
        """How to request the rest of an answer from the endpoint; None if this is not supported."""
        named = self.endpoint.provider
        return PREFILLS.get(named if named in PREFILLS else await self._catalog.server())

    def _no_way_to_continue(self) -> ConfigError:
        where = self.endpoint.provider or self.endpoint.host
        return StateError(
            f"Continuing an answer is not supported for {where}.",
            advice="The partial answer is kept. Run the cell again for a new answer.",
        )

    async def _name_near_models(self, error: NbstreamError, wanted: str) -> None:
        """Add similar model names to the advice; best effort, within a short time."""
        near = await self._catalog.near(wanted)
        if near:
            error.advice = f"Did you mean {', '.join(near)}? {error.advice}"


_closing: set[asyncio.Task[None]] = set()
"""An event loop alone does not keep its tasks."""


def _close_soon(sdk: AsyncOpenAI, loop: asyncio.AbstractEventLoop) -> None:
    """Close the connections of a dropped client, from any thread."""

    def close() -> None:
        task = loop.create_task(sdk.close())
        _closing.add(task)
        task.add_done_callback(_closing.discard)

    with contextlib.suppress(RuntimeError):  # the loop has ended
        loop.call_soon_threadsafe(close)


def _apis() -> dict[Wire, tuple[Opener, DecoderOf]]:
    """For each API: what opens a response, and what reads it."""
    from nbstream.client.completions import decoder_of_chunks, open_completion
    from nbstream.client.responses import decoder_of_response, open_response

    return {
        "chat": (open_completion, decoder_of_chunks),
        "responses": (open_response, decoder_of_response),
    }


def _check_client(sdk: object) -> None:
    from openai import AsyncOpenAI

    if sdk is not None and not isinstance(sdk, AsyncOpenAI):
        raise ArgumentError(
            f"client is of the class {type(sdk).__name__}, which is not asynchronous.",
            advice="Pass an AsyncOpenAI or AsyncAzureOpenAI; it takes the same arguments.",
        )


def _started_now() -> Clock:
    start = time.perf_counter()
    return lambda: time.perf_counter() - start
