"""Servers that are not reached: each reason has its words and its advice."""

from __future__ import annotations

import asyncio
import socket
import ssl
from collections.abc import Iterator
from pathlib import Path

import pytest

from nbstream.client.request_policy import RequestPolicy
from nbstream.errors import ConnectError, NbstreamError, RequestTimeoutError
from nbstream.reply import Reply
from nbstream.types.events import Retrying
from nbstream.types.limits import Timeouts
from tests.faults.playing import QUICK, asked, opened, sent
from tests.loopback.certificate import make_certificate


def error_of(reply: Reply) -> NbstreamError:
    assert reply.error is not None
    assert reply.error.kind in {"connection", "timeout"}
    assert (reply.text, reply.status) == ("", "failed")
    return reply.error


def retries(reply: Reply) -> int:
    return sum(isinstance(event, Retrying) for event in reply.events)


@pytest.fixture
def closed_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return int(listener.getsockname()[1])


async def test_a_port_that_nobody_listens_on(closed_port: int) -> None:
    async with opened(f"http://127.0.0.1:{closed_port}/v1", hint="Start it with: serve") as client:
        reply = await asked(client)
    error = error_of(reply)
    assert isinstance(error, ConnectError)
    assert error.message == f"Could not reach 127.0.0.1:{closed_port}: it refused the connection."
    assert error.advice == "Start it with: serve"
    assert retries(reply) == 2


async def test_a_port_of_localhost_that_nobody_listens_on(closed_port: int) -> None:
    """That name has two addresses, and so two reasons."""
    async with opened(f"http://localhost:{closed_port}/v1") as client:
        assert "refused the connection" in error_of(await asked(client)).message


async def test_a_name_that_nobody_has() -> None:
    async with opened("http://nobody.invalid/v1") as client:
        error = error_of(await asked(client))
    assert isinstance(error, ConnectError)
    assert "its name could not be resolved" in error.message


async def say_no(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    await reader.read(1)
    writer.write(b"HTTP/1.1 400 Bad Request\r\n\r\n")
    writer.close()


async def test_plain_http_where_tls_is_spoken_to() -> None:
    async with await asyncio.start_server(say_no, "127.0.0.1", 0) as server:
        port = server.sockets[0].getsockname()[1]
        async with opened(f"https://127.0.0.1:{port}/v1") as client:
            reply = await asked(client)
    error = error_of(reply)
    assert "TLS handshake failed" in error.message
    assert "https" in error.advice
    assert retries(reply) == 0


@pytest.fixture
def certificate(tmp_path: Path) -> ssl.SSLContext:
    made = make_certificate(tmp_path)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(made.certificate, made.key)
    return context


async def test_a_certificate_that_nobody_vouches_for(certificate: ssl.SSLContext) -> None:
    server = await asyncio.start_server(lambda _r, w: w.close(), "127.0.0.1", 0, ssl=certificate)
    async with server:
        port = server.sockets[0].getsockname()[1]
        async with opened(f"https://127.0.0.1:{port}/v1") as client:
            reply = await asked(client)
        server.close()
        await asyncio.sleep(0.05)
    error = error_of(reply)
    assert "certificate is not trusted" in error.message
    assert "SSL_CERT_FILE" in error.advice
    assert retries(reply) == 0


@pytest.fixture
def full_port() -> Iterator[int]:
    """A port that takes no more connections, and refuses none."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen(0)
        callers = [socket.socket() for _ in range(4)]
        for caller in callers:
            caller.setblocking(False)
            caller.connect_ex(listener.getsockname())
        yield listener.getsockname()[1]
        for caller in callers:
            caller.close()


async def test_a_server_that_takes_no_connection(full_port: int) -> None:
    async with opened(f"http://127.0.0.1:{full_port}/v1") as client:
        reply = await asked(client, RequestPolicy(Timeouts(connect=0.2), retry=QUICK))
    error = error_of(reply)
    assert isinstance(error, RequestTimeoutError)
    assert "No connection within 0.2 seconds" in error.message
    assert retries(reply) == 2


@pytest.fixture
def silent_port() -> Iterator[int]:
    """A port that takes connections and says nothing."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        yield listener.getsockname()[1]


async def test_a_handshake_that_is_not_answered(silent_port: int) -> None:
    async with opened(f"https://127.0.0.1:{silent_port}/v1") as client:
        reply = await asked(client, RequestPolicy(Timeouts(connect=0.2), retry=QUICK))
    assert "No connection within" in error_of(reply).message


async def test_a_handshake_that_is_stopped(silent_port: int) -> None:
    async with opened(f"https://127.0.0.1:{silent_port}/v1") as client:
        reply = sent(client)
        await asyncio.sleep(0.2)
        reply.stop()
        await reply.wait()
    assert reply.status == "stopped"
