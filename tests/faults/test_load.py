"""Many replies at once: none starves, none fails for want of a connection."""

from __future__ import annotations

import asyncio
import subprocess
import sys

import pytest

from nbstream.client.connection import connection_ceiling
from nbstream.client.request_policy import RequestPolicy
from nbstream.reply import Reply
from nbstream.types.events import TextDelta
from nbstream.types.limits import Timeouts
from tests.faults.chunks import DONE, HELLO, STOP
from tests.faults.playing import asked, opened, sent
from tests.loopback import ByteServer, Hold, Pause, sse_response, times

MANY = 200
FEW_FILES = """
import asyncio, resource, sys
resource.setrlimit(resource.RLIMIT_NOFILE, (256, 256))
from tests.faults.playing import opened, sent

async def main():
    async with opened(sys.argv[1]) as client:
        replies = [sent(client) for _ in range(300)]
        for reply in replies:
            await reply.wait()
    print({(reply.status, reply.text) for reply in replies})

asyncio.run(main())
"""


async def test_two_hundred_stream_at_the_same_time() -> None:
    """Each has its first text while none has ended: nobody waits for another."""
    with ByteServer(sse_response([HELLO, Hold()])) as server:
        async with opened(server.base_url) as client:
            replies = [sent(client) for _ in range(MANY)]
            for reply in replies:
                await first_text(reply)
            assert {reply.status for reply in replies} == {"streaming"}
            assert server.connections == MANY
            for reply in replies:
                reply.stop()
            await asyncio.gather(*(reply.wait() for reply in replies))


async def test_two_hundred_answers_are_whole() -> None:
    with ByteServer(sse_response([*times(10, HELLO, Pause(0.02)), STOP, DONE])) as server:
        async with opened(server.base_url) as client:
            replies = await asyncio.gather(*(asked(client) for _ in range(MANY)))
    assert {(reply.status, reply.text) for reply in replies} == {("finished", "Hello" * 10)}


async def first_text(reply: Reply) -> None:
    async for event in reply.follow():
        if isinstance(event, TextDelta):
            return


async def test_without_connections_to_spare_replies_wait_for_one(monkeypatch: pytest.MonkeyPatch) -> None:
    """A wait of our own making is not the server's silence."""
    monkeypatch.setattr("nbstream.client.connection.MOST_CONNECTIONS", 2)
    script = sse_response([Pause(0.1), HELLO, STOP, DONE])
    with ByteServer(script) as server:
        async with opened(server.base_url) as client:
            policy = RequestPolicy(Timeouts(connect=0.3, first_event=0.3, idle=0.3))
            replies = await asyncio.gather(*(asked(client, policy) for _ in range(12)))
        assert server.connections <= 2
    assert {(reply.status, reply.text) for reply in replies} == {("finished", "Hello")}


async def test_with_few_files_to_open_replies_wait_for_one() -> None:
    with ByteServer(sse_response([HELLO, Pause(0.05), STOP, DONE])) as server:
        child = await asyncio.to_thread(
            subprocess.run,
            [sys.executable, "-c", FEW_FILES, server.base_url],
            capture_output=True,
            text=True,
            check=False,
        )
    assert (child.stdout.strip(), child.stderr) == ("{('finished', 'Hello')}", "")


def test_connections_leave_half_of_the_free_files_to_others(monkeypatch: pytest.MonkeyPatch) -> None:
    resource = pytest.importorskip("resource")
    for allowed, most in [(256, 128), (20, 8), (resource.RLIM_INFINITY, 512), (1 << 20, 512)]:
        monkeypatch.setattr(resource, "getrlimit", lambda _which, allowed=allowed: (allowed, allowed))
        assert 8 <= connection_ceiling() <= most
