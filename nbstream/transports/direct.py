"""Requests over the network without a proxy."""

from __future__ import annotations

import ssl
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from typing import Any

import httpcore2
import httpx2

from nbstream.transports.network import Network

__all__ = ["DirectTransport"]

_ERRORS = (
    httpcore2.TimeoutException,
    httpcore2.NetworkError,
    httpcore2.ProtocolError,
    httpcore2.UnsupportedProtocol,
)


class DirectTransport(httpx2.AsyncBaseTransport):
    """What `httpx2.AsyncHTTPTransport` is, on connections that merge what arrives together.

    Parameters
    ----------
    verify
        The trusted certificates.
    limits
        How many connections to open and to keep.
    """

    def __init__(self, verify: ssl.SSLContext, limits: httpx2.Limits) -> None:
        self._pool = httpcore2.AsyncConnectionPool(
            ssl_context=verify,
            max_connections=limits.max_connections,
            max_keepalive_connections=limits.max_keepalive_connections,
            keepalive_expiry=limits.keepalive_expiry,
            network_backend=Network(),
        )

    async def handle_async_request(self, request: httpx2.Request) -> httpx2.Response:
        """Send it, and return the response as soon as its head has arrived."""
        url = request.url
        address = httpcore2.URL(scheme=url.raw_scheme, host=url.raw_host, port=url.port, target=url.raw_path)
        sent = httpcore2.Request(
            method=request.method,
            url=address,
            headers=request.headers.raw,
            content=request.stream,
            extensions=request.extensions,
        )
        with _errors_of_httpx():
            response = await self._pool.handle_async_request(sent)
        return httpx2.Response(
            response.status,
            headers=response.headers,
            stream=_Body(response.stream),
            extensions=response.extensions,
        )

    async def aclose(self) -> None:
        """Close the connections."""
        with _errors_of_httpx():
            await self._pool.aclose()


class _Body(httpx2.AsyncByteStream):
    def __init__(self, stream: Any) -> None:
        self._stream = stream

    async def __aiter__(self) -> AsyncIterator[bytes]:
        with _errors_of_httpx():
            async for part in self._stream:
                yield part

    async def aclose(self) -> None:
        await self._stream.aclose()


@contextmanager
def _errors_of_httpx() -> Iterator[None]:
    """Raise the errors of `httpcore2` as those that have the same names in `httpx2`."""
    try:
        yield
    except _ERRORS as error:
        raise getattr(httpx2, type(error).__name__, httpx2.TransportError)(str(error)) from error
