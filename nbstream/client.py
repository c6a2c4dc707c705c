"""A request in, stream events out: the one place that knows the `openai` SDK and translates its errors.

The SDK makes the request (authentication, base URL, proxies, a client that the user passes in). The bytes
of the response are read and decoded here (`nbstream.wire`), because the SDK's own iterator costs about
sixty times more CPU per chunk, dies on a malformed chunk and loses text silently.
"""

from __future__ import annotations

import asyncio
import random
import time
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Mapping
from contextlib import aclosing, asynccontextmanager
from functools import cache
from typing import TYPE_CHECKING, Any

from nbstream.endpoint import Endpoint, open_sdk, silence_limit
from nbstream.errors import (
    AuthenticationError,
    ConfigError,
    ConnectionFailed,
    NbstreamError,
    RateLimited,
    ServerError,
    StatusError,
    StreamInterrupted,
    TimedOut,
)
from nbstream.events import Failed, Opened, Retrying, StreamEvent
from nbstream.redaction import Redactor, without_credentials
from nbstream.request import ChatRequest
from nbstream.wire.answer import read_answer
from nbstream.wire.chunks import ChunkDecoder
from nbstream.wire.problem import Problem, problem_in_body
from nbstream.wire.retry import RetryPolicy, retry_after

if TYPE_CHECKING:
    from openai import AsyncOpenAI

__all__ = ["ChatClient", "Clock"]

Clock = Callable[[], float]
Events = list[StreamEvent]

_REJECTED_OPTION_STATUSES = frozenset({400, 404, 422})


class ChatClient:
    """Sends requests to one endpoint and gives back their events.

    Belongs to the event loop on which it is first used: its connections cannot be shared between loops.

    Parameters
    ----------
    endpoint
        Where requests go.
    sdk
        An `AsyncOpenAI` of the user's own (also `AsyncAzureOpenAI`), used as it is but without retries of
        its own. By default one is made for `endpoint`.
    policy
        How often and when requests that did not get through are tried again.
    """

    def __init__(
        self, endpoint: Endpoint, sdk: AsyncOpenAI | None = None, policy: RetryPolicy | None = None
    ) -> None:
        self.endpoint = endpoint
        self.policy = policy or RetryPolicy()
        self._owned = sdk is None
        self._sdk = open_sdk(endpoint) if sdk is None else sdk.with_options(max_retries=0)
        key = endpoint.key if sdk is None else sdk.api_key
        self._redact = Redactor([key] if key else [])

    def __repr__(self) -> str:
        return f"ChatClient({self.endpoint.provider or self.endpoint.host})"

    async def stream(self, request: ChatRequest, clock: Clock | None = None) -> AsyncGenerator[Events, None]:
        """Send `request` and yield what comes back, a list of events for each read of the connection.

        Parameters
        ----------
        request
            What to send. With ``stream=False`` the answer comes as one piece, through the same events.
        clock
            Gives the seconds since the request was handed in; starts now by default.

        Yields
        ------
        list of StreamEvent
            The last event is `Finished` or `Failed`. Errors of the server, of the network and of the
            protocol are `Failed` events, never exceptions.
        """
        clock = clock or _started_now()
        attempt = 0
        while True:
            try:
                async with aclosing(self._attempt(request, clock)) as batches:
                    async for events in batches:
                        yield events
            except StatusError as error:
                if not _rejects_usage(error, request):
                    failed: NbstreamError = error
                else:
                    request = request.without_usage()
                    continue
            except NbstreamError as error:
                failed = error
            else:
                return
            attempt += 1
            wait = self.policy.wait_before(attempt, failed, random.random)
            if wait is None:
                yield [Failed(clock(), failed)]
                return
            yield [Retrying(clock(), attempt, self.policy.retries, wait, failed.message)]
            await asyncio.sleep(wait)

    async def models(self) -> list[str]:
        """Names of the models that the endpoint offers, sorted.

        Raises
        ------
        RequestError
            When the endpoint cannot be asked.
        """
        import openai

        try:
            page = await self._sdk.models.list(extra_headers=self._headers())
        except openai.OpenAIError as error:
            raise self._translated(error) from error
        names = (getattr(model, "id", None) for model in getattr(page, "data", None) or ())
        return sorted(name for name in names if isinstance(name, str))

    async def aclose(self) -> None:
        """Close the connections. A client that the user passed in stays open: it is theirs."""
        if self._owned:
            await self._sdk.close()

    async def _attempt(self, request: ChatRequest, clock: Clock) -> AsyncGenerator[Events, None]:
        """One request. Raises `RequestError` before the answer begins, and nothing after."""
        async with self._response(request) as response:
            yield [Opened(clock(), response.headers.get("x-request-id"))]
            decoder = ChunkDecoder(self._redact)
            try:
                answer = read_answer(response, decoder, clock, streamed=request.stream)
                async with aclosing(answer) as batches:
                    async for events in batches:
                        yield events
            except NbstreamError as error:
                yield [Failed(clock(), error)]
            except _transport_errors() as error:
                yield [*decoder.close(clock())] if decoder.complete else [Failed(clock(), _cut(error))]

    @asynccontextmanager
    async def _response(self, request: ChatRequest) -> AsyncIterator[Any]:
        """The open response; leaving the block closes its connection, whatever happened inside."""
        import openai

        body = request.body()
        named = {name: body.pop(name) for name in ("model", "messages", "stream")}
        create = self._sdk.chat.completions.with_streaming_response.create
        opening = create(**named, extra_body=body, extra_headers=self._headers())
        try:
            response = await opening.__aenter__()
        except openai.OpenAIError as error:
            raise self._translated(error) from error
        try:
            yield response
        finally:
            await opening.__aexit__(None, None, None)

    def _headers(self) -> dict[str, Any]:
        """Without a key no Authorization header is sent, which the SDK wants to be told each time."""
        from openai import Omit

        return {"Authorization": Omit()} if self._owned and not self.endpoint.key else {}

    def _translated(self, error: Exception) -> NbstreamError:
        import openai

        if isinstance(error, openai.APIStatusError):
            return self._refused(error)
        where = self.endpoint.host or "the server"
        if isinstance(error, openai.APITimeoutError):
            return TimedOut(f"No answer from {where} in time.", advice=self.endpoint.hint)
        if isinstance(error, openai.APIConnectionError):
            cause = self._redact(str(error.__cause__ or error))
            advice = self.endpoint.hint or "Check the address and the network."
            return ConnectionFailed(f"Could not reach {where}: {cause or 'connection error'}.", advice=advice)
        return ConfigError(self._redact(str(error)))

    def _refused(self, error: Any) -> StatusError:
        response = error.response
        problem = problem_in_body(response.content)
        cls, kind, advice = self._classified(response.status_code, problem, response.headers)
        said = self._redact(problem.message) or "no message"
        message = f"{self.endpoint.host or 'The server'} answered {response.status_code}: {said}"
        after = retry_after(response.headers)
        return cls(message, kind=kind, advice=advice, status=response.status_code, retry_after=after)

    def _classified(
        self, status: int, problem: Problem, headers: Mapping[str, str]
    ) -> tuple[type[StatusError], Any, str]:
        """The class, the kind and the advice that fit an HTTP status."""
        if status == 401:
            return AuthenticationError, "auth", self._key_advice()
        if status == 403:
            return AuthenticationError, "permission", "This key may not use this model or endpoint."
        if status == 429 and "quota" in problem.code + problem.message:
            return RateLimited, "quota", "The account has no credit left: see the provider's billing page."
        if status == 429:
            return RateLimited, "rate_limit", "Too many requests: wait, then run the cell again."
        if status >= 500:
            return ServerError, "server", "The provider has a problem: try again later."
        if status == 404:
            return (
                StatusError,
                "not_found",
                "%chat models lists the models; check the model and the base URL.",
            )
        if 300 <= status < 400:
            target = without_credentials(headers.get("location", "another address"))
            return (
                StatusError,
                "redirect",
                f"It points to {target}; redirects are not followed. Fix the base URL.",
            )
        return StatusError, "bad_request", ""

    def _key_advice(self) -> str:
        name = self.endpoint.key_env
        if not name:
            return "Check the API key."
        return f"Check {name}." if self.endpoint.key else f"Set {name} to your API key."


def _cut(error: Exception) -> NbstreamError:
    if "timeout" in type(error).__name__.lower():
        return StreamInterrupted(
            f"The server stopped sending for {silence_limit:.0f} seconds.",
            kind="timeout",
            advice="What had arrived is kept. Run the cell again to retry.",
        )
    return StreamInterrupted(
        "The connection broke before the answer was complete.",
        advice="What had arrived is kept. Run the cell again to retry.",
    )


def _rejects_usage(error: StatusError, request: ChatRequest) -> bool:
    """Some servers refuse ``stream_options``; its absence costs only the token counts."""
    rejected = error.status in _REJECTED_OPTION_STATUSES and request.stream and request.include_usage
    return rejected and ("stream_options" in error.message or "include_usage" in error.message)


@cache
def _transport_errors() -> tuple[type[Exception], ...]:
    import httpx2
    import openai

    return (httpx2.HTTPError, httpx2.StreamError, openai.APIConnectionError, OSError)


def _started_now() -> Clock:
    start = time.perf_counter()
    return lambda: time.perf_counter() - start
