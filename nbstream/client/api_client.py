"""The SDK's client for one endpoint, with what has to go with each of its requests and what must not show.

The SDK creates the request (authentication, base URL, proxies, the user's own client). The bytes
of the response are read and decoded by `nbstream.wire`, because the SDK's own iterator costs about sixty
times more CPU per chunk, dies on a malformed chunk and loses text silently.
"""

from __future__ import annotations

import asyncio
import contextlib
import weakref
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from functools import partial
from typing import Any

import httpx2
from openai import AsyncOpenAI, Omit

from nbstream._util.redaction import Redactor
from nbstream.cassettes.scope import active
from nbstream.client.apis import APIS
from nbstream.client.connection import open_sdk
from nbstream.client.credentials import credentials_of
from nbstream.client.destination import as_sent, destination_of
from nbstream.client.error_translator import ErrorTranslator
from nbstream.client.http_clients import HTTPClients
from nbstream.client.recordable import recordable
from nbstream.client.repeating import repeated
from nbstream.client.sent import SentLog, SentRequest
from nbstream.errors import ArgumentError
from nbstream.providers.endpoint import Endpoint
from nbstream.providers.presets import PREFILLS
from nbstream.types.request import ChatRequest
from nbstream.wire.decoder import AnswerDecoder

__all__ = ["APIClient"]

CANCEL_SECONDS = 5.0


class APIClient:
    """Opens requests to one endpoint.

    Parameters
    ----------
    endpoint
        Where requests go.
    sdk
        The user's own client, used as is, but without its own retries. By default one is created.

    Attributes
    ----------
    endpoint : Endpoint
    redact : Redactor
        Takes the endpoint's secrets out of texts.
    errors : ErrorTranslator
        Turns exceptions of the SDK and the network into errors of nbstream.
    """

    def __init__(self, endpoint: Endpoint, sdk: AsyncOpenAI | None = None) -> None:
        _check_sdk(sdk)
        self.endpoint = endpoint
        self._owned = sdk is None
        self._sdk = open_sdk(endpoint) if sdk is None else sdk.with_options(max_retries=0)
        self._recordable: AsyncOpenAI | None = None
        self._http = HTTPClients(endpoint) if sdk is None else None
        if self._http is not None:
            # The garbage collector cannot await: the finalizer hands the SDK client to its loop, which closes
            # it. Not at exit, when the loop has ended and the system closes the connections anyway.
            self._dropped = weakref.finalize(
                self, _close_soon, self._sdk, self._http, asyncio.get_running_loop()
            )
            self._dropped.atexit = False
        self.redact = Redactor(credentials_of(endpoint, self._sdk))
        self.errors = ErrorTranslator(endpoint, self.redact)
        self._cancels: set[asyncio.Task[None]] = set()

    @property
    def sdk(self) -> AsyncOpenAI:
        """The SDK client for a request that is sent now: it records or replays if a cassette is in use."""
        if active() is None:
            return self._sdk
        if self._recordable is None:
            self._recordable = recordable(self._sdk, credentials_of(self.endpoint, self._sdk))
        return self._recordable

    @property
    def http(self) -> HTTPClients | None:
        """What sends many requests at a time, without the SDK; None where that has to send them.

        That is so for the user's own client, and if a cassette is in use.
        """
        return self._http if active() is None else None

    def open(
        self, request: ChatRequest, retries: int, connect_seconds: float | None
    ) -> AbstractAsyncContextManager[Any]:
        """A context manager that sends `request` when it is entered, and closes the response when it is left.

        Parameters
        ----------
        request
            What to send.
        retries
            How often it was sent before; the SDK tells servers the same.
        connect_seconds
            How long the user's own client may take to connect. For clients made here a `DeadlineTimer`
            decides, which does not count time in which the kernel was blocked.
        """
        return APIS[request.api].open(
            self._sdk_for(request),
            request,
            transformed=not self._owned,
            extra_headers=self.headers() | {"x-stainless-retry-count": str(retries)},
            timeout=httpx2.Timeout(None, connect=None if self._owned else connect_seconds),
        )

    def decoders(self, request: ChatRequest) -> Callable[[], AnswerDecoder]:
        """A function that returns new decoders of the answer to `request`.

        It outlives the client: a finished reply keeps it to decode its raw chunks again for the inspector.
        """
        return partial(APIS[request.api].decoder, request, self.redact)

    def note(self, log: SentLog, request: ChatRequest) -> None:
        """Keep a request that is about to be sent, with its destination."""
        destination = destination_of(self.endpoint, self._sdk_for(request), owned=self._owned)
        log.note(SentRequest(request, destination, self.redact.within))

    def note_sent(self, log: SentLog, request: ChatRequest, sent: Any) -> None:
        """Describe the destination by the HTTP request: the user's own client may add anything to it."""
        if not self._owned and log.first is not None:
            log.correct(request, as_sent(log.first.destination, sent))

    def headers(self) -> dict[str, Any]:
        """Headers of each request: without a key no Authorization is sent; the SDK needs this explicitly."""
        return {"Authorization": Omit()} if self._owned and not self.endpoint.key else {}

    def cancel(self, response_id: str) -> None:
        """Ask the server to stop writing a response in the background; does not wait for its answer."""
        # Called while the stream of a cancelled task is closed: an await here would be cancelled too.
        task = asyncio.get_running_loop().create_task(self._cancel(response_id))
        self._cancels.add(task)  # the event loop itself keeps only weak references to tasks
        task.add_done_callback(self._cancels.discard)

    async def aclose(self) -> None:
        """Close the connections. A client passed in by the user stays open."""
        await asyncio.gather(*self._cancels)
        if self._http is not None:
            self._dropped.detach()
            await self._http.aclose()
            await self._sdk.close()

    async def _cancel(self, response_id: str) -> None:
        # An error is not needed: the answer was stopped.
        with contextlib.suppress(Exception):
            async with asyncio.timeout(CANCEL_SECONDS):
                await repeated(lambda: self.sdk.responses.cancel(response_id, extra_headers=self.headers()))

    def _sdk_for(self, request: ChatRequest) -> AsyncOpenAI:
        """The SDK client for a request: some providers continue answers at another URL."""
        prefill = PREFILLS.get(self.endpoint.provider)
        if request.prefill is None or prefill is None or not prefill.base_url:
            return self.sdk
        return self.sdk.with_options(base_url=prefill.base_url)


_closing: set[asyncio.Task[None]] = set()
"""The event loop itself holds tasks weakly."""


def _close_soon(sdk: AsyncOpenAI, http: HTTPClients, loop: asyncio.AbstractEventLoop) -> None:
    """Close the connections of a client that was dropped; the garbage collector may run in any thread."""

    def close() -> None:
        for closing in (sdk.close(), http.aclose()):
            task = loop.create_task(closing)
            _closing.add(task)
            task.add_done_callback(_closing.discard)

    with contextlib.suppress(RuntimeError):  # the loop has ended
        loop.call_soon_threadsafe(close)


def _check_sdk(sdk: object) -> None:
    if sdk is not None and not isinstance(sdk, AsyncOpenAI):
        raise ArgumentError(
            f"client is of the class {type(sdk).__name__}, which is not asynchronous.",
            advice="Pass an AsyncOpenAI or AsyncAzureOpenAI; it takes the same arguments.",
        )
