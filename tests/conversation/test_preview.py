"""A dry run shows what would be sent, on the wire that it would be sent by."""

from __future__ import annotations

from typing import Any

import pytest

from nbstream import Chat, NBStream
from nbstream.client.router import Router
from tests.loopback import ByteServer, RecordedRequest, Script, sse_response
from tests.loopback.chunks import says

IMAGE: list[dict[str, Any]] = [
    {"type": "text", "text": "What is it?"},
    {"type": "image_url", "image_url": {"url": "data:image/png;base64,AA"}},
]


def answer(request: RecordedRequest) -> Script:
    if request.path.endswith("/responses"):
        done = {"type": "response.completed", "response": {"id": "r", "status": "completed"}}
        return sse_response([{"type": "response.output_text.delta", "delta": "Hi"}, done])
    return says("Hi")


@pytest.mark.parametrize("wire", ["chat", "responses"])
@pytest.mark.parametrize("content", ["Hello", IMAGE], ids=["text", "image"])
async def test_it_is_what_would_be_sent(wire: Any, content: Any) -> None:
    with ByteServer(answer) as server:
        router = Router(NBStream(), {"NBSTREAM_NO_PROBE": "1"})
        chat = Chat("m", base_url=server.base_url, router=router, wire=wire, system="Be terse.", max_tokens=5)
        seen = await chat.preview(content, reasoning_effort="low")
        assert server.requests == []
        await chat.send(content, reasoning_effort="low")
        assert seen.body == server.requests[0].json
    assert len(chat.conversation) == 1


async def test_it_is_told_in_the_terms_of_the_api() -> None:
    router = Router(NBStream(), {"NBSTREAM_NO_PROBE": "1"})
    described: dict[Any, str] = {
        "chat": "at 127.0.0.1:9; ≈3 tokens in 1 message; max_tokens=5",
        "responses": "at 127.0.0.1:9 (Responses API); ≈3 tokens in 1 message; max_output_tokens=5",
    }
    for wire, told in described.items():
        chat = Chat("m", base_url="http://127.0.0.1:9/v1", router=router, wire=wire, max_tokens=5)
        seen = await chat.preview(IMAGE)
        assert repr(seen).startswith(f"Would be sent to m {told}. Nothing was sent.")
        assert ("input_image" in repr(seen)) is (wire == "responses")
        assert ("input_image" in seen._repr_markdown_()) is (wire == "responses")
