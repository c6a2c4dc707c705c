"""One HTTP exchange of an ASGI app: read the body, send JSON or events, notice a disconnect."""

from __future__ import annotations

import asyncio
import contextlib
import json
from collections.abc import Awaitable, Callable, Mapping, MutableMapping
from typing import Any

from nbstream.demo.errors import APIError

__all__ = ["ClientGoneError", "HTTPExchange", "Receive", "Scope", "Send"]

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]

MAX_BODY_BYTES = 16 * 2**20


class ClientGoneError(Exception):
    """The client has disconnected."""


class HTTPExchange:
    """One request and its response.

    Parameters
    ----------
    scope, receive, send
        The arguments of the ASGI call.
    request_id
        Sent as ``x-request-id``.

    Attributes
    ----------
    headers : dict of str
        Sent with every response.
    """

    def __init__(self, scope: Scope, receive: Receive, send: Send) -> None:
        self.method: str = scope["method"]
        self.path: str = scope["path"]
        self.request_id = ""
        self.headers: dict[str, str] = {}
        self._headers = dict(scope["headers"])
        self._receive = receive
        self._send = send
        self._gone = asyncio.Event()
        self._watcher: asyncio.Task[None] | None = None

    def header(self, name: str) -> str:
        """A header of the request; empty if it was not sent."""
        value: bytes = self._headers.get(name.encode(), b"")
        return value.decode("latin-1")

    async def body(self) -> bytes:
        """Read the complete request, and then watch for a disconnect."""
        body = b""
        more = True
        while more:
            message = await self._receive()
            if message["type"] == "http.disconnect":
                raise ClientGoneError
            body += message.get("body", b"")
            more = message.get("more_body", False)
            if len(body) > MAX_BODY_BYTES:
                raise APIError(413, f"The request is longer than {MAX_BODY_BYTES:,} bytes; send less.")
        self._watcher = asyncio.create_task(self._watch())
        return body

    async def pause(self, seconds: float | None) -> None:
        """Wait; 0 only yields to other tasks, None waits until the client disconnects.

        Raises
        ------
        ClientGoneError
            As soon as the client disconnects.
        """
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                await self._gone.wait()
        if self._gone.is_set():
            raise ClientGoneError

    async def start(self, status: int, headers: Mapping[str, str]) -> None:
        """Send the status and the headers."""
        pairs = {**headers, **self.headers, "x-request-id": self.request_id}
        raw = [(name.encode(), value.encode()) for name, value in pairs.items() if value]
        await self._send({"type": "http.response.start", "status": status, "headers": raw})

    async def send(self, data: bytes, *, more: bool = True) -> None:
        """Send a part of the body."""
        await self._send({"type": "http.response.body", "body": data, "more_body": more})

    async def send_event(self, data: str) -> None:
        """Send one server-sent event."""
        await self.send(encoded(f"data: {data}\n\n"))

    async def send_json(self, status: int, value: object, headers: Mapping[str, str] | None = None) -> None:
        """Send a whole response."""
        body = encoded(dump(value))
        entity = {"content-type": "application/json", "content-length": str(len(body))}
        await self.start(status, entity | dict(headers or {}))
        await self.send(body, more=False)

    async def close(self) -> None:
        """Stop watching for a disconnect."""
        if self._watcher is not None:
            self._watcher.cancel()
            await asyncio.wait({self._watcher})

    async def _watch(self) -> None:
        while (await self._receive())["type"] != "http.disconnect":
            pass
        self._gone.set()


def dump(value: object) -> str:
    """Compact JSON, with every character that JSON allows as it is."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def encoded(text: str) -> bytes:
    """UTF-8; half of a surrogate pair, which JSON can carry and UTF-8 cannot, becomes a question mark."""
    return text.encode("utf-8", "replace")
