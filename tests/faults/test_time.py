"""The timeouts: silence is distinguished from a busy kernel."""

from __future__ import annotations

import asyncio
import time

import pytest

from nbstream import Chat
from nbstream.client.request_policy import RequestPolicy
from nbstream.client.router import Router
from nbstream.config import NBStream
from nbstream.errors import ConfigError
from nbstream.types.events import Retrying, TextDelta
from nbstream.types.limits import Limits, Timeouts
from tests.faults.chunks import ANSWER, DONE, HALF, HELLO, STOP, WORLD
from tests.faults.playing import QUICK, REQUEST, asked, opened, sent
from tests.loopback import ByteServer, Close, Hold, Pause, Piece, sse_response, times

SHORT = Timeouts(connect=0.2, first_event=0.2, idle=0.2)
LONGER_THAN_ALL = 0.6


def paced(pieces: int) -> list[Piece]:
    return [*times(pieces, Pause(0.05), HELLO), STOP, DONE]


@pytest.mark.parametrize("steps", range(0, 60, 4))
async def test_a_kernel_that_was_busy_blames_nobody(steps: int) -> None:
    """Wherever the request is when the user's cell takes the loop: connecting, waiting, reading."""
    with ByteServer(sse_response(paced(3))) as server:
        async with opened(server.base_url) as client:
            reply = sent(client, RequestPolicy(SHORT, retry=QUICK))
            for _ in range(steps):
                await asyncio.sleep(0)
            time.sleep(LONGER_THAN_ALL)  # noqa: ASYNC251  that is the fault
            await reply.wait()
    assert (reply.status, reply.text) == ("finished", "Hello" * 3)


async def test_a_kernel_that_is_busy_again_and_again_blames_nobody() -> None:
    with ByteServer(sse_response(paced(40))) as server:
        async with opened(server.base_url) as client:
            reply = sent(client, RequestPolicy(SHORT, retry=QUICK))
            while not reply.done:
                time.sleep(0.3)  # noqa: ASYNC251
                await asyncio.sleep(0.001)
    assert (reply.status, reply.text) == ("finished", "Hello" * 40)


async def test_a_server_that_is_silent_is_found_out_all_the_same() -> None:
    with ByteServer(sse_response([HALF, Hold()])) as server:
        async with opened(server.base_url) as client:
            reply = sent(client, RequestPolicy(SHORT, retry=QUICK))
            async for event in reply.follow():
                if isinstance(event, TextDelta):
                    time.sleep(LONGER_THAN_ALL)  # noqa: ASYNC251
    assert reply.error is not None
    assert (reply.error.kind, reply.text) == ("timeout", "Hello world")
    assert "0.2 seconds" in reply.error.message


async def test_a_reader_that_takes_its_time_is_not_the_servers_silence() -> None:
    with ByteServer(sse_response([HELLO, Pause(0.05), WORLD, Pause(0.05), STOP, DONE])) as server:
        async with opened(server.base_url) as client:
            texts = []
            async for events in client.stream(REQUEST, policy=RequestPolicy(SHORT, retry=QUICK)):
                texts += [event.text for event in events if isinstance(event, TextDelta)]
                await asyncio.sleep(0.3)
    assert texts == ["Hello", " world"]


async def test_the_time_for_everything() -> None:
    with ByteServer(sse_response(times(200, HELLO, Pause(0.05)))) as server:
        async with opened(server.base_url) as client:
            reply = await asked(client, RequestPolicy(Timeouts(total=0.4)))
    assert reply.error is not None
    assert reply.error.kind == "timeout"
    assert reply.error.message == "The answer took longer than 0.4 seconds."
    assert set(reply.text.split("Hello")) == {""}


async def test_usage_that_comes_a_little_later_is_waited_for() -> None:
    usage = b'data: {"choices": [], "usage": {"total_tokens": 7}}\n\n'
    with ByteServer(sse_response([HALF + STOP, Pause(0.3), usage, Hold()])) as server:
        async with opened(server.base_url) as client:
            reply = await asked(client)
    assert reply.usage is not None
    assert reply.usage.total == 7
    assert [warning.kind for warning in reply.warnings] == ["end_not_awaited"]


async def test_a_connection_is_used_again_where_the_server_ends_its_answer() -> None:
    with ByteServer(sse_response([ANSWER])) as server:
        async with opened(server.base_url) as client:
            for _ in range(3):
                assert (await asked(client)).text == "Hello world"
        assert (len(server.requests), server.connections) == (3, 1)


async def test_a_connection_that_the_server_has_closed_since_is_not_used_again() -> None:
    with ByteServer([*sse_response([ANSWER]), Close()]) as server:
        async with opened(server.base_url) as client:
            replies = []
            for _ in range(3):
                replies.append(await asked(client))
                await asyncio.sleep(0.02)
        assert (len(server.requests), server.connections) == (3, 3)
    assert {reply.text for reply in replies} == {"Hello world"}
    assert not any(isinstance(event, Retrying) for reply in replies for event in reply.events)


async def test_a_chat_takes_its_limits_as_arguments_or_from_the_configuration() -> None:
    router = Router(NBStream(retries=0, idle_timeout=0.2, answer_chars=5), {"NBSTREAM_NO_PROBE": "1"})
    with ByteServer(sse_response([HALF, Hold()])) as server:
        configured = Chat("m", base_url=server.base_url, router=router)
        given = Chat("m", base_url=server.base_url, router=router, timeouts=SHORT, limits=Limits())
        for chat, kind in [(configured, "limit"), (given, "timeout")]:
            reply = chat.send("Hi")
            await reply.wait()
            assert reply.error is not None
            assert (reply.error.kind, reply.text) == (kind, "Hello world")


@pytest.mark.parametrize("wrong", [0, -1, float("nan")])
def test_a_limit_that_makes_no_sense_is_refused(wrong: float) -> None:
    with pytest.raises(ConfigError, match="idle"):
        Timeouts(idle=wrong)
    with pytest.raises(ConfigError, match="answer_chars"):
        Limits(answer_chars=-1)
