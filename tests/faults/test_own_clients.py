"""Clients of the user's own: their faults have the same names, whatever HTTP library they are made of."""

from __future__ import annotations

import asyncio
import gc
import warnings
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from functools import partial

import httpx2
import pytest
from openai import AsyncOpenAI

from nbstream.client.chat_client import ChatClient
from nbstream.client.request_policy import RequestPolicy
from nbstream.errors import ConfigError, ConnectError, ProtocolError
from nbstream.providers.endpoint import Endpoint
from nbstream.reply import Reply
from nbstream.types.limits import Timeouts
from nbstream.types.messages import Message
from nbstream.types.request import ChatRequest
from tests.faults.chunks import ANSWER, HALF
from tests.faults.outcome import Outcome, failed
from tests.faults.playing import QUICK, asked
from tests.loopback import ByteServer, Close, Hold, Reset, Script, json_response, sse_response

CUT = failed("StreamInterruptedError", "truncated", "Hello world")
CASES: dict[str, tuple[Script, Outcome]] = {
    "a sound answer": (sse_response([ANSWER]), Outcome()),
    "a reset": ([Reset()], failed("ConnectError", "connection")),
    "an end": ([Close()], failed("ConnectError", "connection")),
    "a refusal": (json_response(401, {}), failed("AuthenticationError", "auth", status=401)),
    "a reset in the middle": (sse_response([HALF, Reset()]), CUT),
    "an end in the middle": (sse_response([HALF, Close()]), CUT),
    "silence": ([Hold()], failed("RequestTimeoutError", "timeout")),
    "silence in the middle": (
        sse_response([HALF, Hold()]),
        failed("StreamInterruptedError", "timeout", "Hello world"),
    ),
    "rubbish called gzip": (
        sse_response([ANSWER], headers={"content-encoding": "gzip"}),
        failed("ProtocolError", "protocol"),
    ),
}


def of_the_sdk(base_url: str) -> AsyncOpenAI:
    return AsyncOpenAI(base_url=base_url, api_key="k")


def of_the_older_httpx(base_url: str) -> AsyncOpenAI:
    httpx = pytest.importorskip("httpx")
    return AsyncOpenAI(base_url=base_url, api_key="k", http_client=httpx.AsyncClient(trust_env=False))


@asynccontextmanager
async def around(sdk: AsyncOpenAI) -> AsyncIterator[ChatClient]:
    async with sdk:
        yield ChatClient(Endpoint(str(sdk.base_url), provider="client"), sdk)


@pytest.mark.parametrize("make", [of_the_sdk, of_the_older_httpx])
@pytest.mark.parametrize(("script", "outcome"), CASES.values(), ids=CASES)
async def test_case(script: Script, outcome: Outcome, make: Callable[[str], AsyncOpenAI]) -> None:
    timeouts = Timeouts(connect=5, first_event=2, idle=1)
    with ByteServer(script) as server:
        async with around(make(server.base_url)) as client:
            reply = await asked(client, RequestPolicy(timeouts, retry=QUICK))
    assert Outcome.of(reply.state) == outcome


@pytest.mark.parametrize("key", ["secret\nnewline", "secret-ünicode"])
def test_a_key_that_cannot_be_sent_is_told_and_not_shown(key: str) -> None:
    with pytest.raises(ConfigError, match="A_KEY") as told:
        Endpoint("http://127.0.0.1/v1", key, "A_KEY")
    assert told.value.kind == "auth"
    assert "secret" not in str(told.value)


async def test_a_client_whose_errors_lead_back_to_themselves() -> None:
    class Circular(httpx2.AsyncBaseTransport):
        async def handle_async_request(self, request: httpx2.Request) -> httpx2.Response:
            first, second = httpx2.ConnectError("the proxy is asleep"), ValueError("inner")
            first.__cause__, second.__context__ = second, first
            raise first

    async with (
        AsyncOpenAI(
            base_url="http://127.0.0.1/v1", api_key="k", http_client=httpx2.AsyncClient(transport=Circular())
        ) as own,
        around(own) as client,
    ):
        reply = await asked(client, RequestPolicy(retry=QUICK))
    assert isinstance(reply.error, ConnectError)


async def test_a_parameter_that_is_no_json_is_told() -> None:
    request = ChatRequest("m", (Message("user", "Hi"),), {"stop": {object()}})
    with ByteServer(sse_response([ANSWER])) as server:
        client = ChatClient(Endpoint(server.base_url))
        reply = Reply(lambda clock: client.stream(request, clock))
        await reply.wait()
        await client.aclose()
        assert server.requests == []
    assert reply.error is not None
    assert reply.error.kind == "bad_request"
    assert "not JSON serializable" in reply.error.message


async def test_a_client_that_is_dropped_closes_its_connections() -> None:
    request = ChatRequest("m", (Message("user", "Hi"),), {})
    with ByteServer(sse_response([ANSWER])) as server, warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always", ResourceWarning)
        reply = Reply(partial(ChatClient(Endpoint(server.base_url)).stream, request))
        await reply.wait()
        del reply
        gc.collect()
        await asyncio.sleep(0.1)
    assert [str(warning.message) for warning in caught] == []


@pytest.mark.parametrize("raised", [asyncio.CancelledError, GeneratorExit, SystemExit])
async def test_a_hook_that_fails_in_any_way_ends_the_reply_as_failed(raised: type[BaseException]) -> None:
    async def hook(request: object) -> None:
        raise raised("hook")

    http = httpx2.AsyncClient(event_hooks={"request": [hook]}, trust_env=False)
    with ByteServer(sse_response([ANSWER])) as server:
        async with around(AsyncOpenAI(base_url=server.base_url, api_key="k", http_client=http)) as client:
            reply = await asked(client, RequestPolicy(retry=QUICK))
    assert reply.status == "failed"
    assert isinstance(reply.error, ProtocolError)
    assert isinstance(reply.error.__cause__, raised)
