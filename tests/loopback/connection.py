"""One connection to a `ByteServer`: it reads requests and performs scripts."""

from __future__ import annotations

import asyncio
import contextlib
import socket
import struct
from collections.abc import Awaitable, Callable, Iterable

from tests.loopback.exchanges import RecordedRequest, read_request
from tests.loopback.steps import Close, Hold, Pause, Reset, Send, Step

# SO_LINGER with 0 seconds: closing sends RST instead of FIN.
RESET_ON_CLOSE = struct.pack("ii", 1, 0)


class Connection(asyncio.Protocol):
    """One TCP connection.

    A protocol and not a pair of asyncio streams, because a stream only tells that the peer has gone
    to someone who reads, and that would take bytes of the next request.
    """

    def __init__(self, talk: Callable[[Connection], Awaitable[None]]) -> None:
        self._talk = talk
        self._reader = asyncio.StreamReader()
        self._writable = asyncio.Event()
        self._writable.set()
        self._gone = asyncio.Event()
        self._request: RecordedRequest | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        if not isinstance(transport, asyncio.Transport):
            raise TypeError("A ByteServer serves TCP only.")
        self._transport = transport
        transport.set_write_buffer_limits(high=0)
        self._task = asyncio.ensure_future(self._talk(self))

    def data_received(self, data: bytes) -> None:
        self._reader.feed_data(data)

    def eof_received(self) -> None:
        self._peer_left()

    def connection_lost(self, exc: Exception | None) -> None:
        if exc is not None:
            self._peer_left()
        self._reader.feed_eof()
        self._gone.set()
        self._writable.set()

    def pause_writing(self) -> None:
        self._writable.clear()

    def resume_writing(self) -> None:
        self._writable.set()

    async def next_request(self, number: int) -> RecordedRequest | None:
        """Read a request; None where the connection has ended instead."""
        if self._transport.is_closing():
            return None
        try:
            self._request = await read_request(self._reader, number)
        except asyncio.IncompleteReadError:
            return None
        return self._request

    async def perform(self, script: Iterable[Step]) -> None:
        """Do the steps one after another, as long as the connection lasts."""
        for step in script:
            if self._gone.is_set():
                return
            await self._do(step)

    async def abort(self) -> None:
        """Drop the connection and wait until nothing is left of it."""
        self._transport.abort()
        await asyncio.wait({self._task})

    def close(self) -> None:
        """End the connection in order, after what was written."""
        self._transport.close()

    async def _do(self, step: Step) -> None:
        match step:
            case Send(data):
                self._transport.write(data)
                await self._writable.wait()
            case Pause(seconds):
                with contextlib.suppress(TimeoutError):
                    await asyncio.wait_for(self._gone.wait(), seconds)
            case Hold():
                await self._gone.wait()
            case Close():
                self.close()
            case Reset():
                self._reset()

    def _reset(self) -> None:
        connection = self._transport.get_extra_info("socket")
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, RESET_ON_CLOSE)
        self._transport.abort()

    def _peer_left(self) -> None:
        self._reader.feed_eof()
        self._gone.set()
        if self._request is not None:
            self._request.note_disconnect()
