"""The relay as clients of OpenAI's API see it: by the real SDK."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from typing import Any

import openai
import pytest
from openai import AsyncOpenAI, OpenAI

from tests.chats import chat_on
from tests.loopback import ByteServer, json_response, sse_response
from tests.loopback.chunks import END, delta, says
from tests.relay.conftest import Serve
from tests.relay.upstream import WORDS, sent

ASK: Any = {"model": "nbstream", "messages": [{"role": "user", "content": "Hi"}]}
COUNTS = {"prompt_tokens": 3, "completion_tokens": 20, "total_tokens": 23}
COUNTED = sse_response([*map(delta, WORDS), END[0], {"choices": [], "usage": COUNTS}, END[1]])

Connect = Callable[..., AbstractAsyncContextManager[AsyncOpenAI]]


@pytest.fixture
def connect(serve: Serve) -> Connect:
    """The SDK's client of a relay that serves a chat."""

    @asynccontextmanager
    async def connect(chat: Any, **options: Any) -> AsyncGenerator[AsyncOpenAI, None]:
        async with (
            serve(chat, **options) as http,
            AsyncOpenAI(base_url=f"{http.base_url}/v1", api_key="none", max_retries=0) as client,
        ):
            yield client

    return connect


async def test_streamed_and_whole_say_the_same(connect: Connect) -> None:
    with ByteServer(COUNTED) as server:
        async with connect(chat_on(server)) as client:
            whole = await client.chat.completions.create(**ASK)
            async with await client.chat.completions.create(
                **ASK, stream=True, stream_options={"include_usage": True}
            ) as stream:
                chunks = [chunk async for chunk in stream]
    streamed = "".join(choice.delta.content or "" for chunk in chunks for choice in chunk.choices)
    assert streamed == whole.choices[0].message.content == "".join(WORDS)
    assert whole.choices[0].finish_reason == chunks[-2].choices[0].finish_reason == "stop"
    assert whole.usage is not None
    assert whole.usage.model_dump(exclude_none=True) == COUNTS
    assert chunks[-1].usage == whole.usage
    assert {chunk.model for chunk in chunks} == {whole.model} == {"nbstream"}


async def test_usage_comes_only_where_it_was_asked_for(connect: Connect) -> None:
    with ByteServer(COUNTED) as server:
        async with connect(chat_on(server)) as client:
            stream = await client.chat.completions.create(**ASK, stream=True)
            assert [chunk.usage async for chunk in stream] == [None] * (len(WORDS) + 2)


async def test_the_synchronous_client_works_as_well(serve: Serve) -> None:
    def talk(base_url: str) -> str:
        with OpenAI(base_url=base_url, api_key="none", max_retries=0) as client:
            stream = client.chat.completions.create(**ASK, stream=True)
            return "".join(chunk.choices[0].delta.content or "" for chunk in stream)

    with ByteServer(says(*WORDS)) as server:
        async with serve(chat_on(server)) as http:
            assert await asyncio.to_thread(talk, f"{http.base_url}/v1") == "".join(WORDS)


async def test_the_prototype_is_the_one_model(connect: Connect) -> None:
    with ByteServer(says("x")) as server:
        async with connect(chat_on(server), model="summariser") as client:
            assert [model.id async for model in client.models.list()] == ["summariser"]
            assert (await client.models.retrieve("summariser")).owned_by == "nbstream"
            for call in (client.models.retrieve("gpt-5"), client.chat.completions.create(**ASK)):
                with pytest.raises(openai.NotFoundError, match="Use 'summariser'"):
                    await call
        assert server.requests == []


async def test_the_prototypes_system_message_and_parameters_come_first(connect: Connect) -> None:
    messages: Any = [
        {"role": "user", "content": "1?"},
        {"role": "assistant", "content": "One."},
        {"role": "user", "content": [{"type": "text", "text": "2?"}]},
    ]
    with ByteServer(says("Two.")) as server:
        async with connect(chat_on(server, system="Be terse.", temperature=0.2, seed=1)) as client:
            await client.chat.completions.create(model="nbstream", messages=messages, seed=2, user="me", n=1)
        body = server.requests[0].json
        assert sent(server) == [
            ("system", "Be terse."),
            ("user", "1?"),
            ("assistant", "One."),
            ("user", [{"type": "text", "text": "2?"}]),
        ]
    assert (body["temperature"], body["seed"], body["model"]) == (0.2, 2, "m")
    assert not {"user", "n"} & body.keys()


@pytest.mark.parametrize(
    ("wrong", "param"),
    [
        ({"n": 2}, "n"),
        ({"tools": [{"type": "function", "function": {"name": "f"}}]}, "tools"),
        ({"logprobs": True}, "logprobs"),
        ({"extra_body": {"anything": "else"}}, "anything"),
        ({"messages": []}, "messages"),
        ({"messages": [{"role": "tool", "content": "x", "tool_call_id": "1"}]}, "messages.0.role"),
        ({"messages": [{"role": "assistant", "content": "x"}]}, "messages"),
    ],
)
async def test_what_it_can_not_do_is_refused_by_name(connect: Connect, wrong: Any, param: str) -> None:
    with ByteServer(says("x")) as server:
        async with connect(chat_on(server)) as client:
            with pytest.raises(openai.BadRequestError) as caught:
                await client.chat.completions.create(**{**ASK, **wrong})
        assert caught.value.param == param
        assert server.requests == []


@pytest.mark.parametrize("stream", [True, False])
@pytest.mark.parametrize(
    ("upstream", "kind"),
    [
        (
            json_response(429, {"error": {"message": "slow"}}, {"retry-after": "7"}),
            openai.RateLimitError,
        ),
        (json_response(400, {"error": {"message": "bad temperature"}}), openai.BadRequestError),
        (json_response(401, {"error": {"message": "bad key"}}), openai.InternalServerError),
        (json_response(500, {"error": {"message": "down"}}), openai.InternalServerError),
    ],
)
async def test_a_model_that_refuses_is_an_http_error(
    connect: Connect, upstream: Any, kind: type[openai.APIStatusError], stream: Any
) -> None:
    with ByteServer(upstream) as server:
        async with connect(chat_on(server)) as client:
            with pytest.raises(kind) as caught:
                await client.chat.completions.create(**ASK, stream=stream)
    if kind is openai.RateLimitError:
        assert caught.value.response.headers["retry-after"] == "7"


async def test_a_model_that_fails_halfway_is_an_error_in_the_stream(connect: Connect) -> None:
    broken = sse_response([delta("part"), {"error": {"message": "The model fell over."}}])
    with ByteServer(broken) as server:
        async with connect(chat_on(server)) as client:
            text = ""
            with pytest.raises(openai.APIError, match="ended the answer with an error"):  # noqa: PT012 - the error comes after text
                async for chunk in await client.chat.completions.create(**ASK, stream=True):
                    text += chunk.choices[0].delta.content or ""
            assert text == "part"
            with pytest.raises(openai.InternalServerError, match="ended the answer with an error"):
                await client.chat.completions.create(**ASK)


@pytest.mark.parametrize(
    ("content", "temperature", "param"),
    [
        ('[{"text": "Hi"}]', "1", "messages.0.content.0"),
        ("[]", "1", "messages.0.content"),
        (r'[{"type": "text", "text": "\ud800"}]', "1", "messages"),
        ('"Hi"', "NaN", "temperature"),
    ],
)
async def test_what_no_model_could_be_sent_is_refused(
    serve: Serve, content: str, temperature: str, param: str
) -> None:
    messages = f'[{{"role": "user", "content": {content}}}]'
    body = f'{{"model": "nbstream", "messages": {messages}, "temperature": {temperature}}}'
    with ByteServer(says("Hello")) as server:
        async with serve(chat_on(server)) as client:
            headers = {"content-type": "application/json"}
            response = await client.post("/v1/chat/completions", content=body, headers=headers)
        assert response.status_code == 400
        assert response.json()["error"]["param"] == param
        assert server.requests == []
