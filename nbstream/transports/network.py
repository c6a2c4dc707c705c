"""Connections of asyncio, as `httpcore2` uses them.

A read returns everything that has arrived, over TLS too, with its chunks merged. Nothing is received while
nobody reads, so that a reader that rests between reads wakes the event loop less often.
"""

from __future__ import annotations

import asyncio
import select
import ssl
from collections.abc import Iterable
from typing import Any, cast

import httpcore2

from nbstream.transports.connecting import connected_socket
from nbstream.transports.merged_chunks import BrokenChunkError, MergedChunks

__all__ = ["Network", "NetworkConnection"]


class Network(httpcore2.AsyncNetworkBackend):
    """Opens connections on the running event loop."""

    async def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,  # noqa: ASYNC109  the parameters are those of httpcore2
        local_address: str | None = None,
        socket_options: Iterable[httpcore2.SOCKET_OPTION] | None = None,
    ) -> httpcore2.AsyncNetworkStream:
        """Connect; all addresses of the host are tried."""
        try:
            async with asyncio.timeout(timeout):
                connection = await connected_socket(host, port, local_address)
                transport, incoming = await asyncio.get_running_loop().create_connection(
                    _Incoming, sock=connection
                )
        except TimeoutError as error:
            raise httpcore2.ConnectTimeout(str(error)) from error
        except OSError as error:
            raise httpcore2.ConnectError(str(error)) from error
        for option in socket_options or ():
            transport.get_extra_info("socket").setsockopt(*option)
        return NetworkConnection(transport, incoming)

    async def sleep(self, seconds: float) -> None:
        """Wait between attempts to connect."""
        await asyncio.sleep(seconds)


class NetworkConnection(httpcore2.AsyncNetworkStream):
    """One connection, with or without TLS.

    Parameters
    ----------
    transport
        Of asyncio.
    incoming
        Its protocol.
    """

    def __init__(self, transport: asyncio.Transport, incoming: _Incoming) -> None:
        self._transport = transport
        self._incoming = incoming
        self._chunks = MergedChunks()
        self._unread = b""

    async def read(self, max_bytes: int, timeout: float | None = None) -> bytes:  # noqa: ASYNC109
        """The received bytes; empty at the end."""
        data, self._unread = self._unread, b""
        if data:
            await asyncio.sleep(0)  # a fast server must not hold the event loop
        while not data:
            received = await self._incoming.read(timeout)
            if not received:
                return b""
            try:
                data = self._chunks.feed(received)
            except BrokenChunkError as error:
                raise httpcore2.RemoteProtocolError(str(error)) from error
        if len(data) > max_bytes:
            data, self._unread = data[:max_bytes], data[max_bytes:]
        return data

    async def write(self, buffer: bytes, timeout: float | None = None) -> None:  # noqa: ASYNC109
        """Send a part of a request, whose response is read next."""
        if not buffer:
            return
        self._chunks = MergedChunks()
        if self._transport.is_closing():
            raise httpcore2.WriteError("The connection is closed.")
        self._transport.write(buffer)
        await self._incoming.drain(timeout)

    async def aclose(self) -> None:
        """Close it at once."""
        self._incoming.abandon()
        self._transport.abort()

    async def start_tls(
        self,
        ssl_context: ssl.SSLContext,
        server_hostname: str | None = None,
        timeout: float | None = None,  # noqa: ASYNC109
    ) -> httpcore2.AsyncNetworkStream:
        """Encrypt everything from here on."""
        try:
            async with asyncio.timeout(timeout):
                transport = await self._encrypted(ssl_context, server_hostname)
        except BaseException as error:
            self._transport.abort()
            if isinstance(error, TimeoutError):
                raise httpcore2.ConnectTimeout(str(error)) from error
            if isinstance(error, OSError):
                raise httpcore2.ConnectError(str(error)) from error
            raise
        self._incoming.move_to(transport)
        return NetworkConnection(transport, self._incoming)

    async def _encrypted(self, context: ssl.SSLContext, host: str | None) -> asyncio.Transport:
        loop = asyncio.get_running_loop()
        transport = await loop.start_tls(self._transport, self._incoming, context, server_hostname=host)
        if transport is None:
            raise ConnectionResetError("The connection was closed during the TLS handshake.")
        return transport

    def get_extra_info(self, info: str) -> Any:
        """What `httpcore2` asks of a connection."""
        match info:
            case "is_readable":
                return bool(self._unread) or self._incoming.has_news or _is_readable(self._transport)
            case "client_addr":
                return self._transport.get_extra_info("sockname")
            case "server_addr":
                return self._transport.get_extra_info("peername")
            case _:  # ssl_object, socket
                return self._transport.get_extra_info(info)


class _Incoming(asyncio.Protocol):
    """What a connection has received and nobody has read."""

    def __init__(self) -> None:
        self._received: list[bytes] = []
        self._is_over = False
        self._error: Exception | None = None
        self._reader: asyncio.Future[None] | None = None
        self._writer: asyncio.Future[None] | None = None
        self._transport: asyncio.Transport
        self._is_paused = False
        self._is_full = False

    @property
    def has_news(self) -> bool:
        """Whether a read would not wait."""
        return bool(self._received) or self._is_over

    async def read(self, seconds: float | None) -> bytes:
        """What has been received; empty at the end."""
        if not self.has_news:
            self._reader = asyncio.get_running_loop().create_future()
            if self._is_paused:
                self._is_paused = False
                self._transport.resume_reading()
            try:
                await _within(seconds, self._reader)
            except TimeoutError as error:
                raise httpcore2.ReadTimeout(str(error)) from error
            finally:
                self._reader = None
        else:
            await asyncio.sleep(0)
        if not self._received and self._error is not None:
            raise httpcore2.ReadError(str(self._error)) from self._error
        data = b"".join(self._received)
        self._received.clear()
        return data

    async def drain(self, seconds: float | None) -> None:
        """Wait until the buffer of the transport has room."""
        if self._is_full and not self._is_over:
            self._writer = asyncio.get_running_loop().create_future()
            try:
                await _within(seconds, self._writer)
            except TimeoutError as error:
                raise httpcore2.WriteTimeout(str(error)) from error
            finally:
                self._writer = None
        if self._error is not None:
            raise httpcore2.WriteError(str(self._error)) from self._error

    def abandon(self) -> None:
        """End a read that waits while the connection is closed here."""
        if not self._is_over:
            self._end(ConnectionAbortedError("The connection was closed."))

    def move_to(self, transport: asyncio.Transport) -> None:
        """Receive from this transport from now on."""
        self._transport = transport

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.Transport", transport)

    def data_received(self, data: bytes) -> None:
        self._received.append(bytes(data))
        if not self._is_paused and not self._is_over:
            self._is_paused = True
            self._transport.pause_reading()
        _wake(self._reader)

    def eof_received(self) -> None:
        self._end(None)

    def connection_lost(self, exc: Exception | None) -> None:
        self._end(exc)

    def pause_writing(self) -> None:
        self._is_full = True

    def resume_writing(self) -> None:
        self._is_full = False
        _wake(self._writer)

    def _end(self, error: Exception | None) -> None:
        self._is_over = True
        self._error = self._error or error
        _wake(self._reader)
        _wake(self._writer)


async def _within(seconds: float | None, waiting: asyncio.Future[None]) -> None:
    if seconds is None:
        await waiting
    else:
        async with asyncio.timeout(seconds):
            await waiting


def _wake(waiting: asyncio.Future[None] | None) -> None:
    if waiting is not None and not waiting.done():
        waiting.set_result(None)


def _is_readable(transport: asyncio.Transport) -> bool:
    """Whether the system has received something, most likely the end, of which the loop does not know yet."""
    connection = transport.get_extra_info("socket")
    if connection is None or connection.fileno() < 0:
        return True
    try:
        if hasattr(select, "poll"):
            poll = select.poll()
            poll.register(connection.fileno(), select.POLLIN)
            return bool(poll.poll(0))
        return bool(select.select([connection.fileno()], [], [], 0)[0])
    except OSError:
        return True
