"""The Responses API: the same replies, and in the background ones that a broken connection does not end."""

from __future__ import annotations

import asyncio
import json
import re
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from typing import Any

import pytest

from nbstream import Chat
from nbstream.client.chat_client import ChatClient
from nbstream.client.request_policy import RequestPolicy
from nbstream.client.router import Router
from nbstream.config import NBStream
from nbstream.providers.endpoint import Endpoint
from nbstream.reply import Reply
from nbstream.types.events import Continued, TextDelta
from nbstream.types.limits import Timeouts
from nbstream.types.messages import Message
from nbstream.types.request import ChatRequest
from nbstream.types.tool_calls import ToolCall
from nbstream.types.usage import Usage
from tests.faults.playing import QUICK
from tests.faults.shapes import PICTURE, PNG
from tests.loopback import (
    ByteServer,
    Close,
    Hold,
    RecordedRequest,
    Script,
    Step,
    in_turn,
    json_response,
    sse_response,
)

ID = "resp_1"
USAGE = {
    "input_tokens": 9,
    "output_tokens": 5,
    "total_tokens": 14,
    "input_tokens_details": {"cached_tokens": 4},
    "output_tokens_details": {"reasoning_tokens": 2},
}
Value = dict[str, Any]


def state(status: str, **more: Any) -> Value:
    return {"id": ID, "object": "response", "model": "m-1", "status": status} | more


def created() -> Value:
    return {"type": "response.created", "response": state("in_progress")}


def text(delta: str) -> Value:
    return {"type": "response.output_text.delta", "item_id": "msg_1", "output_index": 0, "delta": delta}


def completed(**more: Any) -> Value:
    return {"type": "response.completed", "response": state("completed", usage=USAGE, **more)}


def numbered(values: Sequence[Value]) -> list[bytes]:
    """Events as the API sends them: each named, and numbered from 0."""
    events = [value | {"sequence_number": number} for number, value in enumerate(values)]
    return [f"event: {e['type']}\ndata: {json.dumps(e)}\n\n".encode() for e in events]


HELLO = [created(), text("Hello"), text(" world"), completed()]


class Background:
    """A server that writes one answer whoever listens, and breaks the connection after some events."""

    def __init__(self, values: Sequence[Value], breaks: Sequence[int]) -> None:
        self.events = numbered(values)
        self.breaks = list(breaks)
        self.cancelled = asyncio.Event()

    def __call__(self, request: RecordedRequest) -> Script:
        if request.path.endswith("/cancel"):
            return json_response(200, state("cancelled"))
        resumed = re.fullmatch(rf"/v1/responses/{ID}\?(.*)", request.path)
        first = 0
        if resumed:
            query = dict(pair.split("=") for pair in resumed[1].split("&"))
            assert query["stream"] == "true"
            first = int(query["starting_after"]) + 1
        last = self.breaks.pop(0) if self.breaks else None
        end: list[Step] = [Close()] if last is not None else []
        return sse_response([*self.events[first:last], *end])


@asynccontextmanager
async def opened(server: ByteServer) -> AsyncIterator[ChatClient]:
    client = ChatClient(Endpoint(server.base_url, provider="openai"))
    try:
        yield client
    finally:
        await client.aclose()


def sent(client: ChatClient, policy: RequestPolicy | None = None, **params: Any) -> Reply:
    streamed = params.pop("stream", True)
    request = ChatRequest("m", (Message("user", "Hi"),), params, streamed, api="responses")
    return Reply(lambda clock: client.stream(request, clock, policy or RequestPolicy(retry=QUICK)))


async def answer_to(script: Script | Callable[[RecordedRequest], Script], **params: Any) -> Reply:
    with ByteServer(script) as server:
        async with opened(server) as client:
            reply = sent(client, **params)
            await reply.wait()
    return reply


async def test_text_usage_and_names() -> None:
    reply = await answer_to(sse_response(numbered(HELLO)))
    assert (reply.status, reply.text, reply.finish_reason, reply.warnings) == (
        "finished",
        "Hello world",
        "stop",
        (),
    )
    assert (reply.model, reply.state.response_id) == ("m-1", ID)
    assert reply.usage == Usage(input=9, output=5, total=14, cached=4, reasoning=2)


async def test_reasoning_and_a_tool_call() -> None:
    call = {"type": "function_call", "call_id": "call_1", "name": "weather", "arguments": ""}
    values = [
        created(),
        {"type": "response.reasoning_summary_part.added", "summary_index": 0},
        {"type": "response.reasoning_summary_text.delta", "summary_index": 0, "delta": "First."},
        {"type": "response.reasoning_summary_part.added", "summary_index": 1},
        {"type": "response.reasoning_summary_text.delta", "summary_index": 1, "delta": "Then."},
        {"type": "response.output_item.added", "output_index": 1, "item": call},
        {"type": "response.function_call_arguments.delta", "output_index": 1, "delta": '{"city": '},
        {"type": "response.function_call_arguments.delta", "output_index": 1, "delta": '"Rome"}'},
        {"type": "response.function_call_arguments.done", "output_index": 1, "arguments": '{"city": "Rome"}'},
        completed(),
    ]
    reply = await answer_to(sse_response(numbered(values)))
    assert reply.reasoning == "First.\n\nThen."
    assert reply.tool_calls == (ToolCall("call_1", "weather", '{"city": "Rome"}', "unfinished"),)
    assert (reply.finish_reason, [w.kind for w in reply.warnings]) == ("tool_calls", ["tool_calls"])


@pytest.mark.parametrize(
    ("reason", "finish_reason"), [("max_output_tokens", "length"), ("content_filter", "content_filter")]
)
async def test_an_incomplete_answer_says_why(reason: str, finish_reason: str) -> None:
    last = state("incomplete", incomplete_details={"reason": reason}, usage=USAGE)
    reply = await answer_to(
        sse_response(numbered([created(), text("Hello"), {"type": "response.incomplete", "response": last}]))
    )
    assert (reply.status, reply.text, reply.finish_reason) == ("finished", "Hello", finish_reason)
    assert [warning.kind for warning in reply.warnings] == [finish_reason]


async def test_a_refusal() -> None:
    values = [created(), {"type": "response.refusal.delta", "delta": "No."}, completed()]
    reply = await answer_to(sse_response(numbered(values)))
    assert (reply.state.refusal, [w.kind for w in reply.warnings]) == ("No.", ["refusal"])


FAILURES: dict[str, Value] = {
    "failed": {
        "type": "response.failed",
        "response": state("failed", error={"code": "server_error", "message": "Oops"}),
    },
    "error": {"type": "error", "code": "server_error", "message": "Oops", "param": None},
}


@pytest.mark.parametrize("last", FAILURES.values(), ids=FAILURES)
async def test_a_failure_keeps_what_had_come(last: Value) -> None:
    reply = await answer_to(sse_response(numbered([created(), text("Hello"), last])))
    assert reply.error is not None
    assert (reply.error.kind, reply.text) == ("provider", "Hello")
    assert "Oops" in reply.error.message


async def test_an_answer_in_one_piece() -> None:
    output = [
        {"type": "reasoning", "summary": [{"type": "summary_text", "text": "Hm."}]},
        {"type": "message", "content": [{"type": "output_text", "text": "Hello"}]},
    ]
    reply = await answer_to(json_response(200, state("completed", output=output, usage=USAGE)), stream=False)
    assert (reply.text, reply.reasoning, reply.finish_reason, reply.warnings) == ("Hello", "Hm.", "stop", ())


async def test_an_answer_without_deltas_is_read_from_its_end() -> None:
    output = [{"type": "message", "content": [{"type": "output_text", "text": "Hello"}]}]
    end = {"type": "response.completed", "response": state("completed", output=output, usage=USAGE)}
    reply = await answer_to(sse_response(numbered([created(), end])))
    assert (reply.text, reply.status, reply.warnings) == ("Hello", "finished", ())


async def test_an_answer_with_deltas_is_not_read_twice() -> None:
    output = [{"type": "message", "content": [{"type": "output_text", "text": "Hello"}]}]
    end = {"type": "response.completed", "response": state("completed", output=output)}
    reply = await answer_to(sse_response(numbered([created(), text("Hello"), end])))
    assert reply.text == "Hello"


async def test_images_sources_and_think_tags() -> None:
    call = {"type": "image_generation_call", "result": PNG}
    annotation = {"type": "url_citation", "url": "https://a.example", "title": "A"}
    events = [
        created(),
        {"type": "response.output_item.done", "item": call},
        text("<think>Hm.</th"),
        text("ink>Hello"),
        {"type": "response.output_text.annotation.added", "annotation": annotation},
        {"type": "response.completed", "response": state("completed", output=[call])},
    ]
    reply = await answer_to(sse_response(numbered(events)))
    assert (reply.text, reply.reasoning) == ("Hello", "Hm.")
    assert [image.url for image in reply.images] == [PICTURE]
    assert [str(source) for source in reply.citations] == ["A: https://a.example"]


async def test_an_image_of_an_answer_in_one_piece() -> None:
    output = [{"type": "image_generation_call", "result": PNG}]
    reply = await answer_to(json_response(200, state("completed", output=output)), stream=False)
    assert ([image.url for image in reply.images], reply.warnings) == ([PICTURE], ())


async def test_an_answer_that_is_cut_in_the_foreground_is_kept() -> None:
    reply = await answer_to(sse_response([*numbered(HELLO)[:2], Close()]))
    assert reply.error is not None
    assert (reply.error.kind, reply.text) == ("truncated", "Hello")


@pytest.mark.parametrize("breaks", [[2], [1], [3], [2, 3], [1, 1]], ids=str)
async def test_a_background_answer_is_taken_up_where_it_was(breaks: list[int]) -> None:
    server = Background(HELLO, breaks)
    reply = await answer_to(server, background=True)
    assert (reply.status, reply.text, reply.warnings) == ("finished", "Hello world", ())
    ways = {event.way for event in reply.events if isinstance(event, Continued)}
    assert ways <= {"resume"}


async def test_a_background_answer_is_asked_for_once() -> None:
    with ByteServer(Background(HELLO, [1, 2])) as server:
        async with opened(server) as client:
            reply = sent(client, background=True)
            await reply.wait()
        assert [request.method for request in server.requests] == ["POST", "GET", "GET"]
        assert server.requests[0].json["background"] is True
    assert reply.text == "Hello world"


async def test_silence_is_a_break_too() -> None:
    def script(request: RecordedRequest) -> Script:
        events = numbered(HELLO)
        return sse_response([*events[:2], Hold()] if request.method == "POST" else events[2:])

    with ByteServer(script) as server:
        async with opened(server) as client:
            reply = sent(client, RequestPolicy(Timeouts(idle=0.2), retry=QUICK), background=True)
            await reply.wait()
    assert (reply.status, reply.text) == ("finished", "Hello world")


async def test_events_that_come_twice_count_once() -> None:
    def script(request: RecordedRequest) -> Script:
        events = numbered(HELLO)
        return sse_response([*events[:2], Close()] if request.method == "POST" else events)

    assert (await answer_to(script, background=True)).text == "Hello world"


async def test_a_stop_ends_the_work_at_the_server() -> None:
    def script(request: RecordedRequest) -> Script:
        cancels = request.path.endswith("/cancel")
        return (
            json_response(200, state("cancelled"))
            if cancels
            else sse_response([*numbered(HELLO)[:2], Hold()])
        )

    with ByteServer(script) as server:
        async with opened(server) as client:
            reply = sent(client, background=True)
            async for event in reply.follow():
                if isinstance(event, TextDelta):
                    reply.stop()
            await asyncio.to_thread(server.wait_requests, 2)
        assert [request.path for request in server.requests] == [
            "/v1/responses",
            f"/v1/responses/{ID}/cancel",
        ]
    assert (reply.status, reply.text) == ("stopped", "Hello")


async def test_a_chat_speaks_it() -> None:
    router = Router(NBStream(retries=0), {"NBSTREAM_NO_PROBE": "1"})
    with ByteServer(sse_response([*numbered(HELLO), Close()])) as server:
        chat = Chat(
            "m", base_url=server.base_url, router=router, api="responses", system="Be terse.", max_tokens=5
        )
        await chat.send("one")
        await chat.send("two")
        body = server.requests[1].json
    assert server.requests[1].path == "/v1/responses"
    assert [message["content"] for message in body["input"]] == ["Be terse.", "one", "Hello world", "two"]
    assert (body["max_output_tokens"], body["stream"]) == (5, True)
    assert "messages" not in body


def add(a: int, b: int) -> int:
    """Add two numbers."""
    return a + b


async def test_tools_are_called_in_its_terms() -> None:
    call = {"type": "function_call", "call_id": "call_1", "name": "add", "arguments": '{"a": 1, "b": 2}'}
    added = {"type": "response.output_item.added", "output_index": 0, "item": call}
    router = Router(NBStream(retries=0), {"NBSTREAM_NO_PROBE": "1"})
    turns = ([created(), added, completed()], HELLO)
    answers = [sse_response([*numbered(values), Close()]) for values in turns]
    with ByteServer(in_turn(*answers)) as server:
        settings: dict[str, Any] = {"base_url": server.base_url, "router": router, "api": "responses"}
        reply = await Chat("m", tools=[add], approve="always", **settings).send("1 + 2?")
        first, second = (request.json for request in server.requests)
    assert reply.text == "Hello world"
    assert [(tool["type"], tool["name"]) for tool in first["tools"]] == [("function", "add")]
    assert second["input"] == [
        {"role": "user", "content": "1 + 2?"},
        call,
        {"type": "function_call_output", "call_id": "call_1", "output": "3"},
    ]


THOUGHT = {"type": "reasoning", "id": "rs_1", "summary": [{"type": "summary_text", "text": "Hm."}]}
CALL = {"type": "function_call", "call_id": "call_1", "name": "add", "arguments": '{"a": 1, "b": 2}'}
RESULT = {"type": "function_call_output", "call_id": "call_1", "output": "3"}
SEALED: Value = {"encrypted_content": "gAAA", "future": 1}


@pytest.mark.parametrize("stream", [True, False])
@pytest.mark.parametrize(
    ("params", "more", "returned"),
    [
        ({}, {}, True),
        ({}, SEALED, True),
        ({"store": False}, SEALED, True),
        ({"store": False}, {"content": [{"type": "reasoning_text", "text": "Hm."}]}, True),
        ({"store": False}, {}, False),
    ],
)
async def test_reasoning_goes_back_with_the_calls_it_led_to(
    stream: bool, params: Value, more: Value, returned: bool
) -> None:
    thought = THOUGHT | more
    received = thought | {"status": "completed", "encrypted_content": more.get("encrypted_content")}
    called = CALL | {"id": "fc_1", "status": "completed"}
    calling: list[Value] = [
        {
            "type": "response.output_item.added",
            "output_index": 0,
            "item": {"type": "reasoning", "id": "rs_1"},
        },
        {"type": "response.output_item.done", "output_index": 0, "item": received},
        {"type": "response.output_item.added", "output_index": 1, "item": called | {"arguments": ""}},
        {"type": "response.function_call_arguments.delta", "output_index": 1, "delta": CALL["arguments"]},
        {"type": "response.output_item.done", "output_index": 1, "item": called},
    ]
    text_item = {"type": "message", "content": [{"type": "output_text", "text": "Hello world"}]}
    answers = [
        sse_response([*numbered([created(), *calling, completed()]), Close()])
        if stream
        else json_response(200, state("completed", output=[received, called])),
        *[
            sse_response([*numbered(HELLO), Close()])
            if stream
            else json_response(200, state("completed", output=[text_item]))
        ]
        * 2,
    ]
    router = Router(NBStream(retries=0), {"NBSTREAM_NO_PROBE": "1"})
    with ByteServer(in_turn(*answers)) as server:
        async with Chat(
            "m",
            base_url=server.base_url,
            router=router,
            api="responses",
            tools=[add],
            approve="always",
            stream=stream,
            extra=params,
        ) as chat:
            await chat.send("1 + 2?")
            await chat.send("And?")
        second, third = (request.json["input"] for request in server.requests[1:])
    call = CALL | {"id": "fc_1"} if returned else CALL
    question = {"role": "user", "content": "1 + 2?"}
    assert second == [question, *([thought] if returned else []), call, RESULT]
    assert third[:3] == [question, CALL, RESULT]
    assert "responses" not in json.dumps(chat.messages)


async def test_parts_have_their_names_there() -> None:
    parts: list[dict[str, Any]] = [
        {"type": "text", "text": "What is it?"},
        {"type": "image_url", "image_url": {"url": "data:image/png;base64,AA"}},
    ]
    request = ChatRequest("m", (Message("user", parts),), api="responses")
    with ByteServer(sse_response(numbered(HELLO))) as server:
        async with opened(server) as client:
            await Reply(lambda clock: client.stream(request, clock))
        content = server.requests[0].json["input"][0]["content"]
    assert content == [
        {"type": "input_text", "text": "What is it?"},
        {"type": "input_image", "image_url": "data:image/png;base64,AA"},
    ]


class TestContinuing:
    """By hand, after the tries to take it up again were used up."""

    def chat(self, server: ByteServer, **settings: Any) -> Chat:
        router = Router(NBStream(retries=0), {"NBSTREAM_NO_PROBE": "1"})
        return Chat("m", base_url=server.base_url, router=router, api="responses", **settings)

    async def cut(self, chat: Chat) -> Reply:
        reply = chat.send("Hi")
        await reply.wait()
        assert (reply.status, reply.text) == ("failed", "Hello")
        return reply

    async def test_an_answer_in_the_background_goes_on_from_its_last_event(self) -> None:
        background = Background(HELLO, [2, len(HELLO)])
        with ByteServer(background) as server:
            chat = self.chat(server, background=True)
            assert (await self.cut(chat)).state.continuable
            reply = await chat.continue_reply()
            assert "starting_after=1&" in server.requests[1].path
        assert (reply.status, reply.text) == ("finished", "Hello world")
        assert [(e.way, e.offset) for e in reply.events if isinstance(e, Continued)] == [("resume", 5)]

    async def test_also_when_the_first_try_does_not_get_through(self) -> None:
        background = Background(HELLO, [2])
        with ByteServer(background) as server:
            chat = self.chat(server, background=True)
            await self.cut(chat)
        again = chat.continue_reply()
        await again.wait()
        assert again.error is not None
        assert (again.error.kind, again.text, again.state.position) == ("connection", "Hello", (ID, 1))
        assert again.state.continuable

    @pytest.mark.parametrize("wish", ["keep", "continue"])
    async def test_any_other_answer_has_no_beginning_to_be_given(self, wish: Any) -> None:
        long = [created(), text("Hello, and then some more of it")]
        with ByteServer(sse_response([*numbered(long), Close()])) as server:
            router = Router(NBStream(retries=1), {"NBSTREAM_NO_PROBE": "1"})
            chat = Chat("m", base_url=server.base_url, router=router, api="responses", on_disconnect=wish)
            reply = chat.send("Hi")
            await reply.wait()
            assert (reply.status, reply.state.continuable) == ("failed", False)
            assert len(server.requests) == 1
