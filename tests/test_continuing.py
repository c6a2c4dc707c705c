"""Continuing a reply that was cut, from Python: the earlier text is never lost."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from nbstream import Chat, NBStream, Reply
from nbstream.client.router import Router
from nbstream.errors import ConfigError
from nbstream.types.events import Continued, Prefilled
from tests.chats import chat_on
from tests.faults.chunks import DONE, STOP, delta, event, usage_chunk
from tests.loopback import (
    ByteServer,
    Hold,
    Pause,
    RecordedRequest,
    Reset,
    Script,
    in_turn,
    json_response,
    sse_response,
)

FIRST = "The quick brown fox jumps over the lazy dog, and "
SECOND = "the dog does not mind."
CUT = sse_response([event(delta(FIRST)), Pause(0.05), Reset()])
REST = sse_response([event(delta(SECOND)), STOP + DONE])
BY_LENGTH = sse_response([event(delta(FIRST)), event(delta(finish_reason="length")) + DONE])


def listing(owner: str) -> Script:
    return json_response(200, {"data": [{"id": "m", "object": "model", "owned_by": owner}]})


def server_of(owner: str, *scripts: Script) -> ByteServer:
    """A server that lists its models, and answers by these scripts in turn."""
    answers = in_turn(*scripts)

    def handle(request: RecordedRequest) -> Any:
        return listing(owner) if request.path.endswith("/models") else answers(request)

    return ByteServer(handle)


async def ended(reply: Reply) -> Reply:
    await reply.wait()
    return reply


def bodies(server: ByteServer) -> list[dict[str, Any]]:
    return [request.json for request in server.requests if request.method == "POST"]


def listings(server: ByteServer) -> int:
    return sum(request.method == "GET" for request in server.requests)


@pytest.fixture
def server() -> Iterator[ByteServer]:
    with server_of("vllm", CUT, REST) as running:
        yield running


async def test_the_rest_is_asked_for_with_the_same_request(server: ByteServer) -> None:
    chat = chat_on(server, temperature=0.5)
    cut = await ended(chat.send("Tell me", seed=7))
    reply = await chat.continue_reply()
    assert (reply.status, reply.text) == ("finished", FIRST + SECOND)
    first, second = bodies(server)
    added = {"continue_final_message": True, "add_generation_prompt": False}
    beginning = {"role": "assistant", "content": FIRST.rstrip()}
    assert second == first | added | {"messages": [*first["messages"], beginning]}
    assert [(e.way, e.offset) for e in reply.events if isinstance(e, Continued)] == [("prefix", len(FIRST))]
    assert cut.text == FIRST, "the reply that was cut stays as it was"


async def test_it_is_a_version_of_the_turn_and_the_old_one_stays(server: ByteServer) -> None:
    chat = chat_on(server)
    cut = await ended(chat.send("Tell me"))
    reply = await chat.continue_reply(cut)
    (turn,) = chat.conversation
    assert [version.answer for version in turn.versions] == [cut, reply]
    assert chat.messages[-1]["content"] == FIRST + SECOND
    assert reply.showing.snapshot()["meta"]["notices"] == [
        {
            "kind": "continued",
            "text": f"The answer was cut off after {len(FIRST)} characters; a second request continued it.",
        }
    ]


async def test_its_deltas_add_up_to_its_text(server: ByteServer) -> None:
    chat = chat_on(server)
    await ended(chat.send("Tell me"))
    reply = chat.continue_reply()
    assert "".join([text async for text in reply]) == reply.text == FIRST + SECOND
    assert reply.timings.ttft is not None
    assert reply.timings.ttft > 0, "what was there before is no first token"


async def test_what_repeats_at_the_join_stands_once() -> None:
    again = sse_response([event(delta(FIRST + SECOND)), STOP + DONE])
    with server_of("vllm", CUT, again) as server:
        chat = chat_on(server)
        await ended(chat.send("Tell me"))
        assert (await chat.continue_reply()).text == FIRST + SECOND


async def test_an_answer_that_begins_anew_is_not_glued_on() -> None:
    anew = sse_response([event(delta("The quick brown fox jumps high. And then")), STOP + DONE])
    with server_of("vllm", CUT, anew) as server:
        chat = chat_on(server)
        await ended(chat.send("Tell me"))
        reply = await ended(chat.continue_reply())
    assert (reply.status, reply.text) == ("failed", FIRST)
    assert reply.error is not None
    assert "started over" in reply.error.message
    assert not reply.state.continuable


async def test_cut_again_it_can_be_continued_again() -> None:
    again = sse_response([event(delta("the dog ")), Pause(0.05), Reset()])
    rest = sse_response([event(delta("sleeps.")), STOP + DONE])
    with server_of("vllm", CUT, again, rest) as server:
        chat = chat_on(server)
        for reply in (await ended(chat.send("Tell me")), await ended(chat.continue_reply())):
            assert reply.state.continuable
        reply = await chat.continue_reply()
        assert reply.text == FIRST + "the dog sleeps."
        assert [e.offset for e in reply.events if isinstance(e, Continued)] == [len(FIRST), len(FIRST) + 8]
        assert bodies(server)[2]["messages"][1:] == [
            {"role": "assistant", "content": (FIRST + "the dog").rstrip()}
        ]


async def test_what_the_first_half_may_lack_is_said_of_the_whole() -> None:
    damaged = sse_response([event(delta(FIRST)), b"data: {oh no\n\n", Pause(0.05), Reset()])
    with server_of("vllm", damaged, REST) as server:
        chat = chat_on(server)
        await ended(chat.send("Tell me"))
        reply = await chat.continue_reply()
    assert [warning.kind for warning in reply.warnings] == ["malformed_chunk"]


async def test_an_answer_cut_by_its_length_goes_on() -> None:
    with server_of("vllm", BY_LENGTH, REST) as server:
        chat = chat_on(server)
        cut = await chat.send("Tell me")
        assert cut.state.continuable
        reply = await chat.continue_reply()
    assert (reply.text, reply.finish_reason, reply.warnings) == (FIRST + SECOND, "stop", ())


async def test_an_answer_that_was_stopped_goes_on() -> None:
    with server_of("vllm", sse_response([event(delta(FIRST)), Hold()]), REST) as server:
        chat = chat_on(server)
        stopped = chat.send("Tell me")
        async for _ in stopped:
            stopped.stop()
        assert (await chat.continue_reply()).text == FIRST + SECOND


async def test_tokens_are_counted_once() -> None:
    usage = event(usage_chunk_of(9))
    rest = sse_response([event(delta(SECOND)), STOP + usage + DONE])
    with server_of("vllm", CUT, rest) as server:
        chat = chat_on(server)
        await ended(chat.send("Tell me"))
        reply = await chat.continue_reply()
    assert reply.usage is not None
    assert reply.usage.output == 9


def usage_chunk_of(output: int) -> dict[str, Any]:
    from nbstream import Usage

    return usage_chunk(Usage(input=1, output=output, total=output + 1))


async def test_a_refusal_keeps_the_text_and_says_why() -> None:
    refusal = json_response(400, {"error": {"message": "the last message must be the user's"}})
    with server_of("vllm", CUT, refusal) as server:
        chat = chat_on(server)
        await ended(chat.send("Tell me"))
        reply = await ended(chat.continue_reply())
    assert (reply.status, reply.text) == ("failed", FIRST)
    assert reply.error is not None
    assert "the last message must be the user's" in reply.error.message
    assert not reply.state.continuable


async def test_a_server_that_is_gone_for_the_moment_can_be_asked_again() -> None:
    with server_of("vllm", CUT) as server:
        chat = chat_on(server)
        await ended(chat.send("Tell me"))
    reply = await ended(chat.continue_reply())
    assert (reply.status, reply.text, reply.state.continuable) == ("failed", FIRST, True)
    assert reply.error is not None
    assert reply.error.kind == "connection"


class TestRecognition:
    @pytest.mark.parametrize(("owner", "known"), [("vllm", True), ("llamacpp", True), ("me", False)])
    async def test_by_what_the_server_says_of_its_models(self, owner: str, known: bool) -> None:
        with server_of(owner, CUT, REST) as server:
            chat = chat_on(server)
            cut = await ended(chat.send("Tell me"))
            assert cut.state.continuable is known
            assert cut.error is not None
            assert ("%chat continue" in cut.error.advice) is known
            reply = await ended(chat.continue_reply())
            assert reply.status == ("finished" if known else "failed")
            assert reply.text.startswith(FIRST)
            assert listings(server) == 1, "and asked only once"
            assert len(bodies(server)) == 1 + known

    async def test_only_when_an_answer_was_cut(self) -> None:
        with server_of("vllm", REST) as server:
            await chat_on(server).send("Tell me")
            assert listings(server) == 0

    async def test_also_for_what_is_continued_at_once(self) -> None:
        with server_of("vllm", CUT, REST) as server:
            router = Router(NBStream(retries=1), {"NBSTREAM_NO_PROBE": "1"})
            chat = Chat("m", base_url=server.base_url, router=router, on_disconnect="continue")
            assert (await chat.send("Tell me")).text == FIRST + SECOND
            assert listings(server) == 1

    async def test_not_by_a_server_that_does_not_list(self) -> None:
        with ByteServer(in_turn(CUT, json_response(404, {"detail": "Not Found"}))) as server:
            cut = await ended(chat_on(server).send("Tell me"))
        assert cut.error is not None
        assert (cut.error.kind, cut.text, cut.state.continuable) == ("truncated", FIRST, False)


class TestNothingToGoOnWith:
    async def test_an_answer_that_is_whole(self) -> None:
        with server_of("vllm", REST) as server:
            chat = chat_on(server)
            await chat.send("Tell me")
            with pytest.raises(ConfigError, match="the model ended it"):
                chat.continue_reply()

    async def test_an_answer_on_its_way(self) -> None:
        with server_of("vllm", sse_response([event(delta(FIRST)), Hold()])) as server:
            chat = chat_on(server)
            reply = chat.send("Tell me")
            with pytest.raises(ConfigError, match="still streaming"):
                chat.continue_reply()
            reply.stop()
            await reply.wait()

    async def test_hardly_any_text(self) -> None:
        with server_of("vllm", sse_response([event(delta("The")), Reset()])) as server:
            chat = chat_on(server)
            await ended(chat.send("Tell me"))
            with pytest.raises(ConfigError, match="too little text"):
                chat.continue_reply()

    async def test_an_empty_conversation(self, server: ByteServer) -> None:
        with pytest.raises(ConfigError, match="no answer to continue"):
            chat_on(server).continue_reply()

    async def test_a_reply_of_another_chat(self, server: ByteServer) -> None:
        cut = await ended(chat_on(server).send("Tell me"))
        with pytest.raises(ConfigError, match="not requested here"):
            chat_on(server).continue_reply(cut)

    async def test_a_tool_call(self) -> None:
        call = {"index": 0, "id": "c", "function": {"name": "f", "arguments": "{"}}
        script = sse_response([event(delta(FIRST)), event(delta(tool_calls=[call])), Pause(0.05), Reset()])
        with server_of("vllm", script) as server:
            chat = chat_on(server)
            cut = await ended(chat.send("Tell me"))
            assert not cut.state.continuable
            with pytest.raises(ConfigError, match="tool calls"):
                chat.continue_reply()


async def test_an_aside_is_continued_as_one(server: ByteServer) -> None:
    chat = chat_on(server)
    cut = await ended(chat.send("Tell me", alone=True))
    assert (await chat.continue_reply(cut)).text == FIRST + SECOND
    assert len(chat.conversation) == 0


async def test_a_fork_can_continue_what_was_cut_before_it(server: ByteServer) -> None:
    chat = chat_on(server)
    await ended(chat.send("Tell me"))
    twin = chat.fork()
    assert (await twin.continue_reply()).text == FIRST + SECOND
    assert chat.messages == []


async def test_the_log_tells_it_all(server: ByteServer) -> None:
    chat = chat_on(server)
    await ended(chat.send("Tell me"))
    reply = await chat.continue_reply()
    kinds = [type(each).__name__ for each in reply.events]
    assert kinds == [
        "Prefilled",
        "Routed",
        "Opened",
        "Identified",
        "Continued",
        "TextDelta",
        "Finished",
    ]
    assert isinstance(reply.events[0], Prefilled)
