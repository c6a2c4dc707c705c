"""Readers that leave, stay silent or ask for too much: what the model's server sees of it."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from tests.chats import chat_on
from tests.loopback import ByteServer, Hold, sse_response
from tests.loopback.chunks import delta, says
from tests.relay.conftest import Serve
from tests.relay.readers import RawReader, error_of, events_in, text_of, unchunked
from tests.relay.upstream import WORDS

MESSAGES = [{"role": "user", "content": "Hi"}]
ENDLESS = sse_response([*map(delta, WORDS), Hold()])
SILENT = [Hold()]
ONCE = {"message": "Hi", "resumable": False}


async def left(server: ByteServer, within: float = 5.0) -> bool:
    """Whether the model's server sees the relay disconnect within that many seconds."""
    request = (await asyncio.to_thread(server.wait_requests, 1))[0]
    return await asyncio.to_thread(request.wait_disconnect, within)


@pytest.mark.parametrize("how", ["reset", "hang_up"])
@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("/chat", ONCE),
        ("/v1/chat/completions", {"model": "nbstream", "messages": MESSAGES, "stream": True}),
    ],
)
async def test_the_model_stops_when_its_reader_leaves(serve: Serve, path: str, body: Any, how: str) -> None:
    with ByteServer(ENDLESS) as server:
        async with serve(chat_on(server)) as client:
            async with RawReader(str(client.base_url), "POST", path, body) as reader:
                await reader.read_until(b"word5 ")
                getattr(reader, how)()
            assert await left(server)


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("/chat", ONCE),
        ("/v1/chat/completions", {"model": "nbstream", "messages": MESSAGES, "stream": True}),
        ("/v1/chat/completions", {"model": "nbstream", "messages": MESSAGES}),
    ],
)
async def test_also_while_the_model_is_silent(serve: Serve, path: str, body: Any) -> None:
    with ByteServer(SILENT) as server:
        async with serve(chat_on(server)) as client:
            async with RawReader(str(client.base_url), "POST", path, body):
                await asyncio.to_thread(server.wait_requests, 1)
            assert await left(server)


async def test_also_while_the_model_speaks_and_nothing_is_streamed(serve: Serve) -> None:
    body = {"model": "nbstream", "messages": MESSAGES}
    with ByteServer(ENDLESS) as server:
        async with serve(chat_on(server)) as client:
            async with RawReader(str(client.base_url), "POST", "/v1/chat/completions", body):
                await asyncio.to_thread(server.wait_requests, 1)
            assert await left(server)


async def test_a_resumable_answer_goes_on_for_the_grace_time(serve: Serve) -> None:
    with ByteServer(ENDLESS) as server:
        async with serve(chat_on(server), limits={"grace_seconds": 0.1}) as client:
            async with RawReader(str(client.base_url), "POST", "/chat", {"message": "Hi"}) as reader:
                received = await reader.read_until(b"word5 ")
            run = events_in(unchunked(received))[0].id.partition(":")[0]
            async with client.stream("GET", f"/chat/{run}") as back:
                assert not await left(server, within=0.5)
                assert not back.is_closed
            assert await left(server)
            events = events_in((await client.get(f"/chat/{run}")).content)
    assert text_of(events[:-1]) == "".join(WORDS)
    assert error_of(events)["type"] == "stopped"


async def test_an_answer_can_be_stopped_from_outside(serve: Serve) -> None:
    with ByteServer(ENDLESS) as server:
        async with (
            serve(chat_on(server)) as client,
            RawReader(str(client.base_url), "POST", "/chat", {"message": "Hi"}) as reader,
        ):
            received = await reader.read_until(b"word19 ")
            run = events_in(unchunked(received))[0].id.partition(":")[0]
            assert (await client.delete(f"/chat/{run}")).status_code == 204
            assert b"stopped" in await reader.read_until(b"0\r\n\r\n")
            assert await left(server)
            assert (await client.delete(f"/chat/{run}")).status_code == 204


async def test_what_was_stopped_stays_in_the_conversation(serve: Serve) -> None:
    scripts = iter([ENDLESS, says("Two.")])
    with ByteServer(lambda _: next(scripts)) as server:
        async with serve(chat_on(server)) as client:
            async with client.stream("POST", "/chat", json={"message": "1?"}) as response:
                body = b""
                async for block in response.aiter_raw():
                    body += block
                    if b"word19 " in body:
                        await client.delete(f"/chat/{events_in(body)[0].id.partition(':')[0]}")
            conversation = response.headers["x-conversation-id"]
            await client.post("/chat", json={"message": "2?", "conversation": conversation})
        assert server.requests[1].json["messages"][1] == {"role": "assistant", "content": "".join(WORDS)}


async def test_a_slow_reader_holds_nobody_back_and_misses_nothing(serve: Serve) -> None:
    words = ["x" * 2000 + str(number) for number in range(4000)]  # more than the buffers of two sockets hold
    with ByteServer(says(*words)) as server:
        async with (
            serve(chat_on(server), limits={"answer_bytes": 1 << 25}) as client,
            RawReader(str(client.base_url), "POST", "/chat", {"message": "Hi"}, receive_bytes=4096) as slow,
        ):
            first = await slow.read_until(b":1\n\n")
            run = events_in(unchunked(first))[0].id.partition(":")[0]
            fast = await client.get(f"/chat/{run}")
            assert text_of(events_in(fast.content)) == "".join(words)
            assert unchunked(first + await slow.read_all()) == fast.content


async def test_an_answer_without_end_is_cut_at_the_limit(serve: Serve) -> None:
    with ByteServer(sse_response([*[delta("x" * 1000)] * 100, Hold()])) as server:
        async with serve(chat_on(server), limits={"answer_bytes": 50_000}) as client:
            events = events_in((await client.post("/chat", json={"message": "Hi"})).content)
            assert error_of(events)["type"] == "limit"
            assert await left(server)
    assert 30 <= len(events) <= 60


async def test_ending_the_relay_stops_the_model(serve: Serve) -> None:
    with ByteServer(ENDLESS) as server:
        async with serve(chat_on(server)) as client:
            async with client.stream("POST", "/chat", json={"message": "Hi"}):
                await asyncio.to_thread(server.wait_requests, 1)
            assert not server.requests[0].hung_up
        assert await left(server)


async def test_no_task_is_left_of_an_answer_that_was_read(serve: Serve) -> None:
    before = asyncio.all_tasks()
    with ByteServer(says("Hello")) as server:
        async with serve(chat_on(server)) as client:
            await client.post("/chat", json={"message": "Hi"})
        assert asyncio.all_tasks() - before == set()
