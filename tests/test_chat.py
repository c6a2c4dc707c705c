"""A chat keeps its conversation, and sends it."""

from __future__ import annotations

import contextlib
import traceback
from collections.abc import Iterator
from typing import Any

import pytest
from openai import AsyncOpenAI
from openai.resources.chat.completions import AsyncCompletions

from nbstream import Chat, Reply
from nbstream.client.router import Router
from nbstream.config import NBStream
from nbstream.conversation.options import RequestOptions
from nbstream.errors import AuthenticationError, NbstreamError, ServerError
from nbstream.types.request import APIName
from tests.chats import chat_on
from tests.loopback import ByteServer, Hold, in_turn, json_response, sse_response
from tests.loopback.chunks import delta, says


@pytest.fixture
def server() -> Iterator[ByteServer]:
    with ByteServer(says("Hello")) as running:
        yield running


def contents(server: ByteServer) -> list[list[str]]:
    return [[message["content"] for message in request.json["messages"]] for request in server.requests]


async def test_a_turn_has_the_turns_before_it_as_context(server: ByteServer) -> None:
    chat = chat_on(server, system="Be terse.")
    await chat.send("one")
    await chat.send("two")
    assert contents(server) == [["Be terse.", "one"], ["Be terse.", "one", "Hello", "two"]]
    assert [message["role"] for message in chat.messages] == [
        "system",
        "user",
        "assistant",
        "user",
        "assistant",
    ]


async def test_alone_sends_and_keeps_nothing_else(server: ByteServer) -> None:
    chat = chat_on(server)
    await chat.send("one")
    await chat.send("aside", alone=True)
    await chat.send("two")
    assert contents(server) == [["one"], ["aside"], ["one", "Hello", "two"]]


async def test_parameters_go_through_to_the_api(server: ByteServer) -> None:
    chat = chat_on(server, temperature=0.5, seed=1)
    reply = await chat.send("one", seed=2, response_format={"type": "json_object"})
    body = server.requests[0].json
    assert (body["temperature"], body["seed"]) == (0.5, 2)
    assert body["response_format"] == {"type": "json_object"}
    assert body["stream"] is True
    assert body["stream_options"] == {"include_usage": True}
    assert reply.params == {"temperature": 0.5, "seed": 2, "response_format": {"type": "json_object"}}


async def test_a_failed_turn_is_no_context_and_a_stopped_one_is() -> None:
    partial = sse_response([delta("part"), Hold()])
    failing = json_response(500, {"error": {"message": "down"}})
    with ByteServer(in_turn(failing, partial, says("Hello"))) as server:
        chat = chat_on(server)
        with pytest.raises(ServerError):
            await chat.send("fails")
        reply = chat.send("stopped")
        async for _ in reply:
            reply.stop()
        await chat.send("last")
        assert contents(server)[-1] == ["stopped", "part", "last"]


async def test_asking_again_from_the_same_cell_replaces_its_turn(server: ByteServer) -> None:
    chat = chat_on(server)
    for owner, prompt in [("a", "one"), ("b", "two"), ("a", "one again")]:
        await chat.send_with(prompt, RequestOptions(owner=owner))
    assert contents(server)[-1] == ["one again"]
    assert [m["content"] for m in chat.messages if m["role"] == "user"] == ["one again", "two"]


async def test_reset_forgets_the_turns(server: ByteServer) -> None:
    chat = chat_on(server, system="s")
    await chat.send("one")
    chat.reset()
    assert chat.messages == [{"role": "system", "content": "s"}]


async def test_an_answer_in_one_piece() -> None:
    whole = {
        "choices": [{"message": {"content": "Hello"}, "finish_reason": "stop"}],
        "usage": {"total_tokens": 3},
    }
    with ByteServer(json_response(200, whole)) as server:
        reply = await chat_on(server, stream=False).send("one")
        assert server.requests[0].json["stream"] is False
        assert "stream_options" not in server.requests[0].json
    assert (reply.text, reply.finish_reason, reply.warnings) == ("Hello", "stop", ())
    assert reply.usage is not None
    assert reply.usage.total == 3


async def test_a_client_of_ones_own_is_used_as_it_is(server: ByteServer) -> None:
    async with AsyncOpenAI(
        base_url=server.base_url, api_key="own-key-own-key", default_headers={"x-mine": "1"}
    ) as own:
        chat = Chat("m", client=own, router=Router(NBStream(), {}))
        assert (await chat.send("one")).text == "Hello"
        assert (await chat.send("two", model="other")).text == "Hello"
    assert [request.json["model"] for request in server.requests] == ["m", "other"]
    for request in server.requests:
        assert request.headers["authorization"] == "Bearer own-key-own-key"
        assert request.headers["x-mine"] == "1"


@pytest.mark.parametrize("api", ["chat", "responses"])
async def test_the_body_is_the_same_with_a_client_of_ones_own(server: ByteServer, api: APIName) -> None:
    photo = {"type": "image_url", "image_url": {"url": "data:image/png;base64,iVBORw0KGgo="}}
    chat = chat_on(server, api=api, system="Be terse.", temperature=0.5)
    await settled(chat.send(["Look", photo]))
    async with AsyncOpenAI(base_url=server.base_url, api_key="k") as own:
        router = Router(NBStream(), {})
        chat = Chat("m", client=own, router=router, api=api, system="Be terse.", temperature=0.5)
        await settled(chat.send(["Look", photo]))
    bodies = [request.body for request in server.requests if request.body]
    assert bodies[0] == bodies[1]
    assert b"Be terse." in bodies[0]
    assert b"iVBORw0KGgo" in bodies[0]


async def settled(reply: Reply) -> None:
    """Wait for the end of an answer, which is not one of the Responses API."""
    with contextlib.suppress(NbstreamError):
        await reply


async def test_an_instrumented_client_sees_the_messages(server: ByteServer) -> None:
    seen: list[object] = []
    async with AsyncOpenAI(base_url=server.base_url, api_key="k") as own:
        create = own.chat.completions.create

        async def watched(**arguments: Any) -> Any:
            seen.append(arguments["messages"])
            return await create(**arguments)

        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(AsyncCompletions, "create", lambda _, **arguments: watched(**arguments))
            await Chat("m", client=own, router=Router(NBStream(), {})).send("one")
    assert seen == [[{"role": "user", "content": "one"}]]


async def test_the_key_given_is_sent_and_never_shown(server: ByteServer) -> None:
    chat = chat_on(server, api_key="very-secret-key")
    reply = await chat.send("one")
    assert server.requests[0].headers["authorization"] == "Bearer very-secret-key"
    for shown in (repr(chat), repr(reply), repr(reply.events), str(vars(reply.state))):
        assert "very-secret-key" not in shown


async def test_a_traceback_of_a_program_holds_no_key() -> None:
    key = "very-secret-key"
    refusal = json_response(401, {"error": {"message": f"Incorrect API key provided: {key}"}})
    with ByteServer(refusal) as server:
        chat = chat_on(server, api_key=key)
        for asked in (chat.send("one"), chat.models()):
            with pytest.raises(AuthenticationError) as caught:
                await asked
            shown = "".join(traceback.format_exception(caught.value))
            assert "Error code: 401" in shown
            assert "[secret]" in shown
            assert key not in shown


async def test_a_password_in_the_address_is_sent_and_not_logged(
    server: ByteServer, caplog: pytest.LogCaptureFixture
) -> None:
    address = server.base_url.replace("http://", "http://me:pass%20word@")
    with caplog.at_level(0):
        await Chat("m", base_url=address, router=Router(NBStream(), {"NBSTREAM_NO_PROBE": "1"})).send("one")
    assert server.requests[0].headers["authorization"] == "Basic bWU6cGFzcyB3b3Jk"
    assert "HTTP Request: POST" in caplog.text
    assert "word" not in caplog.text


async def test_without_a_key_no_key_is_sent(server: ByteServer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", "sk-environment-secret")
    monkeypatch.setenv("OPENAI_ORG_ID", "org-secret")
    monkeypatch.setenv("OPENAI_ADMIN_KEY", "sk-admin-secret")
    chat = Chat("m", base_url=server.base_url, router=Router(NBStream()))
    await chat.send("one")
    sent = server.requests[0].headers
    assert "authorization" not in sent
    assert not [value for value in sent.values() if "secret" in value]


async def test_loopback_never_goes_through_a_proxy(
    server: ByteServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    with ByteServer(says("from the proxy")) as proxy:
        for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY"):
            monkeypatch.setenv(name, proxy.url)
        assert (await chat_on(server).send("one")).text == "Hello"
        assert proxy.requests == []
