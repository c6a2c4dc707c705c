"""The demo refuses as OpenAI's server does, and fails on request."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from typing import Any

import httpx2
import openai
import pytest

from nbstream.demo import create_app
from nbstream.transports.asgi import ASGITransport
from tests.demo.conftest import client_of

Ask = Callable[..., Any]
COMPLETIONS = "/v1/chat/completions"
MESSAGES = [{"role": "user", "content": "hi"}]


@pytest.fixture
async def http() -> AsyncIterator[httpx2.AsyncClient]:
    transport = ASGITransport(create_app(pace=0))
    async with httpx2.AsyncClient(transport=transport, base_url="http://demo") as client:
        yield client


@pytest.mark.parametrize(
    ("changes", "param"),
    [
        ({"messages": None}, "messages"),
        ({"messages": []}, "messages"),
        ({"messages": ["hi"]}, "messages[0]"),
        ({"messages": [*MESSAGES, {"role": "robot", "content": "hi"}]}, "messages[1].role"),
        ({"messages": [{"role": "user", "content": 7}]}, "messages[0].content"),
        ({"messages": [{"role": "user", "content": ["hi"]}]}, "messages[0].content"),
        ({"model": None}, "model"),
        ({"stream": "yes"}, "stream"),
        ({"stream_options": []}, "stream_options"),
        ({"stream_options": {"include_usage": 1}}, "include_usage"),
        ({"max_tokens": 0}, "max_tokens"),
        ({"max_tokens": True}, "max_tokens"),
        ({"max_completion_tokens": "many"}, "max_completion_tokens"),
        ({"stop": 3}, "stop"),
        ({"stop": [""]}, "stop"),
        ({"stop": ["a", "b", "c", "d", "e"]}, "stop"),
        ({"response_format": "json"}, "response_format"),
    ],
)
async def test_a_wrong_field_is_named(http: httpx2.AsyncClient, changes: dict[str, Any], param: str) -> None:
    body = {"model": "nbstream-demo-fast", "messages": MESSAGES} | changes
    answer = await http.post(COMPLETIONS, json=body)
    error = answer.json()["error"]
    assert answer.status_code == 400
    assert (error["param"], error["type"], error["code"]) == (param, "invalid_request_error", "invalid_value")
    assert param in error["message"]


@pytest.mark.parametrize("body", [b"", b"{", b"[]", b'"text"', b"\xff", b"[" * 100_000])
async def test_a_body_that_is_no_json_object_is_refused(http: httpx2.AsyncClient, body: bytes) -> None:
    answer = await http.post(COMPLETIONS, content=body)
    assert answer.status_code == 400
    assert "JSON" in answer.json()["error"]["message"]


async def test_a_body_that_is_too_long_is_refused(http: httpx2.AsyncClient) -> None:
    answer = await http.post(COMPLETIONS, content=bytes(16 * 2**20 + 1))
    assert (answer.status_code, answer.json()["error"]["param"]) == (413, None)


async def test_an_unknown_model_is_not_found(ask: Ask) -> None:
    with pytest.raises(openai.NotFoundError) as caught:
        await ask("hi", model="gpt-5")
    assert (caught.value.code, caught.value.param) == ("model_not_found", "model")
    assert "nbstream-demo" in caught.value.message


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "/", 404),
        ("POST", "/chat/completions", 404),
        ("GET", "/v1/models/gpt-5", 404),
        ("GET", COMPLETIONS, 405),
        ("POST", "/v1/models", 405),
        ("DELETE", "/v1/models/nbstream-demo", 405),
    ],
)
async def test_other_addresses_get_an_error_in_the_same_shape(
    http: httpx2.AsyncClient, method: str, path: str, status: int
) -> None:
    answer = await http.request(method, path)
    assert answer.status_code == status
    assert set(answer.json()["error"]) == {"message", "type", "param", "code"}


async def test_only_http_is_taken() -> None:
    with pytest.raises(ValueError, match="websocket"):
        await create_app()({"type": "websocket"}, None, None)  # type: ignore[arg-type]


@pytest.mark.parametrize("stream", [False, True])
@pytest.mark.parametrize(
    ("fault", "error"),
    [
        ("error-401", openai.AuthenticationError),
        ("error-429", openai.RateLimitError),
        ("error-500", openai.InternalServerError),
    ],
)
async def test_refusals_on_request(fault: str, error: type[openai.APIStatusError], *, stream: bool) -> None:
    async with client_of(create_app(pace=0), max_retries=0) as client:
        with pytest.raises(error) as caught:
            await client.chat.completions.create(
                model="nbstream-demo",
                messages=[{"role": "user", "content": f"please demo:{fault}!"}],
                stream=stream,
            )
    assert f"demo:{fault}" in caught.value.message
    assert caught.value.request_id is not None


async def test_the_second_attempt_after_a_rate_limit_is_answered(ask: Ask) -> None:
    answer = await ask("demo:error-429")
    assert "the answer to the second attempt" in answer.choices[0].message.content
    raw = await ask("demo:error-429", extra_headers={"x-stainless-retry-count": "1"})
    assert raw == answer


async def test_the_rate_limit_says_when_to_come_back(http: httpx2.AsyncClient) -> None:
    messages = [{"role": "user", "content": "demo:error-429"}]
    answer = await http.post(COMPLETIONS, json={"model": "nbstream-demo", "messages": messages})
    assert (answer.status_code, answer.headers["retry-after"]) == (429, "1")


async def test_only_the_last_user_message_asks_for_a_fault(ask: Ask) -> None:
    messages = [{"role": "user", "content": "demo:error-500"}, {"role": "user", "content": "hi"}]
    answer = await ask("", messages=messages)
    assert answer.choices[0].finish_reason == "stop"


@pytest.mark.parametrize("prompt", ["demo:error-4011", "demo:cutting", "demo:cut-off", "demo cut"])
async def test_words_that_only_look_like_a_fault_are_none(ask: Ask, prompt: str) -> None:
    answer = await ask(prompt)
    assert answer.choices[0].finish_reason == "stop"


async def read_until_fault(ask: Ask, prompt: str) -> tuple[str, Any, Exception | None]:
    """Text, last finish reason, and what the SDK's iterator raised."""
    text, reason = "", None
    try:
        async with await ask(prompt, stream=True) as stream:
            async for chunk in stream:
                text += chunk.choices[0].delta.content or ""
                reason = chunk.choices[0].finish_reason
    except (ValueError, openai.OpenAIError, httpx2.HTTPError) as error:
        return text, reason, error
    return text, reason, None


@pytest.mark.parametrize(
    ("fault", "error"),
    [
        ("cut", httpx2.RemoteProtocolError),
        ("malformed", ValueError),
        ("error-stream", openai.APIError),
    ],
)
async def test_streams_that_fail_halfway(ask: Ask, fault: str, error: type[Exception]) -> None:
    text, reason, raised = await read_until_fault(ask, f"demo:{fault}")
    assert "You asked for the fault" in text
    assert reason is None
    assert isinstance(raised, error) or isinstance(getattr(raised, "__cause__", None), error)


async def test_a_malformed_chunk_is_followed_by_the_rest_of_the_answer(http: httpx2.AsyncClient) -> None:
    body = {
        "model": "nbstream-demo",
        "stream": True,
        "messages": [{"role": "user", "content": "demo:malformed"}],
    }
    answer = (await http.post(COMPLETIONS, json=body)).text
    events = answer.split("\n\n")
    broken = [event for event in events if not event.endswith(("}", "[DONE]")) and event]
    assert len(broken) == 1
    assert 1 < events.index(broken[0]) < len(events) - 3
    assert answer.endswith("data: [DONE]\n\n")


async def read_all(answer: Any) -> None:
    async with answer:
        async for _chunk in answer:
            pass


async def test_a_stalled_stream_is_silent_until_the_client_gives_up(ask: Ask) -> None:
    stream = await ask("demo:stall", stream=True, timeout=0.1)
    with pytest.raises((openai.APITimeoutError, httpx2.ReadTimeout)):
        await read_all(stream)


async def test_a_stalled_whole_answer_never_begins() -> None:
    async with client_of(create_app(pace=0), max_retries=0, timeout=0.1) as client:
        with pytest.raises(openai.APITimeoutError):
            await client.chat.completions.create(
                model="nbstream-demo", messages=[{"role": "user", "content": "demo:stall"}]
            )


@pytest.mark.parametrize(
    ("fault", "fails"), [("cut", True), ("malformed", True), ("error-stream", True), ("slow", False)]
)
async def test_whole_answers_fail_too(fault: str, *, fails: bool) -> None:
    async with client_of(create_app(pace=0), max_retries=0) as client:
        raised = None
        try:
            await client.chat.completions.create(
                model="nbstream-demo", messages=[{"role": "user", "content": f"demo:{fault}"}]
            )
        except (ValueError, openai.OpenAIError, httpx2.HTTPError) as error:
            raised = error
    assert (raised is not None) is fails
