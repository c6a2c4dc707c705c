"""The test server does what its scripts say and sees what its clients do."""

from __future__ import annotations

import asyncio
import json
import socket
import threading
from collections.abc import Iterator

import httpx2
import pytest

from tests.loopback import (
    ByteServer,
    Close,
    Hold,
    Pause,
    Piece,
    RecordedRequest,
    Reset,
    Script,
    Send,
    Step,
    in_turn,
    json_response,
    response,
    sse_response,
)


@pytest.fixture(autouse=True)
def nothing_is_left() -> Iterator[None]:
    yield
    assert [thread.name for thread in threading.enumerate() if thread.name == "ByteServer"] == []


def test_a_request_is_recorded_as_it_was_sent() -> None:
    with ByteServer(json_response(201, {"ok": True}, {"x-extra": "yes"})) as server:
        answer = httpx2.post(f"{server.base_url}/things?q=1", json={"a": "ü"}, headers={"X-Key": "k"})

    assert (answer.status_code, answer.json(), answer.headers["x-extra"]) == (201, {"ok": True}, "yes")
    (request,) = server.requests
    assert (request.method, request.path, request.headers["x-key"]) == ("POST", "/v1/things?q=1", "k")
    assert request.json == {"a": "ü"}


def test_a_chunked_upload_is_recorded_without_its_framing() -> None:
    with ByteServer(response(204, b"")) as server:
        httpx2.post(server.url, content=iter([b"one", b"two"]))
    assert server.requests[0].body == b"onetwo"


def test_connections_are_kept_and_counted() -> None:
    with ByteServer(response(200, b"x")) as server:
        with httpx2.Client() as client:
            client.get(server.url)
            client.get(server.url)
        httpx2.get(server.url)
    assert server.connections == 2
    assert [request.connection for request in server.requests] == [0, 0, 1]


@pytest.mark.parametrize("chunked", [True, False])
def test_events_are_sent_in_both_framings(chunked: bool) -> None:
    pieces: list[Piece] = [{"n": 1}, Pause(0), "text", b": a comment\n\n", "[DONE]"]
    with ByteServer(sse_response(pieces, chunked=chunked)) as server:
        answer = httpx2.get(server.url)
    assert answer.headers["content-type"] == "text/event-stream"
    assert answer.content == b'data: {"n": 1}\n\ndata: text\n\n: a comment\n\ndata: [DONE]\n\n'


async def test_each_send_arrives_before_the_next_one_is_due() -> None:
    with ByteServer(sse_response([b"first", Hold()])) as server:
        async with httpx2.AsyncClient() as client, client.stream("GET", server.url) as answer:
            assert await anext(answer.aiter_raw()) == b"first"
            assert not server.requests[0].hung_up


async def test_a_client_that_hangs_up_is_noticed() -> None:
    with ByteServer(sse_response([b"first", Hold()])) as server:
        async with httpx2.AsyncClient() as client:
            async with client.stream("GET", server.url) as answer:
                await anext(answer.aiter_raw())
            assert await asyncio.to_thread(server.requests[0].wait_disconnect)


def test_a_server_that_closes_is_not_a_client_that_hangs_up() -> None:
    with ByteServer(sse_response(["x"], chunked=False)) as server:
        connection = socket.create_connection(("127.0.0.1", server.port))
        with connection:
            connection.sendall(b"GET / HTTP/1.1\r\n\r\n")
            while connection.recv(1024):
                pass
            assert not server.requests[0].hung_up


def test_a_reset_breaks_the_response_after_what_was_sent() -> None:
    script = sse_response([b"kept", Reset()])
    with ByteServer(script) as server, httpx2.stream("GET", server.url) as answer:
        chunks = answer.iter_raw()
        assert next(chunks) == b"kept"
        with pytest.raises(httpx2.ReadError):
            next(chunks)


def test_a_close_in_the_middle_of_chunks_is_a_protocol_error() -> None:
    script = sse_response([b"kept", Close()])
    with ByteServer(script) as server, pytest.raises(httpx2.RemoteProtocolError):
        httpx2.get(server.url)


def test_send_waits_for_a_client_that_does_not_read() -> None:
    chunk = bytes(2**20)
    script: list[Step] = [Send(b"HTTP/1.1 200 OK\r\n\r\n"), *[Send(chunk)] * 64, Close()]
    done = threading.Event()

    def handler(_request: RecordedRequest) -> Iterator[Step]:
        yield from script
        done.set()

    with ByteServer(handler) as server:
        with httpx2.Client() as client, client.stream("GET", server.url) as answer:
            assert not done.wait(0.2)
            assert sum(map(len, answer.iter_raw())) == 64 * len(chunk)
        assert done.wait(5)


def test_scripts_can_depend_on_the_request_and_on_its_turn() -> None:
    def echo(request: RecordedRequest) -> Script:
        return json_response(200, {"path": request.path})

    with ByteServer(echo) as server:
        assert httpx2.get(f"{server.url}/a").json() == {"path": "/a"}
    with ByteServer(in_turn(response(500, b""), response(200, b""))) as server:
        assert [httpx2.get(server.url).status_code for _ in range(3)] == [500, 200, 200]


def test_two_loops_and_many_clients_can_use_one_server() -> None:
    async def fetch(url: str) -> list[int]:
        async with httpx2.AsyncClient(timeout=60) as client:
            return [a.status_code for a in await asyncio.gather(*(client.get(url) for _ in range(20)))]

    with ByteServer(response(200, b"x")) as server:
        assert asyncio.run(fetch(server.url)) + asyncio.run(fetch(server.url)) == [200] * 40
    assert len(server.requests) == 40


def test_requests_can_be_waited_for() -> None:
    with ByteServer([Hold()]) as server:
        with pytest.raises(TimeoutError, match="0 of 1"):
            server.wait_requests(1, timeout=0.01)
        with pytest.raises(httpx2.ReadTimeout):
            httpx2.get(server.url, timeout=0.05)
        assert server.wait_requests(1)[0].wait_disconnect()


def test_what_goes_wrong_in_a_script_is_raised_to_the_test() -> None:
    def broken(_request: RecordedRequest) -> Script:
        raise ZeroDivisionError

    server = ByteServer(broken)
    with pytest.raises(ZeroDivisionError), server, pytest.raises(httpx2.RemoteProtocolError):
        httpx2.get(server.url)


def test_leaving_the_context_frees_port_and_connections() -> None:
    with ByteServer([Hold()]) as server:
        connection = socket.create_connection(("127.0.0.1", server.port))
        connection.sendall(b"GET / HTTP/1.1\r\n\r\n")
        server.wait_requests(1)
    with connection, pytest.raises(httpx2.ConnectError):
        httpx2.get(server.url)


def test_json_is_plain_json() -> None:
    (send,) = json_response(200, {"a": [1]})
    assert isinstance(send, Send)
    assert json.loads(send.data.partition(b"\r\n\r\n")[2]) == {"a": [1]}
