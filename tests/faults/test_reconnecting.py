"""An answer that was cut in the middle: kept, continued or restarted, and never joined silently."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest

from nbstream.client.chat_client import ChatClient
from nbstream.client.request_policy import RequestPolicy
from nbstream.providers.endpoint import Endpoint
from nbstream.reply import Reply
from nbstream.types.events import Continued, Retrying
from nbstream.types.limits import OnDisconnect, Timeouts
from nbstream.types.messages import Message
from nbstream.types.request import ChatRequest
from nbstream.types.usage import Usage
from tests.faults.chunks import DONE, STOP, delta, event, usage_chunk
from tests.faults.playing import QUICK, REQUEST
from tests.loopback import ByteServer, Close, Hold, Pause, Reset, Script, in_turn, json_response, sse_response

FIRST = "The quick brown fox jumps over the lazy dog, and "
SECOND = "the dog does not mind."


def says(*texts: str) -> Script:
    return sse_response([*(event(delta(text)) for text in texts), STOP + DONE])


def is_cut(*texts: str) -> Script:
    return sse_response([*(event(delta(text)) for text in texts), Pause(0.05), Reset()])


async def asked(
    script: Any,
    wish: OnDisconnect,
    provider: str = "vllm",
    request: ChatRequest = REQUEST,
    timeouts: Timeouts | None = None,
) -> tuple[Reply, list[Mapping[str, Any]]]:
    with ByteServer(script) as server:
        async with opened(server, provider) as client:
            policy = RequestPolicy(timeouts or Timeouts(), retry=QUICK, on_disconnect=wish)
            reply = Reply(lambda clock: client.stream(request, clock, policy))
            await reply.wait()
        return reply, [request.json for request in server.requests]


@asynccontextmanager
async def opened(server: ByteServer, provider: str) -> AsyncIterator[ChatClient]:
    client = ChatClient(Endpoint(server.base_url, provider=provider))
    try:
        yield client
    finally:
        await client.aclose()


def seams(reply: Reply) -> list[tuple[str, int, int]]:
    return [(e.way, e.offset, e.repeated) for e in reply.events if isinstance(e, Continued)]


async def test_by_default_what_has_come_is_kept() -> None:
    reply, bodies = await asked(in_turn(is_cut(FIRST), says(SECOND)), "keep")
    assert (reply.status, reply.text, seams(reply), len(bodies)) == ("failed", FIRST, [], 1)


@pytest.mark.parametrize(
    "cut", [is_cut(FIRST), sse_response([event(delta(FIRST)), Close()])], ids=["reset", "end"]
)
async def test_continued_from_where_it_was(cut: Script) -> None:
    reply, bodies = await asked(in_turn(cut, says(SECOND)), "continue")
    assert (reply.status, reply.text) == ("finished", FIRST + SECOND)
    assert seams(reply) == [("prefix", len(FIRST), 0)]
    assert bodies[1]["messages"] == [
        *bodies[0]["messages"],
        {"role": "assistant", "content": FIRST.rstrip()},
    ]
    assert (bodies[1]["continue_final_message"], bodies[1]["add_generation_prompt"]) == (True, False)
    assert [e.attempt for e in reply.events if isinstance(e, Retrying)] == [1]


async def test_continued_after_silence() -> None:
    script = in_turn(sse_response([event(delta(FIRST)), Hold()]), says(SECOND))
    reply, _ = await asked(script, "continue", timeouts=Timeouts(idle=0.2))
    assert reply.text == FIRST + SECOND


async def test_the_marks_of_mistral() -> None:
    _, bodies = await asked(in_turn(is_cut(FIRST), says(SECOND)), "continue", "mistral")
    assert bodies[1]["messages"][-1] == {"role": "assistant", "content": FIRST.rstrip(), "prefix": True}


@pytest.mark.parametrize(
    ("again", "repeated"),
    [
        ([" ", SECOND], 1),
        ([SECOND], 0),
        ([FIRST, SECOND], len(FIRST)),
        ([FIRST[:20], FIRST[20:] + SECOND], len(FIRST)),
        (["over the lazy", " dog, and ", SECOND], 23),
    ],
    ids=["a space", "nothing", "all", "all in pieces", "the end"],
)
async def test_what_is_repeated_stands_once(again: list[str], repeated: int) -> None:
    reply, _ = await asked(in_turn(is_cut(FIRST), says(*again)), "continue")
    assert reply.text == FIRST + SECOND
    assert seams(reply) == [("prefix", len(FIRST), repeated)]


async def test_an_answer_that_begins_anew_is_not_glued_on() -> None:
    anew = "The quick brown fox jumps high. "
    reply, _ = await asked(in_turn(is_cut(FIRST), says(anew, SECOND)), "continue")
    assert (reply.status, reply.text, seams(reply)) == ("failed", FIRST, [])
    assert reply.error is not None
    assert "started over" in reply.error.message


async def test_a_server_that_does_not_take_a_beginning() -> None:
    refusal = json_response(400, {"error": {"message": "the last message must be the user's"}})
    reply, _ = await asked(in_turn(is_cut(FIRST), refusal), "continue")
    assert reply.error is not None
    assert (reply.error.kind, reply.text, seams(reply)) == ("truncated", FIRST, [])
    assert "the last message must be the user's" in reply.error.advice


@pytest.mark.parametrize(
    ("provider", "request_", "first"),
    [
        ("openai", REQUEST, event(delta(FIRST))),
        ("vllm", replace(REQUEST, params={"response_format": {"type": "json_object"}}), event(delta(FIRST))),
        (
            "vllm",
            REQUEST,
            event(delta(tool_calls=[{"index": 0, "function": {"name": "f", "arguments": "{"}}])),
        ),
    ],
    ids=["no way to", "JSON", "a tool call"],
)
async def test_what_cannot_be_continued_is_kept(provider: str, request_: ChatRequest, first: bytes) -> None:
    script = in_turn(sse_response([first, Pause(0.05), Reset()]), says(SECOND))
    reply, bodies = await asked(script, "continue", provider, request_)
    assert (reply.status, len(bodies)) == ("failed", 1)


async def test_cut_again_and_again() -> None:
    reply, bodies = await asked(in_turn(is_cut(FIRST), is_cut("the dog "), says("sleeps.")), "continue")
    assert reply.text == FIRST + "the dog sleeps."
    assert [seam[:2] for seam in seams(reply)] == [("prefix", len(FIRST)), ("prefix", len(FIRST) + 8)]
    assert bodies[2]["messages"][-1]["content"] == (FIRST + "the dog").rstrip()
    assert len(bodies[2]["messages"]) == len(bodies[0]["messages"]) + 1


async def test_cut_more_often_than_is_tried() -> None:
    reply, bodies = await asked(is_cut("one of many pieces, each different? "), "continue")
    assert (reply.status, len(bodies)) == ("failed", 3)
    assert reply.error is not None
    assert reply.error.kind == "truncated"


async def test_asked_for_anew() -> None:
    reply, bodies = await asked(in_turn(is_cut(FIRST), says("A fresh ", "answer.")), "restart")
    assert (reply.status, reply.text) == ("finished", "A fresh answer.")
    assert reply.state.abandoned == [FIRST]
    assert seams(reply) == [("restart", len(FIRST), 0)]
    assert bodies[1] == bodies[0]


async def test_a_restart_that_fails_too_keeps_the_longer_story() -> None:
    refusal = json_response(400, {"error": {"message": "no"}})
    reply, _ = await asked(in_turn(is_cut(FIRST), refusal), "restart")
    assert (reply.status, reply.text, reply.state.abandoned) == ("failed", FIRST, [])


async def test_hardly_anything_is_asked_for_anew_rather_than_continued() -> None:
    reply, _ = await asked(in_turn(is_cut("The"), says(FIRST)), "continue")
    assert (reply.text, seams(reply)) == (FIRST, [("restart", 3, 0)])


async def test_the_tokens_of_both_are_paid() -> None:
    def counted(text: str, *rest: Any) -> Script:
        usage = event(usage_chunk(Usage(input=10, output=5, total=15)))
        return sse_response([event(delta(text)), usage, *rest])

    script = in_turn(counted(FIRST, Pause(0.05), Reset()), counted(SECOND, STOP + DONE))
    reply, _ = await asked(script, "continue")
    assert reply.usage == Usage(input=20, output=10, total=30, cost=Decimal(0))


async def test_the_next_turn_sees_one_message() -> None:
    request = ChatRequest("m", (Message("user", "a"), Message("assistant", "b"), Message("user", "c")))
    reply, bodies = await asked(in_turn(is_cut(FIRST), says(SECOND)), "continue", request=request)
    assert [message["role"] for message in bodies[1]["messages"]] == [
        "user",
        "assistant",
        "user",
        "assistant",
    ]
    assert reply.text == FIRST + SECOND
