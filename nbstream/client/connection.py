"""The SDK client for one endpoint, and the rules for its connections.

It sends no credentials of other endpoints, follows no redirects, and respects the process's limit of
file descriptors: requests wait for a free connection instead of failing.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Generator
from contextlib import contextmanager
from contextvars import ContextVar
from pathlib import Path
from typing import Any
from urllib.request import getproxies

import httpx2
from openai import AsyncOpenAI, Omit

from nbstream._util.browser import IN_BROWSER
from nbstream.client.deadline_timer import DeadlineTimer
from nbstream.errors import MissingPackageError, SettingsError
from nbstream.providers.endpoint import Endpoint, is_loopback, tls_context, without_tls

__all__ = ["connection_ceiling", "current_timer", "open_http", "open_sdk", "timed_by"]

MOST_CONNECTIONS = 512
FEWEST_CONNECTIONS = 8
KEPT_CONNECTIONS = 20
REFUSAL_BYTES = 1 << 16

_timed: ContextVar[DeadlineTimer | None] = ContextVar("nbstream_timed", default=None)


def open_sdk(endpoint: Endpoint) -> AsyncOpenAI:
    """An SDK client for one endpoint.

    Raises
    ------
    ConfigError
        If the proxy or certificates in the environment cannot be used.
    """
    address = httpx2.URL(endpoint.base_url)
    # Small pieces of text do not profit from compression, which delays them and can hide a decompression
    # bomb.
    headers: dict[str, Any] = {"Accept-Encoding": "identity"}
    if endpoint.provider != "openai":
        headers |= {"OpenAI-Organization": Omit(), "OpenAI-Project": Omit()}
    return AsyncOpenAI(
        api_key=endpoint.key or "",
        admin_api_key="",
        base_url=address.copy_with(userinfo=b""),  # httpx2 logs each URL with its password
        http_client=open_http(endpoint),
        max_retries=0,
        default_headers=headers,
    )


def open_http(endpoint: Endpoint) -> httpx2.AsyncClient:
    """An HTTP client for one endpoint.

    It has no timeouts: a timer ends what takes too long, for it knows whether the event loop was free.

    Raises
    ------
    ConfigError
        If the proxy or certificates in the environment cannot be used.
    """
    if IN_BROWSER:
        return _open_in_browser(endpoint)
    address = httpx2.URL(endpoint.base_url)
    asks_network = endpoint.transport is None
    needs_tls = asks_network and address.scheme == "https"
    verify = tls_context() if needs_tls else without_tls()
    limits = httpx2.Limits(max_connections=connection_ceiling(), max_keepalive_connections=KEPT_CONNECTIONS)
    by_proxy = asks_network and not is_loopback(endpoint.base_url) and bool(getproxies())
    transport = endpoint.transport
    if asks_network and not by_proxy:
        from nbstream.transports.direct import DirectTransport

        transport = DirectTransport(verify, limits)
    try:
        return httpx2.AsyncClient(
            auth=_auth(address),
            transport=transport,
            follow_redirects=False,  # another host must not receive the key or the conversation
            trust_env=asks_network and not is_loopback(endpoint.base_url),
            verify=verify,
            timeout=None,
            limits=limits,
            event_hooks={"request": [_note_phases] if asks_network else [], "response": [_bound_refusal]},
        )
    except ImportError:
        raise MissingPackageError(
            "The environment sets a SOCKS proxy, but the package socksio is not installed.",
            advice="pip install socksio, then restart the kernel; or unset ALL_PROXY.",
        ) from None
    except (ValueError, httpx2.InvalidURL):  # its text may contain a password
        raise SettingsError(
            "The proxy URL in the environment is not valid.",
            advice="Check HTTPS_PROXY, HTTP_PROXY and ALL_PROXY: they should look like http://host:port.",
        ) from None


def _open_in_browser(endpoint: Endpoint) -> httpx2.AsyncClient:
    """The browser itself knows proxies and certificates, and limits the connections to a host."""
    from nbstream.transports.fetch import FetchTransport

    return httpx2.AsyncClient(
        auth=_auth(httpx2.URL(endpoint.base_url)),
        transport=endpoint.transport or FetchTransport(),
        follow_redirects=False,
        trust_env=False,
        timeout=None,
        event_hooks={"response": [_bound_refusal]},
    )


def _auth(address: httpx2.URL) -> tuple[str, str] | None:
    return (address.username, address.password) if address.userinfo else None


def connection_ceiling() -> int:
    """How many connections one client may open: half of the free file descriptors."""
    if IN_BROWSER:
        return MOST_CONNECTIONS
    try:
        import resource
    except ImportError:  # Windows has no such limit
        return MOST_CONNECTIONS
    allowed, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
    if allowed == resource.RLIM_INFINITY:
        return MOST_CONNECTIONS
    return min(MOST_CONNECTIONS, max(FEWEST_CONNECTIONS, (allowed - _open_files()) // 2))


@contextmanager
def timed_by(timer: DeadlineTimer) -> Generator[None]:
    """Let `timer` follow the request that is sent inside: waiting for a connection, connecting, the rest.

    Without this (the user's own client) all phases count as waiting for the first event.
    """
    timer.expect("first_event")
    token = _timed.set(timer)
    try:
        yield
    finally:
        _timed.reset(token)


def current_timer() -> DeadlineTimer | None:
    """The timer of the request that is being sent."""
    return _timed.get()


def _open_files() -> int:
    try:
        return sum(1 for _ in Path("/dev/fd").iterdir())
    except OSError:
        return 64


async def _note_phases(request: httpx2.Request) -> None:
    """Request hook: tell the timer where the request is."""
    timer = _timed.get()
    if timer is not None:
        timer.pause()
        request.extensions["trace"] = _Tracer(timer)


async def _bound_refusal(response: httpx2.Response) -> None:
    """Response hook: the SDK reads error bodies completely, so they are truncated."""
    if response.status_code >= 300 and isinstance(response.stream, httpx2.AsyncByteStream):
        response.stream = _Refusal(response.stream)


class _Tracer:
    """Follows one request through the connection pool, as httpcore2's ``trace`` extension."""

    def __init__(self, timer: DeadlineTimer) -> None:
        self._timer = timer
        self._stream: Any = None

    async def __call__(self, name: str, info: dict[str, Any]) -> None:
        match name.partition(".")[2]:
            case "connect_tcp.started":
                self._timer.expect("connect")
            case "connect_tcp.complete":
                self._stream = info["return_value"]
            case "start_tls.failed" if self._stream is not None:
                await self._stream.aclose()  # httpcore2 leaks it if the handshake is cancelled
            case "send_request_headers.started" | "send_request_body.complete":
                self._timer.expect("first_event")  # starts when the request has been sent completely


class _Refusal(httpx2.AsyncByteStream):
    """The first bytes of a body; truncation does not matter, since the status is known."""

    def __init__(self, stream: httpx2.AsyncByteStream) -> None:
        self._stream = stream

    async def __aiter__(self) -> AsyncIterator[bytes]:
        size = 0
        try:
            async for part in self._stream:
                yield part
                size += len(part)
                if size >= REFUSAL_BYTES:
                    return
        except httpx2.TransportError:
            return

    async def aclose(self) -> None:
        await self._stream.aclose()
