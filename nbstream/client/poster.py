"""Posts many requests to one endpoint. What does not depend on their messages is made once.

`nbstream.client.attempt` serves one answer that somebody watches. A batch has thousands that nobody does:
its bodies are made by the caller, and each answer is read in one go.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from typing import Any

import httpx2
import openai

from nbstream.client.api_client import APIClient
from nbstream.client.cleaning import cleaned
from nbstream.client.deadline_timer import DeadlineTimer
from nbstream.client.request_policy import RequestPolicy
from nbstream.types.events import Events, Failed, ReasoningDelta, TextDelta
from nbstream.types.request import ChatRequest
from nbstream.wire.response_reader import ResponseReader

__all__ = ["Posted", "Poster"]

_PATHS = {"chat": "/chat/completions", "responses": "/responses"}
_FIRST_TOKENS = (TextDelta, ReasoningDelta)


@dataclass(frozen=True, slots=True)
class Posted:
    """The response to one request.

    Parameters
    ----------
    events
        The answer; the last event is `Finished` or `Failed`.
    status, headers
        Of the response, with names in lower case; None and empty if there was none.
    body
        Of a response that is an error; the beginning.
    """

    events: Events
    status: int | None = None
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""


class Poster:
    """Posts requests that have the same options.

    Parameters
    ----------
    api
        The endpoint's client.
    like
        A request with these options; its messages do not matter.
    policy
        How long to wait and how much to accept.
    """

    def __init__(self, api: APIClient, like: ChatRequest, policy: RequestPolicy) -> None:
        self._api = api
        self._policy = policy
        self._decoder = api.decoders(like)
        self._url = httpx2.URL(f"{str(api.sdk.base_url).rstrip('/')}{_PATHS[like.api]}")
        self._headers = _headers(api)
        connect = {"connect": policy.timeouts.connect, "read": None, "write": None, "pool": None}
        self._extensions = {"timeout": connect}

    async def post(
        self,
        body: bytes,
        request: Callable[[], ChatRequest],
        *,
        stream: bool = False,
        retries: int = 0,
        on_first_token: Callable[[], object] | None = None,
    ) -> Posted:
        """Send one request, and read its answer to the end. Failures are `Failed` events.

        Parameters
        ----------
        body, request
            What to send, as the bytes of the body and as a request. A user's own client takes the latter.
        stream
            Whether the body asks for a stream.
        retries
            How often it was sent before.
        on_first_token
            Called when the answer begins.
        """
        began = time.perf_counter()
        timer = DeadlineTimer(self._policy.timeouts)
        timer.expect("first_event")
        reading = _Reading(self._decoder(), self._policy, stream, timer, began, on_first_token)
        try:
            async with AsyncExitStack() as stack:
                try:
                    with timer:
                        response = await self._opened(stack, body, request, retries)
                except Exception as error:
                    return self._unanswered(error, reading)
                if not response.is_success:
                    return await self._refused(response, reading)
                await reading.read(response, self._api)
                events = cleaned(reading.events, self._api.redact)
                return Posted(events, response.status_code, dict(response.headers))
        finally:
            timer.close()

    async def _opened(
        self, stack: AsyncExitStack, body: bytes, request: Callable[[], ChatRequest], retries: int
    ) -> Any:
        """The response, up to its headers; it is closed with the stack."""
        http = self._api.http
        if http is None:
            opening = self._api.open(request(), retries, self._policy.timeouts.connect)
            return (await stack.enter_async_context(opening)).http_response
        headers = httpx2.Headers(self._headers)
        if retries:
            headers["x-stainless-retry-count"] = str(retries)
        sent = httpx2.Request("POST", self._url, headers=headers, content=body, extensions=self._extensions)
        response = await (await stack.enter_async_context(http.lent())).send(sent, stream=True)
        stack.push_async_callback(response.aclose)
        return response

    def _unanswered(self, error: Exception, reading: _Reading) -> Posted:
        failed: Events = [Failed(reading.clock(), self._api.errors.unanswered(error))]
        if isinstance(error, openai.APIStatusError):
            response = error.response
            return Posted(failed, response.status_code, dict(response.headers), response.content)
        return Posted(failed)

    async def _refused(self, response: Any, reading: _Reading) -> Posted:
        try:
            with reading.timer:
                await response.aread()
        except Exception as error:
            return self._unanswered(error, reading)
        self._api.errors.note(response.request)
        failed: Events = [Failed(reading.clock(), self._api.errors.refused(response))]
        return Posted(failed, response.status_code, dict(response.headers), response.content)


@dataclass(slots=True)
class _Reading:
    """One answer while it is read."""

    decoder: Any
    policy: RequestPolicy
    stream: bool
    timer: DeadlineTimer
    began: float
    on_first_token: Callable[[], object] | None
    events: Events = field(default_factory=list)

    def clock(self) -> float:
        return time.perf_counter() - self.began

    async def read(self, response: Any, api: APIClient) -> None:
        kind = response.headers.get("content-type", "")
        reader = ResponseReader(self.decoder, self.policy.limits, streamed=self.stream, content_type=kind)
        blocks = response.aiter_bytes()
        try:
            while not reader.over:
                with self.timer:
                    data = await anext(blocks)
                self._take(reader, data)
        except StopAsyncIteration:
            self.events += reader.end(self.clock())
        except Exception as error:
            self.events += reader.end(self.clock(), api.errors.broken(error, begun=reader.begun))
        finally:
            await blocks.aclose()

    def _take(self, reader: ResponseReader, data: bytes) -> None:
        events = reader.feed(data, self.clock())
        self.events += events
        if reader.patience is not None:
            self.timer.expect_end(reader.patience)
        elif events and self.stream:
            self.timer.expect("idle")
        if self.on_first_token is not None and any(isinstance(event, _FIRST_TOKENS) for event in events):
            self.on_first_token()
            self.on_first_token = None


def _headers(api: APIClient) -> httpx2.Headers:
    """The headers that the SDK would send, made once."""
    sdk = api.sdk
    given = {**sdk.default_headers, **sdk.auth_headers}
    named = {name: value for name, value in given.items() if isinstance(value, str)}
    if not api.endpoint.key:
        named.pop("Authorization", None)
    return httpx2.Headers({**named, "x-stainless-retry-count": "0"})
