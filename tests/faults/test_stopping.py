"""A stop reaches the server, wherever the request is, and leaves a conversation that makes sense."""

from __future__ import annotations

import asyncio

import pytest

from nbstream import Chat
from nbstream.client.router import Router
from nbstream.config import NBStream
from nbstream.reply import Reply
from nbstream.types.events import Retrying, TextDelta
from tests.faults.chunks import HALF, HELLO
from tests.faults.playing import opened, sent
from tests.loopback import ByteServer, Hold, Pause, Script, in_turn, json_response, sse_response, times

SILENT: dict[str, Script] = {
    "before the headers": [Hold()],
    "after the headers": sse_response([Hold()]),
    "between comments": sse_response(times(1000, b": ping\n\n", Pause(0.01))),
    "in the middle": sse_response([HALF, Hold()]),
    "in the middle of an event": sse_response([HALF + b"data: {", Hold()]),
    "in a flood": sse_response([*[HELLO] * 2000, Hold()]),
}


@pytest.mark.parametrize("script", SILENT.values(), ids=SILENT)
async def test_the_server_sees_the_connection_close(script: Script) -> None:
    with ByteServer(script) as server:
        async with opened(server.base_url) as client:
            reply = sent(client)
            await asyncio.to_thread(server.wait_requests, 1)
            await asyncio.sleep(0.05)
            reply.stop()
            await reply.wait()
            assert await asyncio.to_thread(server.requests[0].wait_disconnect)
    assert reply.status == "stopped"
    assert reply.error is None


async def test_while_waiting_to_try_again() -> None:
    with ByteServer(json_response(503, {}, {"retry-after": "30"})) as server:
        async with opened(server.base_url) as client:
            reply = sent(client)
            async for event in reply.follow():
                if isinstance(event, Retrying):
                    reply.stop()
        assert len(server.requests) == 1
    assert reply.status == "stopped"


async def test_while_waiting_for_a_connection(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("nbstream.client.connection.MOST_CONNECTIONS", 1)
    monkeypatch.setattr("nbstream.client.connection.FEWEST_CONNECTIONS", 1)
    with ByteServer(sse_response([HALF, Hold()])) as server:
        async with opened(server.base_url) as client:
            first = sent(client)
            await first_text(first)
            waiting = [sent(client) for _ in range(3)]
            await asyncio.sleep(0.05)
            for reply in [waiting[1], first]:
                reply.stop()
                await reply.wait()
            await first_text(waiting[0])
            for reply in waiting:
                reply.stop()
                await reply.wait()
        assert len(server.requests) <= 3
    assert {reply.status for reply in (first, *waiting)} == {"stopped"}


async def test_from_another_thread() -> None:
    with ByteServer(sse_response([HALF, Hold()])) as server:
        async with opened(server.base_url) as client:
            reply = sent(client)
            await first_text(reply)
            await asyncio.to_thread(reply.stop)
            await reply.wait()
            assert await asyncio.to_thread(server.requests[0].wait_disconnect)
    assert (reply.status, reply.text) == ("stopped", "Hello world")


async def test_the_next_turn_has_what_had_come() -> None:
    router = Router(NBStream(retries=0), {"NBSTREAM_NO_PROBE": "1"})
    script = in_turn(sse_response([HALF, Hold()]), [Hold()])
    with ByteServer(script) as server:
        chat = Chat("m", base_url=server.base_url, router=router)
        reply = chat.send("one")
        await first_text(reply)
        reply.stop()
        await reply.wait()
        unanswered = chat.send("two")
        await asyncio.to_thread(server.wait_requests, 2)
        unanswered.stop()
        await unanswered.wait()
    assert [message["content"] for message in chat.messages] == ["one", "Hello world"]


async def first_text(reply: Reply) -> None:
    async for event in reply.follow():
        if isinstance(event, TextDelta) and reply.text == "Hello world":
            return
