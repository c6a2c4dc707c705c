"""A failed request is retried, visibly for the user."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest

from nbstream.client.request_policy import RequestPolicy
from nbstream.errors import ConnectError
from nbstream.reply import Reply
from nbstream.types.events import Retrying
from nbstream.types.limits import Timeouts
from tests.faults.chunks import ANSWER, HALF
from tests.faults.playing import REQUEST, asked, opened, sent
from tests.loopback import (
    ByteServer,
    Close,
    Reset,
    Script,
    Step,
    in_turn,
    json_response,
    sse_response,
)

BUSY = {"error": {"message": "busy"}}


def refusal(headers: Mapping[str, str], status: int = 429) -> Script:
    return json_response(status, BUSY, headers)


def waits(reply: Reply) -> list[Retrying]:
    return [event for event in reply.events if isinstance(event, Retrying)]


@pytest.mark.parametrize(
    "first",
    [
        [Reset()],
        [Close()],
        refusal({"retry-after-ms": "1"}),
        refusal({"retry-after": "0"}, 503),
        refusal({}, 500),
        sse_response([Reset()]),
    ],
    ids=["reset", "end", "429", "503", "500", "reset after the headers"],
)
async def test_the_second_attempt_gets_through(first: Script) -> None:
    with ByteServer(in_turn(first, sse_response([ANSWER]))) as server:
        async with opened(server.base_url) as client:
            reply = await asked(client)
        assert [request.headers["x-stainless-retry-count"] for request in server.requests] == ["0", "1"]
    assert (reply.text, reply.status, reply.warnings) == ("Hello world", "finished", ())
    [retrying] = waits(reply)
    assert (retrying.attempt, retrying.attempts) == (1, 2)
    assert retrying.reason


async def test_a_date_to_come_back_at() -> None:
    soon = format_datetime(datetime.now(UTC) + timedelta(seconds=1), usegmt=True)
    with ByteServer(in_turn(refusal({"retry-after": soon}), sse_response([ANSWER]))) as server:
        async with opened(server.base_url) as client:
            reply = await asked(client)
    assert reply.text == "Hello world"
    assert 0 <= waits(reply)[0].wait <= 1


async def test_the_wait_can_be_stopped() -> None:
    with ByteServer(refusal({"retry-after": "30"})) as server:
        async with opened(server.base_url) as client:
            reply = sent(client)
            async for event in reply.follow():
                if isinstance(event, Retrying):
                    assert event.wait == 30
                    assert reply.state.retrying == event
                    reply.stop()
        assert len(server.requests) == 1
    assert reply.status == "stopped"
    assert reply.state.retrying is None


async def test_time_that_is_up_ends_the_wait() -> None:
    with ByteServer(refusal({"retry-after": "30"})) as server:
        async with opened(server.base_url) as client:
            reply = await asked(client, RequestPolicy(Timeouts(total=0.3)))
    assert reply.error is not None
    assert (reply.error.kind, reply.error.status) == ("rate_limit", 429)


async def test_nothing_is_asked_for_twice_once_it_has_begun() -> None:
    with ByteServer(sse_response([HALF, Reset()])) as server:
        async with opened(server.base_url) as client:
            reply = await asked(client)
        assert len(server.requests) == 1
    assert reply.status == "failed"


async def test_a_server_without_stream_options_is_asked_without_them() -> None:
    said = {"error": {"message": "Unrecognized request argument supplied: stream_options"}}
    with ByteServer(in_turn(json_response(400, said), sse_response([ANSWER]))) as server:
        async with opened(server.base_url) as client:
            reply = await asked(client)
        assert ["stream_options" in request.json for request in server.requests] == [True, False]
    assert reply.text == "Hello world"
    assert waits(reply) == []


@pytest.mark.parametrize(
    ("given", "taken", "said"),
    [
        (
            "max_tokens",
            "max_completion_tokens",
            "'max_tokens' is not supported. Use 'max_completion_tokens'.",
        ),
        ("max_completion_tokens", "max_tokens", "Unknown parameter: 'max_completion_tokens'."),
    ],
)
async def test_the_limit_of_an_answer_is_sent_by_the_name_that_is_known(
    given: str, taken: str, said: str
) -> None:
    refused = json_response(400, {"error": {"message": said}})
    request = replace(REQUEST, params={given: 5})
    with ByteServer(in_turn(refused, sse_response([ANSWER]))) as server:
        async with opened(server.base_url) as client:
            reply = Reply(lambda clock: client.stream(request, clock))
            await reply.wait()
        assert [body.json.get(taken) for body in server.requests] == [None, 5]
        assert given not in server.requests[1].json
    assert reply.text == "Hello world"


async def test_a_server_that_knows_neither_name_is_asked_twice_at_most() -> None:
    refused = json_response(400, {"error": {"message": "max_tokens, max_completion_tokens: not known"}})
    request = replace(REQUEST, params={"max_tokens": 5})
    with ByteServer(refused) as server:
        async with opened(server.base_url) as client:
            reply = Reply(lambda clock: client.stream(request, clock))
            await reply.wait()
        assert len(server.requests) == 2
    assert reply.status == "failed"


@pytest.mark.parametrize("end", [Close(), Reset()], ids=["end", "reset"])
async def test_a_list_of_models_is_asked_for_again_where_a_kept_connection_has_just_ended(end: Step) -> None:
    listed = json_response(200, {"data": [{"id": "m"}]})
    with ByteServer(in_turn(listed, [end], [end], listed)) as server:
        async with opened(server.base_url) as client:
            assert [await client.models(), await client.models()] == [["m"], ["m"]]
        assert (len(server.requests), server.connections) == (4, 3)


async def test_a_server_that_hangs_up_every_time_is_named() -> None:
    with ByteServer([Close()]) as server:
        async with opened(server.base_url) as client:
            with pytest.raises(ConnectError, match="closed the connection without a response"):
                await client.models()
        assert len(server.requests) == 3


async def test_waits_of_many_replies_do_not_add_up() -> None:
    with ByteServer(refusal({"retry-after": "30"})) as server:
        async with opened(server.base_url) as client:
            replies = [sent(client) for _ in range(20)]
            await asyncio.to_thread(server.wait_requests, 20)
            for reply in replies:
                reply.stop()
            await asyncio.gather(*(reply.wait() for reply in replies))
    assert {reply.status for reply in replies} == {"stopped"}
