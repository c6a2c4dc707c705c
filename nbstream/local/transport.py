"""Sends requests to a local model; the first request starts its process.

An `httpx2` transport, so that streaming, stopping, retries and errors work as for any other
endpoint.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator

import httpx2

from nbstream.local.process import Address, ModelProcess, running_process, start_process
from nbstream.local.store import Installed, installed
from nbstream.providers.endpoint import without_tls

__all__ = ["LocalTransport"]

_END_SECONDS = 1.0
"""A connection breaks a moment before the end of the process that held it is known."""


class LocalTransport(httpx2.AsyncBaseTransport):
    """Sends the requests of an `httpx2.AsyncClient` to the process of a model.

    Parameters
    ----------
    model
        Which one.
    """

    def __init__(self, model: Installed) -> None:
        self._model = model
        self._http = httpx2.AsyncHTTPTransport(verify=without_tls(), trust_env=False)

    @property
    def loaded(self) -> bool:
        """Whether its process is running and accepts requests."""
        process = running_process(self._model)
        return process is not None and process.loaded

    async def handle_async_request(self, request: httpx2.Request) -> httpx2.Response:
        """Start the process if needed, and send."""
        if request.method == "GET" and request.url.path.endswith("/models"):
            return _listing(self._model)
        process = start_process(self._model)
        address = await process.address()
        try:
            response = await self._http.handle_async_request(_addressed(request, address))
        except httpx2.TransportError as error:
            raise await _cause_of(error, process) from error
        stream = response.stream
        assert isinstance(stream, httpx2.AsyncByteStream)  # noqa: S101
        return httpx2.Response(
            response.status_code,
            headers=response.headers,
            stream=_Body(stream, process),
            extensions=response.extensions,
        )

    async def aclose(self) -> None:
        """Close the connections; the process keeps running for other event loops."""
        await self._http.aclose()


class _Body(httpx2.AsyncByteStream):
    """A response body; reports the end of the process as the error."""

    def __init__(self, stream: httpx2.AsyncByteStream, process: ModelProcess) -> None:
        self._stream = stream
        self._process = process

    async def __aiter__(self) -> AsyncIterator[bytes]:
        try:
            async for part in self._stream:
                yield part
        except httpx2.TransportError as error:
            raise await _cause_of(error, self._process) from error

    async def aclose(self) -> None:
        await self._stream.aclose()


_OWN = frozenset({b"host", b"authorization"})


def _addressed(request: httpx2.Request, address: Address) -> httpx2.Request:
    base = httpx2.URL(address.url)
    path = request.url.path.partition("/v1/")[2]
    url = base.copy_with(raw_path=f"/v1/{path}".encode())
    kept = [(name, value) for name, value in request.headers.raw if name.lower() not in _OWN]
    own = [
        (b"Host", f"{base.host}:{base.port}".encode()),
        (b"Authorization", f"Bearer {address.key}".encode()),
    ]
    return httpx2.Request(
        request.method, url, headers=[*own, *kept], stream=request.stream, extensions=request.extensions
    )


async def _cause_of(error: Exception, process: ModelProcess) -> Exception:
    return process.failure() if await asyncio.to_thread(process.wait, _END_SECONDS) else error


def _listing(model: Installed) -> httpx2.Response:
    """The available models, without loading any."""
    names = dict.fromkeys([*installed(), model.model.name])
    rows = [{"id": name, "object": "model", "owned_by": "nbstream-local"} for name in names]
    body = json.dumps({"object": "list", "data": rows}).encode()
    return httpx2.Response(200, headers={"Content-Type": "application/json"}, content=body)
