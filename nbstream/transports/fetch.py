"""Requests through the `fetch` of a browser, for Python that runs in it (Pyodide, as in JupyterLite)."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from typing import Any

import httpx2

__all__ = ["FetchTransport"]

# The browser sets these itself, has decoded the body, or asks the server for leave to send them.
_NOT_SENT = frozenset({"accept-encoding", "connection", "content-length", "host", "user-agent"})
_STATISTICS = "x-stainless-"  # of the SDK: few servers let pages send them
_NOT_READ = frozenset({"content-encoding", "content-length"})
_HIDDEN_REDIRECT = 307


class FetchTransport(httpx2.AsyncBaseTransport):
    """Streams each response, and aborts its request as soon as the response is closed.

    Nothing of the page goes along: no cookies, no referrer. Redirects are not followed.
    """

    async def handle_async_request(self, request: httpx2.Request) -> httpx2.Response:
        """Send it, and return the response as soon as its head has arrived."""
        import js

        body = await request.aread()
        aborter = js.AbortController.new()
        try:
            with _errors_as(httpx2.ConnectError):
                response = await js.fetch(str(request.url), _options(request, body, aborter.signal))
        except asyncio.CancelledError:
            aborter.abort()
            raise
        return httpx2.Response(
            response.status or _HIDDEN_REDIRECT,  # a browser tells no more of a redirect
            headers=[(name, value) for name, value in response.headers if name not in _NOT_READ],
            stream=_Body(response.body, aborter),
        )


class _Body(httpx2.AsyncByteStream):
    def __init__(self, stream: Any, aborter: Any) -> None:
        self._stream = stream
        self._aborter = aborter

    async def __aiter__(self) -> AsyncIterator[bytes]:
        if self._stream is None:  # a response without a body
            return
        reader = self._stream.getReader()
        with _errors_as(httpx2.ReadError):
            while not (part := await reader.read()).done:
                yield part.value.to_bytes()

    async def aclose(self) -> None:
        self._aborter.abort()


def _options(request: httpx2.Request, body: bytes, signal: Any) -> Any:
    """The second argument of `fetch`."""
    from pyodide.ffi import to_js

    import js

    headers = [(name, value) for name, value in request.headers.items() if name not in _NOT_SENT]
    options = {
        "method": request.method,
        "headers": [(name, value) for name, value in headers if not name.startswith(_STATISTICS)],
        "body": body or None,
        "signal": signal,
        "cache": "no-store",
        "credentials": "omit",
        "redirect": "manual",
        "referrerPolicy": "no-referrer",
    }
    return to_js(options, dict_converter=js.Object.fromEntries)


@contextmanager
def _errors_as(kind: type[httpx2.TransportError]) -> Iterator[None]:
    from pyodide.ffi import JsException

    try:
        yield
    except JsException as error:
        raise kind(str(error.message)) from None
