"""A chat that is closed has no connections; what another chat uses stays open."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator

import pytest

from nbstream import Chat, NBStream
from nbstream.client.router import Router
from nbstream.errors import ConfigError
from tests.loopback import ByteServer, Hold, in_turn, sse_response
from tests.loopback.chunks import delta, says


@pytest.fixture
def server() -> Iterator[ByteServer]:
    with ByteServer(says("Hello")) as running:
        yield running


def router() -> Router:
    return Router(NBStream(retries=0), {"NBSTREAM_NO_PROBE": "1"})


async def test_leaving_the_context_closes_the_connections_and_keeps_the_turns(server: ByteServer) -> None:
    shared = router()
    async with Chat("m", base_url=server.base_url, router=shared) as chat:
        await chat.send("one")
        assert server.open_connections == 1
    await closed(server)
    assert len(chat.conversation) == 1
    with pytest.raises(ConfigError, match=r"closed.*chat\.fork\(\)"):
        chat.send("two")
    assert (await chat.fork().send("two")).text == "Hello"
    await shared.aclose()


async def test_closing_stops_the_answers_of_the_chat() -> None:
    with ByteServer(sse_response([delta("part"), Hold()])) as server:
        chat = Chat("m", base_url=server.base_url, router=router())
        reply = chat.send("one")
        async for _ in reply:
            break_off = asyncio.create_task(chat.aclose())
        await break_off
        assert (reply.status, reply.text) == ("stopped", "part")
        await closed(server)


async def test_another_chat_goes_on() -> None:
    with ByteServer(in_turn(sse_response([delta("part"), Hold()]), says("Hello"))) as server:
        shared = router()
        first = Chat("m", base_url=server.base_url, router=shared)
        reply = first.send("one")
        reading = aiter(reply)
        assert await anext(reading) == "part"
        second = Chat("m", base_url=server.base_url, router=shared)
        await second.send("two")
        await second.aclose()
        assert not reply.done
        await first.aclose()
        assert reply.status == "stopped"
        await closed(server)


async def test_close_without_await(server: ByteServer) -> None:
    chat = Chat("m", base_url=server.base_url, router=router())
    await chat.send("one")
    chat.close()
    with pytest.raises(ConfigError, match="closed"):
        chat.send("two")
    await closed(server)


def test_close_in_a_script(server: ByteServer) -> None:
    chat = Chat("m", base_url=server.base_url, router=router())
    chat.close()
    with pytest.raises(ConfigError, match="closed"):
        chat.send("one")


async def closed(server: ByteServer) -> None:
    """Wait until the server has seen its last connection end."""
    while server.open_connections:  # noqa: ASYNC110 - another thread counts them
        await asyncio.sleep(0.01)
