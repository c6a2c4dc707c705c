"""Plays a case over real HTTP, and looks for what it left behind."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from nbstream.client.chat_client import ChatClient
from nbstream.client.request_policy import RequestPolicy
from nbstream.providers.endpoint import Endpoint
from nbstream.reply import Reply
from nbstream.types.messages import Message
from nbstream.types.request import ChatRequest
from nbstream.wire.retry import RetryPolicy
from tests.faults.body import Body
from tests.faults.exchanges import Exchange
from tests.faults.outcome import Outcome
from tests.loopback import ByteServer, Close, Send, sse_response

KEY = "a-key-that-must-not-show"
QUICK = RetryPolicy(base=0.01)
REQUEST = ChatRequest("m", (Message("user", "Hi"),))


@dataclass(frozen=True, slots=True)
class Played:
    """The result of a case."""

    outcome: Outcome
    requests: int
    seconds: float
    reply: Reply


def over_http(body: Body) -> Exchange:
    """A body as an exchange: sent in three pieces, ended by the end of the connection."""
    third = len(body.data) // 3 or 1
    pieces = [body.data[:third], body.data[third : 2 * third], body.data[2 * third :]]
    script = sse_response(
        [*(Send(piece) for piece in pieces if piece), Close()],
        chunked=False,
        headers={"content-type": body.content_type},
    )
    # A body without any event ends before the answer begins, so the request is retried.
    outcome = body.outcome
    truncated = outcome.error is not None and outcome.error[1] == "truncated"
    cut_at_once = truncated and not (outcome.text or outcome.reasoning)
    return Exchange(script, body.outcome, requests=3 if cut_at_once else 1, says=body.says)


async def play(exchange: Exchange) -> Played:
    """Ask a server that does what the exchange says."""
    with ByteServer(exchange.script) as server:
        async with opened(server.base_url) as client:
            reply = await asked(client, RequestPolicy(exchange.timeouts, exchange.limits, QUICK))
        return Played(Outcome.of(reply.state), len(server.requests), reply.timings.duration or 0.0, reply)


async def asked(client: ChatClient, policy: RequestPolicy | None = None) -> Reply:
    """A reply that has ended, however it ended."""
    reply = sent(client, policy)
    await reply.wait()
    return reply


def sent(client: ChatClient, policy: RequestPolicy | None = None) -> Reply:
    """A reply that has just begun."""
    policy = policy or RequestPolicy(retry=QUICK)
    return Reply(lambda clock: client.stream(REQUEST, clock, policy))


@asynccontextmanager
async def opened(base_url: str, hint: str = "") -> AsyncIterator[ChatClient]:
    """A client of a server, with a key."""
    client = ChatClient(Endpoint(base_url, KEY, "A_KEY", hint=hint))
    try:
        yield client
    finally:
        await client.aclose()


@dataclass(frozen=True, slots=True)
class Belongings:
    """What a case can leave behind."""

    tasks: int
    timers: int
    files: int

    @classmethod
    def now(cls) -> Belongings:
        """Of this process and the running loop."""
        loop = asyncio.get_running_loop()
        timers = [timer for timer in loop._scheduled if not timer.cancelled()]  # type: ignore[attr-defined]
        files = sum(1 for _ in Path("/dev/fd").iterdir())
        return cls(len(asyncio.all_tasks()), len(timers), files)
