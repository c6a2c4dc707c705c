"""An ASGI app called in process, its response streamed: no socket, no thread, no buffered body.

`httpx2.ASGITransport` returns a response when the app has ended, which does not work for streaming.
Here the response is returned at ``http.response.start`` and each ``http.response.body`` is passed on as the
app sends it.

The app runs in its own task, on the event loop of the request. It is never more than one chunk
ahead of the reader, and closing the response ends it. Its failures look like those of a server:
`httpx2.TransportError`, never a hang.

Follows the ASGI HTTP specification, version 2.4 (``send`` raises `OSError` once the client is gone).
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, MutableMapping
from typing import Any, Generic, TypeVar

import httpx2

__all__ = ["ASGIApp", "ASGITransport", "Message", "Receive", "Scope", "Send"]

Scope = MutableMapping[str, Any]
Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
ASGIApp = Callable[[Scope, Receive, Send], Awaitable[None]]

T = TypeVar("T")

# How long an app may clean up after the exchange has ended, before it is cancelled.
GRACE_SECONDS = 0.5


class ASGITransport(httpx2.AsyncBaseTransport):
    """Send the requests of an `httpx2.AsyncClient` to an ASGI app in the same process.

    One transport may serve requests from several event loops, one after another; each exchange
    belongs to the loop on which it began. The client's read timeout is honoured for the response's
    start and for each chunk.

    Parameters
    ----------
    app
        The ASGI application.
    root_path
        Path under which the app is mounted, as ASGI's ``root_path``.

    Raises
    ------
    httpx2.ReadError
        From the request or from the reader: the app raised (its exception is the ``__cause__``), or
        the response was closed by another task.
    httpx2.RemoteProtocolError
        From the request or from the reader: the app returned without a complete response.
    httpx2.ReadTimeout
        The app sent nothing for longer than the client's read timeout.

    Examples
    --------
    >>> import asyncio
    >>> async def app(scope, receive, send):
    ...     await send({"type": "http.response.start", "status": 200, "headers": []})
    ...     await send({"type": "http.response.body", "body": b"Hello"})
    >>> async def fetch():
    ...     async with httpx2.AsyncClient(transport=ASGITransport(app)) as client:
    ...         return (await client.get("http://app/")).text
    >>> asyncio.run(fetch())
    'Hello'
    """

    def __init__(self, app: ASGIApp, *, root_path: str = "") -> None:
        self._app = app
        self._root_path = root_path
        self._exchanges: set[_Exchange] = set()

    async def handle_async_request(self, request: httpx2.Request) -> httpx2.Response:
        """Start the app on one request and return when it has sent status and headers."""
        exchange = _Exchange(self._app, request, self._root_path)
        self._exchanges.add(exchange)
        exchange.task.add_done_callback(lambda _: self._exchanges.discard(exchange))
        try:
            return await exchange.response()
        except BaseException:
            await exchange.aclose()
            raise

    async def aclose(self) -> None:
        """End every exchange that is still open."""
        await asyncio.gather(*(exchange.aclose() for exchange in tuple(self._exchanges)))


class _Exchange(httpx2.AsyncByteStream):
    """One request and its response: the app's side in a task, the reader's side as a byte stream."""

    def __init__(self, app: ASGIApp, request: httpx2.Request, root_path: str) -> None:
        if not isinstance(request.stream, httpx2.AsyncByteStream):
            raise TypeError("ASGITransport supports only httpx2.AsyncClient.")
        self._request_body = aiter(request.stream)
        self._read_timeout: float | None = request.extensions.get("timeout", {}).get("read")
        self._is_head = request.method == "HEAD"
        self._pipe: _Pipe[Message] = _Pipe()
        self._over = asyncio.Event()
        self._app_knows = self._uploaded = self._started = self._complete = False
        self.task = asyncio.create_task(self._run(app, _scope(request, root_path)))
        self.task.add_done_callback(self._app_ended)

    async def response(self) -> httpx2.Response:
        start = await self._next_message()
        return httpx2.Response(
            start["status"],
            headers=list(start.get("headers", ())),
            stream=self,
            extensions={"http_version": b"HTTP/1.1"},
        )

    async def __aiter__(self) -> AsyncIterator[bytes]:
        more = True
        while more:
            message = await self._next_message()
            more = message.get("more_body", False)
            if message.get("body") and not self._is_head:
                yield message["body"]

    async def aclose(self) -> None:
        self._over.set()
        # One iteration of the loop, in which an app that waits in receive() handles the disconnect.
        await asyncio.sleep(0)
        if self._app_knows:
            await asyncio.wait({self.task}, timeout=GRACE_SECONDS)
        self.task.cancel()
        await asyncio.wait({self.task})

    async def _run(self, app: ASGIApp, scope: Scope) -> None:
        await app(scope, self._receive, self._send)

    async def _next_message(self) -> Message:
        try:
            async with asyncio.timeout(self._read_timeout):
                return await self._pipe.read()
        except TimeoutError as error:
            raise httpx2.ReadTimeout(f"The app sent nothing for {self._read_timeout} s.") from error

    async def _receive(self) -> Message:
        if self._uploaded or self._over.is_set():
            await self._over.wait()
            self._app_knows = True
            return {"type": "http.disconnect"}
        chunk = await anext(self._request_body, None)
        self._uploaded = chunk is None
        return {"type": "http.request", "body": chunk or b"", "more_body": not self._uploaded}

    async def _send(self, message: Message) -> None:
        self._check_order(message["type"])
        if self._over.is_set():
            self._app_knows = True
            raise ConnectionResetError("The client has closed the response.")
        if message["type"] == "http.response.start":
            self._started = True
        elif not message.get("more_body", False):
            self._complete = self._app_knows = True
        await self._pipe.write(message)
        if self._complete:
            self._over.set()

    def _check_order(self, kind: str) -> None:
        expected = "http.response.body" if self._started else "http.response.start"
        if self._complete:
            raise RuntimeError(f"ASGI message {kind!r} after the end of the response.")
        if kind != expected:
            raise RuntimeError(f"ASGI message {kind!r} instead of {expected!r}.")

    def _app_ended(self, task: asyncio.Task[None]) -> None:
        if task.cancelled():
            self._pipe.end(httpx2.ReadError("The response was closed while it was being read."))
        elif (error := task.exception()) is not None:
            failure = httpx2.ReadError(f"The app failed with {type(error).__name__}.")
            failure.__cause__ = error
            self._pipe.end(failure)
        else:
            self._pipe.end(httpx2.RemoteProtocolError("The app left its response incomplete."))


class _Pipe(Generic[T]):
    """Passes items from a writer to a reader: the writer waits until the last item is taken.

    `asyncio.Queue` cannot be ended without waiting for a free slot (before Python 3.13), and the
    end of a task is reported by a callback, which cannot wait.
    """

    def __init__(self) -> None:
        self._item: T | None = None
        self._failure: Exception | None = None
        self._readable = asyncio.Event()
        self._writable = asyncio.Event()

    async def write(self, item: T) -> None:
        while self._item is not None:
            self._writable.clear()
            await self._writable.wait()
        self._item = item
        self._readable.set()

    async def read(self) -> T:
        """Take the next item; raise the failure given to `end` if there are no more."""
        while self._item is None:
            if self._failure is not None:
                raise self._failure
            self._readable.clear()
            await self._readable.wait()
        item, self._item = self._item, None
        self._writable.set()
        return item

    def end(self, failure: Exception) -> None:
        """Raise `failure` for reads after the last item."""
        self._failure = failure
        self._readable.set()


def _scope(request: httpx2.Request, root_path: str) -> Scope:
    url = request.url
    return {
        "type": "http",
        "asgi": {"version": "3.0", "spec_version": "2.4"},
        "http_version": "1.1",
        "method": request.method,
        "scheme": url.scheme,
        "path": url.path,
        "raw_path": url.raw_path.split(b"?")[0],
        "query_string": url.query,
        "root_path": root_path,
        "headers": [(name.lower(), value) for name, value in request.headers.raw],
        "client": ("127.0.0.1", 0),
        "server": (url.host, url.port),
    }
