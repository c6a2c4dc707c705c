"""An SDK client whose requests can be recorded and replayed, on top of another one."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterable
from typing import Any

import httpx2
from openai import AsyncOpenAI

from nbstream.cassettes.transport import CassetteTransport
from nbstream.client.connection import current_timer
from nbstream.providers.endpoint import without_tls

__all__ = ["recordable"]


def recordable(sdk: AsyncOpenAI, secrets: Iterable[str]) -> AsyncOpenAI:
    """A client that sends through `sdk`: its proxies, credentials and hooks remain in use.

    Parameters
    ----------
    sdk
        One of nbstream, or the user's own, which may use the older httpx.
    secrets
        Its credentials.
    """
    http: Any = sdk._client  # noqa: SLF001  the SDK has no public name for it
    transport = CassetteTransport(_ThroughClient(http), deadline=current_timer, secrets=secrets)
    outer = httpx2.AsyncClient(
        transport=transport,
        headers=list(http.headers.raw),
        params=http.params,
        cookies=http.cookies.jar,
        timeout=None,
        trust_env=False,
        verify=without_tls(),
    )
    return sdk.with_options(http_client=outer)


class _ThroughClient(httpx2.AsyncBaseTransport):
    """Sends requests by another client, which stays open.

    Parameters
    ----------
    http
        A client of httpx2, or of the older httpx.
    """

    def __init__(self, http: Any) -> None:
        self._http = http

    async def handle_async_request(self, request: httpx2.Request) -> httpx2.Response:
        """Send it, with the hooks and the authentication of the client."""
        if isinstance(self._http, httpx2.AsyncClient):
            response: Any = await self._http.send(request, stream=True)
        else:
            response = await self._http.send(self._as_older(request), stream=True)
        return httpx2.Response(
            response.status_code,
            headers=list(response.headers.raw),
            stream=_Body(response),
            extensions=response.extensions,
        )

    def _as_older(self, request: httpx2.Request) -> Any:
        built = self._http.build_request(
            request.method, str(request.url), content=request.content, extensions=request.extensions
        )
        built.headers.clear()
        built.headers.update(dict(request.headers.items()))
        return built


class _Body(httpx2.AsyncByteStream):
    """The bytes of a response as they were received, whatever library received them."""

    def __init__(self, response: Any) -> None:
        self._response = response

    async def __aiter__(self) -> AsyncIterator[bytes]:
        async for chunk in self._response.stream:
            yield chunk

    async def aclose(self) -> None:
        await self._response.aclose()
