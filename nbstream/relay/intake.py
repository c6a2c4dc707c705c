"""Limits the time and size of requests, so that slow clients do not hold connections.

Headers are timed by the server's protocol, because an app sees a request only when its headers are
complete. Bodies are timed in the app, so that an app on any other server is protected as well.
"""

from __future__ import annotations

import asyncio
from typing import Any

from fastapi.responses import JSONResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from nbstream.relay.limits import RelayLimits
from nbstream.relay.problems import RelayError, error_body

__all__ = ["Intake", "timed_protocol"]


class Intake:
    """ASGI middleware that bounds the bodies of requests.

    Parameters
    ----------
    app
        The app to protect.
    limits
        Time and size limits of a body.
    """

    def __init__(self, app: ASGIApp, limits: RelayLimits) -> None:
        self._app = app
        self._limits = limits

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Forward the request (ASGI protocol)."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
        elif _announced_bytes(scope) > self._limits.body_bytes:
            body = error_body(self._too_large, "limit")
            await JSONResponse(body, 413, {"connection": "close"})(scope, receive, send)
        else:
            await self._app(scope, self._bounded(receive), send)

    @property
    def _too_large(self) -> str:
        return f"The body is longer than {self._limits.body_bytes:,} bytes. Send less."

    def _bounded(self, receive: Receive) -> Receive:
        """The same, but raises a `RelayError` if the body takes too long or is too large."""
        deadline = asyncio.get_running_loop().time() + self._limits.body_seconds
        complete, size = False, 0

        async def bounded() -> Message:
            nonlocal complete, size
            try:
                async with asyncio.timeout_at(None if complete else deadline):
                    message = await receive()
            except TimeoutError:
                text = f"The body took longer than {self._limits.body_seconds:g} seconds. Send it faster."
                raise RelayError(408, text) from None
            size += len(message.get("body", b""))
            if size > self._limits.body_bytes:
                raise RelayError(413, self._too_large)
            complete = complete or not message.get("more_body", False)
            return message

        return bounded


def _announced_bytes(scope: Scope) -> int:
    """The content length of a request; 0 if not given."""
    length = dict(scope["headers"]).get(b"content-length", b"")
    return int(length) if length.isdigit() else 0


def timed_protocol(seconds: float) -> type[asyncio.Protocol]:
    """Uvicorn's HTTP protocol; closes connections that do not send complete headers in time."""
    from uvicorn.protocols.http.auto import AutoHTTPProtocol

    protocol: Any = AutoHTTPProtocol

    class TimedProtocol(protocol):  # type: ignore[misc]
        _head: asyncio.TimerHandle | None = None

        def connection_made(self, transport: asyncio.Transport) -> None:
            super().connection_made(transport)
            self._expect_head()

        def data_received(self, data: bytes) -> None:
            before = self.cycle  # one request and its response
            if self._head is None and (before is None or before.response_complete):
                self._expect_head()
            super().data_received(data)
            if self.cycle is not before:
                self._end_timer()

        def connection_lost(self, exc: Exception | None) -> None:
            self._end_timer()
            super().connection_lost(exc)

        def _expect_head(self) -> None:
            self._head = self.loop.call_later(seconds, self.transport.close)

        def _end_timer(self) -> None:
            if self._head is not None:
                self._head.cancel()
                self._head = None

    return TimedProtocol
