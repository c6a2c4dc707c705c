"""The errors shown when a server refuses."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest

from nbstream.errors import AuthenticationError, NbstreamError, RateLimitError, StatusError
from tests.faults.playing import KEY, asked, opened
from tests.loopback import ByteServer, RecordedRequest, Script, json_response, response

NO_MODEL = {"error": {"message": "The model 'm' does not exist", "code": "model_not_found"}}


async def refused(script: Script) -> NbstreamError:
    with ByteServer(script) as server:
        async with opened(server.base_url) as client:
            error = (await asked(client)).error
    assert error is not None
    return error


def with_models(names: list[str]) -> Any:
    def answer(request: RecordedRequest) -> Script:
        if request.path == "/v1/models":
            return json_response(200, {"object": "list", "data": [{"id": name} for name in names]})
        return json_response(404, NO_MODEL)

    return answer


async def test_a_wrong_key_names_the_variable_and_not_the_key() -> None:
    said = {"error": {"message": f"Incorrect API key provided: {KEY}. See https://keys.example."}}
    error = await refused(json_response(401, said))
    assert isinstance(error, AuthenticationError)
    assert error.status == 401
    assert error.advice == "Check A_KEY."
    assert "Incorrect API key provided: [secret]" in error.message
    assert KEY not in str(error)


async def test_a_model_that_is_not_there_brings_those_that_are() -> None:
    error = await refused_with_models(["m-large", "m-small", "other"])
    assert error.advice.startswith("Did you mean m-")
    assert "m-large" in error.advice


@pytest.mark.parametrize(
    ("names", "near"),
    [
        (["mistral-small", "qwen3:8b"], []),
        (["vendor/m", "other"], ["vendor/m"]),
        (["M", "mistral"], ["M"]),
    ],
)
async def test_only_models_with_like_names_are_named(names: list[str], near: list[str]) -> None:
    advice = (await refused_with_models(names)).advice
    named = advice.partition("?")[0].removeprefix("Did you mean ") if near else ""
    assert ("Did you mean" in advice) == bool(near)
    assert named == ", ".join(near)


SAID = [
    (400, "Your organization must be verified to stream this model.", "--no-stream"),
    (422, "Streaming is not supported for this model", "--no-stream"),
    (400, "API key not valid. Please pass a valid API key.", "A_KEY"),
    (400, "Invalid model name passed in model=gpt-9", "%chat models"),
    (400, "The model `gpt-9` does not exist", "%chat models"),
    (409, "A run is already active", "wait"),
    (418, "I am a teapot", "ask the provider"),
    (400, "top_p must be below 1", "parameters"),
]


@pytest.mark.parametrize(("status", "said", "advice"), SAID)
async def test_the_advice_fits_what_the_server_says(status: int, said: str, advice: str) -> None:
    with ByteServer(json_response(status, {"error": {"message": said}})) as server:
        async with opened(server.base_url) as client:
            error = (await asked(client)).error
        chats = [request for request in server.requests if request.path.endswith("/chat/completions")]
        assert len(chats) == 1, "a final refusal is not retried"
    assert error is not None
    assert said in error.message
    assert advice in error.advice


async def refused_with_models(names: list[str]) -> NbstreamError:
    with ByteServer(with_models(names)) as server:
        async with opened(server.base_url) as client:
            error = (await asked(client)).error
    assert isinstance(error, StatusError)
    assert error.kind == "not_found"
    return error


async def test_no_models_to_name_is_no_further_fault() -> None:
    assert "Did you mean" not in (await refused_with_models([])).advice
    assert "Did you mean" not in (await refused(json_response(404, NO_MODEL))).advice


async def test_an_address_that_moved_is_named_without_its_secrets() -> None:
    location = "http://user:pass-word@elsewhere.invalid:8443/v1?key=query-secret"
    error = await refused(response(308, b"", {"location": location}))
    assert "http://elsewhere.invalid:8443/v1" in error.advice
    assert "pass-word" not in str(error)
    assert "query-secret" not in str(error)


async def test_nothing_is_sent_to_the_address_that_it_moved_to() -> None:
    with ByteServer(response(200, b"{}")) as elsewhere:
        error = await refused(response(307, b"", {"location": f"{elsewhere.base_url}/chat/completions"}))
        assert elsewhere.requests == []
    assert error.kind == "redirect"


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [({"retry-after": "90"}, 90.0), ({"retry-after-ms": "90500"}, 90.5), ({"retry-after": "soon"}, None)],
)
async def test_when_to_come_back(headers: Mapping[str, str], seconds: float | None) -> None:
    error = await refused(json_response(429, {"error": {"message": "slow down"}}, headers))
    assert isinstance(error, RateLimitError)
    assert error.retry_after == seconds
    assert ("Try again in 9" in error.advice) == (seconds is not None)


async def test_words_that_act_on_a_terminal_are_taken_out() -> None:
    error = await refused(
        json_response(400, {"error": {"message": "bad\x1b]0;owned\x07 \u202evalue\n\nhere"}})
    )
    assert error.message.endswith("400: bad ]0;owned value here")


async def test_a_page_is_told_by_its_title() -> None:
    page = b"<html><head><title>502 Bad\n Gateway</title></head><body><h1>nginx</h1></body></html>"
    assert (await refused(response(502, page))).message.endswith("answered 502: 502 Bad Gateway")


async def test_a_long_conversation_is_told_as_such() -> None:
    said = {
        "error": {"message": "This model's maximum context length is 8192 tokens", "code": "context_length"}
    }
    error = await refused(json_response(400, said))
    assert "too long for the model" in error.advice
