"""Readers of a relay: of its events, and of raw bytes over a socket of the test's own."""

from __future__ import annotations

import asyncio
import contextlib
import json
import socket
import struct
from collections.abc import Iterable
from typing import Any, Self

from nbstream.wire.sse import ServerSentEvent, SSEDecoder


def events_in(body: bytes) -> list[ServerSentEvent]:
    return SSEDecoder().feed(body)


def text_of(events: Iterable[ServerSentEvent]) -> str:
    """The text of an answer."""
    return "".join(delta.get("content", "") for delta in deltas(events))


def deltas(events: Iterable[ServerSentEvent]) -> list[dict[str, Any]]:
    objects = [json.loads(event.data) for event in events if event.data != b"[DONE]"]
    return [choice["delta"] for found in objects for choice in found.get("choices", ())]


def error_of(events: list[ServerSentEvent]) -> dict[str, Any]:
    """The error that a stream ends with."""
    error: dict[str, Any] = json.loads(events[-1].data)["error"]
    return error


class RawReader:
    """An HTTP client that reads only on demand, and can break its connection."""

    def __init__(self, url: str, method: str, path: str, body: Any = None, receive_bytes: int = 0) -> None:
        host, port = url.removeprefix("http://").rsplit(":", 1)
        self._socket = socket.socket()
        if receive_bytes:
            self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receive_bytes)
        self._address = (host, int(port))
        content = b"" if body is None else json.dumps(body).encode()
        self._request = (
            f"{method} {path} HTTP/1.1\r\nhost: {host}:{port}\r\ncontent-type: application/json\r\n"
            f"content-length: {len(content)}\r\n\r\n"
        ).encode() + content

    async def __aenter__(self) -> Self:
        self._socket.setblocking(False)
        loop = asyncio.get_running_loop()
        await loop.sock_connect(self._socket, self._address)
        await loop.sock_sendall(self._socket, self._request)
        return self

    async def __aexit__(self, *_: object) -> None:
        self._socket.close()

    async def read_until(self, wanted: bytes) -> bytes:
        """Read byte by byte, so that nothing behind `wanted` is taken."""
        loop, received = asyncio.get_running_loop(), b""
        while not received.endswith(wanted):
            block = await loop.sock_recv(self._socket, 1)
            if not block:
                raise EOFError(received)
            received += block
        return received

    async def read_all(self) -> bytes:
        loop, received = asyncio.get_running_loop(), b""
        while block := await loop.sock_recv(self._socket, 1 << 16):
            received += block
            if received.endswith(b"0\r\n\r\n"):
                break
        return received

    def reset(self) -> None:
        """Break the connection (RST)."""
        self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self._socket.close()

    def hang_up(self) -> None:
        """Close it in order (FIN)."""
        with contextlib.suppress(OSError):
            self._socket.shutdown(socket.SHUT_RDWR)
        self._socket.close()


def unchunked(response: bytes) -> bytes:
    """The body of a chunked HTTP response, as far as it has come."""
    _, _, rest = response.partition(b"\r\n\r\n")
    body = b""
    while rest:
        size, _, rest = rest.partition(b"\r\n")
        length = int(size, 16)
        body, rest = body + rest[:length], rest[length + 2 :]
    return body
