"""A dry run shows what would be sent, on the wire that it would be sent by."""

from __future__ import annotations

from typing import Any

import pytest

from nbstream import Chat, NBStream
from nbstream.client.router import Router
from tests.loopback import ByteServer, RecordedRequest, Script, sse_response
from tests.loopback.chunks import call, says

IMAGE: list[dict[str, Any]] = [
    {"type": "text", "text": "What is it?"},
    {"type": "image_url", "image_url": {"url": "data:image/png;base64,AA"}},
]


def answer(request: RecordedRequest) -> Script:
    if request.path.endswith("/responses"):
        done = {"type": "response.completed", "response": {"id": "r", "status": "completed"}}
        return sse_response([{"type": "response.output_text.delta", "delta": "Hi"}, done])
    return says("Hi")


@pytest.mark.parametrize("api", ["chat", "responses"])
@pytest.mark.parametrize("content", ["Hello", IMAGE], ids=["text", "image"])
async def test_it_is_what_would_be_sent(api: Any, content: Any) -> None:
    with ByteServer(answer) as server:
        router = Router(NBStream(), {"NBSTREAM_NO_PROBE": "1"})
        chat = Chat("m", base_url=server.base_url, router=router, api=api, system="Be terse.", max_tokens=5)
        seen = await chat.preview(content, reasoning_effort="low")
        assert server.requests == []
        await chat.send(content, reasoning_effort="low")
        assert seen.body == server.requests[-1].json
    assert len(chat.conversation) == 1


async def test_it_is_told_in_the_terms_of_the_api() -> None:
    router = Router(NBStream(), {"NBSTREAM_NO_PROBE": "1"})
    described: dict[Any, str] = {
        "chat": "at 127.0.0.1:9; ≈1,503 tokens in 1 message; max_tokens=5",
        "responses": "at 127.0.0.1:9 (Responses API); ≈1,503 tokens in 1 message; max_output_tokens=5",
    }
    for api, told in described.items():
        chat = Chat("m", base_url="http://127.0.0.1:9/v1", router=router, api=api, max_tokens=5)
        seen = await chat.preview(IMAGE)
        assert repr(seen).startswith(f"Would go to m {told}. Nothing was sent.")
        assert ("input_image" in repr(seen)) is (api == "responses")
        assert ("input_image" in seen._repr_markdown_()) is (api == "responses")


CALL = {"type": "function_call", "call_id": "call-1", "name": "add", "arguments": '{"a": 1}'}


def calling(request: RecordedRequest) -> Script:
    """A tool call, and after its result an answer."""
    if b"function_call_output" in request.body or b"tool_call_id" in request.body:
        return answer(request)
    if request.path.endswith("/responses"):
        done = {"type": "response.completed", "response": {"id": "r", "status": "completed"}}
        return sse_response([{"type": "response.output_item.added", "output_index": 0, "item": CALL}, done])
    return sse_response([call("add", '{"a": 1}'), "[DONE]"])


@pytest.mark.parametrize("api", ["chat", "responses"])
async def test_tool_calls_of_earlier_turns_are_shown(api: Any) -> None:
    def add(a: int) -> int:
        return a + 1

    router = Router(NBStream(), {"NBSTREAM_NO_PROBE": "1"})
    with ByteServer(calling) as server:
        chat = Chat("m", base_url=server.base_url, router=router, api=api, tools=[add], approve="always")
        await chat.send("How much?")
        seen = await chat.preview("And now?")
    told = repr(seen).split("\n\n")[1:]
    assert told == [
        "user: How much?",
        'assistant: [calls add({"a": 1})]',
        "tool: 2",
        "assistant: Hi",
        "user: And now?",
    ]
    assert "**tool**\n\n2" in seen._repr_markdown_()
