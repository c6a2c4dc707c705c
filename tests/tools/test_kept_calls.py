"""Calls that ran stay in the conversation, however their answer ended: what they did has happened."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from nbstream import Chat
from nbstream.conversation.transcript import read_transcript, transcript_for
from nbstream.reply import Reply
from nbstream.types.events import ToolStep
from tests.chats import chat_on
from tests.loopback import ByteServer, Close, Piece, RecordedRequest, in_turn, json_response, sse_response
from tests.loopback.chunks import delta, end, says

PAID, SHIPPED = "paid", "shipped"
GOING_ON = "Anything else?"
NO_RESULT = "The answer ended before this call did. It may have run."
ENDED = "[The answer ended here.]"


def pay() -> str:
    """Pay."""
    return PAID


def ship() -> str:
    """Ship."""
    return SHIPPED


async def wait() -> str:
    """Wait."""
    await asyncio.Event().wait()
    return "never"


def calls(*names: str) -> Piece:
    made = [
        {"index": at, "id": f"c-{name}", "function": {"name": name, "arguments": "{}"}}
        for at, name in enumerate(names)
    ]
    return {"choices": [{"index": 0, "delta": {"reasoning_content": "Hm.", "tool_calls": made}}]}


def round_of(*names: str) -> Any:
    return sse_response([calls(*names), end("tool_calls"), "[DONE]"])


async def stop_at(reply: Reply, call: int, state: str) -> None:
    async for event in reply.follow():
        if isinstance(event, ToolStep) and event.state == "asking" and event.index < call:
            reply.approve(str(reply.tool_calls[event.index].id))
        elif isinstance(event, ToolStep) and (event.index, event.state) == (call, state):
            reply.stop()


def kept(messages: list[dict[str, Any]]) -> list[tuple[str, Any]]:
    """Role, and the text or the ids of the calls."""
    return [
        (m["role"], [call["id"] for call in m["tool_calls"]] if "tool_calls" in m else m["content"])
        for m in messages
    ]


ENDS: dict[str, tuple[list[Any], dict[str, Any], tuple[int, str] | None, list[tuple[str, Any]]]] = {
    "the next request is refused": (
        [round_of("pay"), json_response(400, {"error": {"message": "no"}})],
        {},
        None,
        [("assistant", ["c-pay"]), ("tool", PAID), ("assistant", ENDED)],
    ),
    "the next text is cut": (
        [round_of("pay"), sse_response([delta("Half of"), Close()])],
        {"on_disconnect": "keep"},
        None,
        [("assistant", ["c-pay"]), ("tool", PAID), ("assistant", "Half of")],
    ),
    "the limit": (
        [round_of("pay"), round_of("ship")],
        {"tool_steps": 1},
        None,
        [
            ("assistant", ["c-pay"]),
            ("tool", PAID),
            ("assistant", ["c-ship"]),
            ("tool", "Not run: the answer has reached its limit of calls (tool_steps)."),
            ("assistant", ENDED),
        ],
    ),
    "a stop while the second call waits for approval": (
        [round_of("pay", "ship")],
        {"approve": "ask"},
        (1, "asking"),
        [("assistant", ["c-pay", "c-ship"]), ("tool", PAID), ("tool", NO_RESULT), ("assistant", ENDED)],
    ),
    "a stop while the second call runs": (
        [round_of("pay", "wait")],
        {},
        (1, "running"),
        [("assistant", ["c-pay", "c-wait"]), ("tool", PAID), ("tool", NO_RESULT), ("assistant", ENDED)],
    ),
}


@pytest.mark.parametrize("ends", ENDS)
async def test_the_next_request_repeats_them(ends: str) -> None:
    scripts, settings, stop, expected = ENDS[ends]
    with ByteServer(in_turn(*scripts, says("No."))) as server:
        chat = chat_on(server, tools=[pay, ship, wait], **{"approve": "always", **settings})
        reply = chat.send("Order it")
        if stop:
            await stop_at(reply, *stop)
        await reply.wait()
        assert reply.status == ("stopped" if stop else "failed")
        await chat.send(GOING_ON)
        sent = server.requests[-1].json["messages"]
    assert kept(sent) == [("user", "Order it"), *expected, ("user", GOING_ON)]
    assert all(m["reasoning_content"] == "Hm." for m in sent if "tool_calls" in m)
    loaded = read_transcript(transcript_for("x.jsonl", chat.conversation))
    assert [message.as_dict() for message in loaded.context()] == chat.messages
    (first, _) = loaded
    assert isinstance(first.answer, Reply)
    assert [(c.state, c.result) for c in first.answer.tool_calls] == [
        (c.state, c.result) for c in reply.tool_calls
    ]


async def test_a_failed_answer_without_calls_is_left_out() -> None:
    def script(request: RecordedRequest) -> Any:
        return says("Yes.") if len(request.json["messages"]) == 1 else json_response(400, {})

    with ByteServer(script) as server:
        chat: Chat = chat_on(server, tools=[pay], approve="always")
        await chat.send("One")
        await chat.send("Two").wait()
        assert [message["content"] for message in chat.messages] == ["One", "Yes."]
