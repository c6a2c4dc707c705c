"""The in-process transport streams, holds the app back, and leaves nothing behind."""

from __future__ import annotations

import asyncio
import contextvars
from collections.abc import AsyncIterator

import httpx2
import pytest

from nbstream.transports.asgi import ASGIApp, ASGITransport, Receive, Scope, Send

URL = "http://app/path%20here?q=1"

pytestmark = pytest.mark.usefixtures("no_task_is_left")


def client_of(app: ASGIApp, **options: object) -> httpx2.AsyncClient:
    return httpx2.AsyncClient(transport=ASGITransport(app), **options)  # type: ignore[arg-type]


async def start(send: Send, status: int = 200) -> None:
    await send({"type": "http.response.start", "status": status, "headers": [(b"x-app", b"1")]})


async def body(send: Send, data: bytes, *, more: bool = True) -> None:
    await send({"type": "http.response.body", "body": data, "more_body": more})


async def read_request(receive: Receive) -> list[bytes]:
    message = await receive()
    chunks = [message["body"]]
    while message["more_body"]:
        message = await receive()
        chunks.append(message["body"])
    return chunks


async def test_chunks_arrive_while_the_app_is_still_at_work() -> None:
    proceed = asyncio.Event()

    async def app(_scope: Scope, _receive: Receive, send: Send) -> None:
        await start(send, 201)
        await body(send, b"first")
        await proceed.wait()
        await body(send, b"second", more=False)

    async with client_of(app) as client, client.stream("GET", URL) as response:
        assert (response.status_code, response.headers["x-app"]) == (201, "1")
        chunks = response.aiter_raw()
        assert await anext(chunks) == b"first"
        proceed.set()
        assert await anext(chunks) == b"second"
        assert await anext(chunks, None) is None


async def test_the_app_sees_the_request_as_sent() -> None:
    scopes: list[Scope] = []
    uploads: list[bytes] = []

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        scopes.append(scope)
        uploads.extend(await read_request(receive))
        await start(send)
        await body(send, b"", more=False)

    async def upload() -> AsyncIterator[bytes]:
        yield b"one"
        yield b"two"

    async with client_of(app) as client:
        response = await client.post(URL, content=upload(), headers={"X-Mixed-Case": "yes"})

    assert response.content == b""
    assert scopes[0]["method"] == "POST"
    assert scopes[0]["path"] == "/path here"
    assert scopes[0]["raw_path"] == b"/path%20here"
    assert scopes[0]["query_string"] == b"q=1"
    assert (b"x-mixed-case", b"yes") in scopes[0]["headers"]
    assert b"".join(uploads) == b"onetwo"


async def test_send_waits_for_the_reader() -> None:
    sent: list[int] = []

    async def app(_scope: Scope, _receive: Receive, send: Send) -> None:
        await start(send)
        for number in range(100):
            await body(send, b"%d," % number)
            sent.append(number)
        await body(send, b"end", more=False)

    async with client_of(app) as client, client.stream("GET", URL) as response:
        chunks = response.aiter_raw()
        for taken in range(1, 6):
            await anext(chunks)
            for _ in range(20):
                await asyncio.sleep(0)
            assert len(sent) <= taken + 1
        rest = [chunk async for chunk in chunks]
    assert rest[-1] == b"end"
    assert len(sent) == 100


async def test_closing_cancels_an_app_that_does_not_listen() -> None:
    ended = asyncio.Event()

    async def app(_scope: Scope, _receive: Receive, send: Send) -> None:
        try:
            await start(send)
            await body(send, b"x")
            await asyncio.Event().wait()
        except asyncio.CancelledError:
            ended.set()
            raise

    async with client_of(app) as client:
        async with client.stream("GET", URL) as response:
            await anext(response.aiter_raw())
        assert ended.is_set()


async def test_an_app_that_listens_is_told_of_the_disconnect_and_may_tidy_up() -> None:
    heard: list[str] = []

    async def app(_scope: Scope, receive: Receive, send: Send) -> None:
        await read_request(receive)
        await start(send)
        heard.append((await receive())["type"])
        await asyncio.sleep(0.01)
        heard.append("tidied up")

    async with client_of(app) as client, client.stream("GET", URL):
        pass
    assert heard == ["http.disconnect", "tidied up"]


async def test_sending_to_a_closed_response_raises_oserror_in_the_app() -> None:
    raised: list[type[BaseException]] = []

    async def app(_scope: Scope, receive: Receive, send: Send) -> None:
        await read_request(receive)
        await start(send)
        await receive()
        try:
            await body(send, b"too late")
        except OSError as error:
            raised.append(type(error))

    async with client_of(app) as client, client.stream("GET", URL):
        pass
    assert raised == [ConnectionResetError]


async def test_work_after_a_complete_response_is_not_cut_off() -> None:
    done: list[str] = []

    async def app(_scope: Scope, _receive: Receive, send: Send) -> None:
        await start(send)
        await body(send, b"all", more=False)
        await asyncio.sleep(0.01)
        done.append("logged")

    async with client_of(app) as client:
        assert (await client.get(URL)).text == "all"
    assert done == ["logged"]


async def test_a_cancelled_request_ends_the_app() -> None:
    running, ended = asyncio.Event(), asyncio.Event()

    async def app(_scope: Scope, _receive: Receive, _send: Send) -> None:
        running.set()
        try:
            await asyncio.Event().wait()
        finally:
            ended.set()

    async with client_of(app) as client:
        request = asyncio.create_task(client.get(URL))
        await running.wait()
        request.cancel()
        with pytest.raises(asyncio.CancelledError):
            await request
        assert ended.is_set()


async def test_a_reader_is_woken_by_a_close_from_another_task() -> None:
    async def app(_scope: Scope, _receive: Receive, send: Send) -> None:
        await start(send)
        await asyncio.Event().wait()

    async with client_of(app) as client:
        response = await client.send(client.build_request("GET", URL), stream=True)
        reader = asyncio.create_task(anext(response.aiter_raw()))
        await asyncio.sleep(0)
        await response.aclose()
        with pytest.raises(httpx2.ReadError):
            await reader


async def test_closing_the_client_ends_responses_left_open() -> None:
    ended = asyncio.Event()

    async def app(_scope: Scope, _receive: Receive, send: Send) -> None:
        await start(send)
        try:
            await asyncio.Event().wait()
        finally:
            ended.set()

    async with client_of(app) as client:
        await client.send(client.build_request("GET", URL), stream=True)
    assert ended.is_set()


@pytest.mark.parametrize("chunks_before", [None, 0, 2])
async def test_an_exception_in_the_app_is_a_read_error(chunks_before: int | None) -> None:
    async def app(_scope: Scope, _receive: Receive, send: Send) -> None:
        if chunks_before is not None:
            await start(send)
            for _ in range(chunks_before):
                await body(send, b"x")
        raise ValueError("broken")

    async with client_of(app) as client:
        with pytest.raises(httpx2.ReadError, match="ValueError") as caught:
            await client.get(URL)
    assert isinstance(caught.value.__cause__, ValueError)


async def test_what_came_before_a_fault_is_read_first() -> None:
    async def app(_scope: Scope, _receive: Receive, send: Send) -> None:
        await start(send)
        await body(send, b"kept")
        raise ValueError

    async with client_of(app) as client, client.stream("GET", URL) as response:
        await asyncio.sleep(0)
        chunks = response.aiter_raw()
        assert await anext(chunks) == b"kept"
        with pytest.raises(httpx2.ReadError):
            await anext(chunks)


@pytest.mark.parametrize("started", [False, True])
async def test_a_response_that_is_never_finished_is_a_protocol_error(started: bool) -> None:
    async def app(_scope: Scope, _receive: Receive, send: Send) -> None:
        if started:
            await start(send)
            await body(send, b"half")

    async with client_of(app) as client:
        with pytest.raises(httpx2.RemoteProtocolError):
            await client.get(URL)


@pytest.mark.parametrize(
    "kinds",
    [
        ["http.response.body"],
        ["http.response.start", "http.response.start"],
        ["http.response.start", "http.response.trailers"],
    ],
)
async def test_messages_out_of_order_are_an_error_of_the_app(kinds: list[str]) -> None:
    async def app(_scope: Scope, _receive: Receive, send: Send) -> None:
        for kind in kinds:
            await send({"type": kind, "status": 200, "headers": [], "more_body": True})

    async with client_of(app) as client:
        with pytest.raises(httpx2.ReadError) as caught:
            await client.get(URL)
    assert isinstance(caught.value.__cause__, RuntimeError)


@pytest.mark.parametrize("started", [False, True])
async def test_silence_longer_than_the_read_timeout_is_a_timeout(started: bool) -> None:
    async def app(_scope: Scope, _receive: Receive, send: Send) -> None:
        if started:
            await start(send)
        await asyncio.Event().wait()

    async with client_of(app, timeout=0.02) as client:
        with pytest.raises(httpx2.ReadTimeout):
            await client.get(URL)


async def test_head_has_no_body() -> None:
    async def app(_scope: Scope, _receive: Receive, send: Send) -> None:
        await start(send)
        await body(send, b"never seen", more=False)

    async with client_of(app) as client:
        assert (await client.head(URL)).content == b""


async def test_the_app_runs_in_the_callers_context() -> None:
    variable = contextvars.ContextVar("variable", default="unset")

    async def app(_scope: Scope, _receive: Receive, send: Send) -> None:
        await start(send)
        await body(send, variable.get().encode(), more=False)

    variable.set("from the caller")
    async with client_of(app) as client:
        assert (await client.get(URL)).text == "from the caller"


async def test_many_exchanges_at_once_do_not_mix() -> None:
    async def app(scope: Scope, _receive: Receive, send: Send) -> None:
        await start(send)
        for _ in range(10):
            await body(send, scope["query_string"] + b" ")
        await body(send, b"", more=False)

    async with client_of(app) as client:
        texts = await asyncio.gather(*(client.get("http://app/", params={"n": n}) for n in range(50)))
    assert [text.text for text in texts] == [f"n={n} " * 10 for n in range(50)]


def test_one_transport_serves_one_loop_after_another() -> None:
    async def app(_scope: Scope, _receive: Receive, send: Send) -> None:
        await start(send)
        await body(send, b"ok", more=False)

    transport = ASGITransport(app)

    async def fetch() -> str:
        return (await httpx2.AsyncClient(transport=transport).get(URL)).text

    assert [asyncio.run(fetch()), asyncio.run(fetch())] == ["ok", "ok"]


def test_a_request_of_a_sync_client_is_refused() -> None:
    async def app(_scope: Scope, _receive: Receive, _send: Send) -> None: ...

    request = httpx2.Request("POST", URL, content=iter([b"sync"]))
    with pytest.raises(TypeError, match="AsyncClient"):
        asyncio.run(ASGITransport(app).handle_async_request(request))
