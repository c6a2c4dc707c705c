"""Requests over real connections, plain and encrypted."""

from __future__ import annotations

import asyncio
import os
import socket
import ssl
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import httpx2
import pytest

from nbstream.providers.endpoint import without_tls
from nbstream.transports.connecting import connected_socket
from nbstream.transports.direct import DirectTransport
from tests.loopback.certificate import make_certificate

HEAD = b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n"
TOKENS = [b"token %d, " % number for number in range(400)]

Contexts = tuple[ssl.SSLContext | None, ssl.SSLContext]


@pytest.fixture(params=["http", "https"])
def contexts(request: pytest.FixtureRequest, tmp_path: Path) -> Contexts:
    """Of the server and of the client."""
    if request.param == "http":
        return None, without_tls()
    made = make_certificate(tmp_path)
    server = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    server.load_cert_chain(made.certificate, made.key)
    return server, ssl.create_default_context(cafile=str(made.certificate))


class Server:
    """Answers each request with its tokens, each in a separate chunk and write."""

    def __init__(self, *, closes: bool = False) -> None:
        self.connections = 0
        self.closed = asyncio.Event()
        self._closes = closes

    async def answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        try:
            while await reader.readuntil(b"\r\n\r\n"):
                writer.write(HEAD)
                for token in TOKENS:
                    writer.write(b"%x\r\n%b\r\n" % (len(token), token))
                writer.write(b"0\r\n\r\n")
                await writer.drain()
                if self._closes:
                    break
        except (asyncio.IncompleteReadError, ConnectionError):
            pass
        finally:
            writer.close()
            self.closed.set()


@asynccontextmanager
async def served(server: Server, contexts: Contexts) -> AsyncIterator[tuple[httpx2.AsyncClient, str]]:
    """A client, and the address of a server."""
    handlers: set[asyncio.Task[None]] = set()

    def accept(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        handlers.add(asyncio.create_task(server.answer(reader, writer)))

    listening = await asyncio.start_server(accept, "127.0.0.1", 0, ssl=contexts[0])
    limits = httpx2.Limits(max_connections=4, max_keepalive_connections=4)
    client = httpx2.AsyncClient(transport=DirectTransport(contexts[1], limits), timeout=30)
    port = listening.sockets[0].getsockname()[1]
    async with listening:
        yield client, f"{'http' if contexts[0] is None else 'https'}://127.0.0.1:{port}/"
        await client.aclose()
        await asyncio.gather(*handlers, return_exceptions=True)


async def test_what_arrives_together_is_read_together(contexts: Contexts) -> None:
    async with served(Server(), contexts) as (client, url), client.stream("GET", url) as response:
        parts = [part async for part in response.aiter_raw()]
    assert b"".join(parts) == b"".join(TOKENS)
    assert len(parts) < len(TOKENS) / 4


async def test_a_connection_is_used_again(contexts: Contexts) -> None:
    server = Server()
    async with served(server, contexts) as (client, url):
        for _ in range(3):
            assert (await client.get(url)).content == b"".join(TOKENS)
    assert server.connections == 1


async def test_a_connection_that_the_server_closed_is_not(contexts: Contexts) -> None:
    server = Server(closes=True)
    async with served(server, contexts) as (client, url):
        for _ in range(3):
            assert (await client.get(url)).content == b"".join(TOKENS)
            await server.closed.wait()
            server.closed.clear()
    assert server.connections == 3


async def test_a_body_that_is_larger_than_all_buffers(contexts: Contexts) -> None:
    body = os.urandom(1 << 16) * 64
    received = bytearray()

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        received.extend(await reader.readexactly(len(body)))
        writer.write(b"HTTP/1.1 200 OK\r\ncontent-length: %d\r\n\r\n" % len(received) + received)
        await writer.drain()
        writer.close()

    server = Server()
    server.answer = answer  # type: ignore[method-assign]
    async with served(server, contexts) as (client, url):
        response = await client.post(url, content=body)
    assert response.content == body == bytes(received)


async def test_timeouts_have_the_names_of_httpx2(contexts: Contexts) -> None:
    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read()
        writer.close()

    server = Server()
    server.answer = answer  # type: ignore[method-assign]
    async with served(server, contexts) as (client, url):
        with pytest.raises(httpx2.ReadTimeout):
            await client.get(url, timeout=0.05)


def open_files() -> int:
    return sum(1 for _ in Path("/dev/fd").iterdir())


async def until(met: Callable[[], bool]) -> None:
    async with asyncio.timeout(10):
        while not met():  # noqa: ASYNC110  nothing tells when the system has closed a file
            await asyncio.sleep(0.01)


async def test_all_addresses_of_a_host_are_tried() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        port = listening.getsockname()[1]
        connection = await connected_socket("localhost", port)
        assert connection.getpeername()[1] == port
        connection.close()
    with pytest.raises(ConnectionRefusedError):
        await connected_socket("localhost", port)


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost"])
@pytest.mark.parametrize("turns", range(6))
async def test_cancelled_it_leaves_no_socket(host: str, turns: int) -> None:
    await asyncio.to_thread(int)  # the thread pool has its files from here on
    with socket.create_server(("127.0.0.1", 0)) as listening:
        before = open_files()
        connecting = asyncio.create_task(connected_socket(host, listening.getsockname()[1]))
        for _ in range(turns):
            await asyncio.sleep(0)
        connecting.cancel()
        for finished in await asyncio.gather(connecting, return_exceptions=True):
            if isinstance(finished, socket.socket):
                finished.close()
        await until(lambda: open_files() <= before)
