"""A request is a value that can be looked at before it goes out."""

from __future__ import annotations

from nbstream.client.responses import response_body
from nbstream.types.messages import Message
from nbstream.types.request import ChatRequest

ASK = (Message("system", "Be terse."), Message("user", "Hi"))
REQUEST = ChatRequest("m", ASK, {"temperature": 0.2})


def test_the_body() -> None:
    assert REQUEST.body() == {
        "model": "m",
        "messages": [{"role": "system", "content": "Be terse."}, {"role": "user", "content": "Hi"}],
        "stream": True,
        "stream_options": {"include_usage": True},
        "temperature": 0.2,
    }


def test_parameters_have_the_last_word() -> None:
    request = ChatRequest("m", ASK, {"stream_options": {"include_usage": False}, "model": "other"})
    assert request.body()["stream_options"] == {"include_usage": False}
    assert request.body()["model"] == "other"


def test_without_a_stream_nothing_is_asked_of_one() -> None:
    assert "stream_options" not in ChatRequest("m", ASK, stream=False).body()
    assert "stream_options" not in REQUEST.without_usage().body()


def test_the_rest_of_an_answer() -> None:
    request = REQUEST.continuing("Hello", {"prefix": True}, {"echo": False})
    assert request.body()["messages"][-1] == {"role": "assistant", "content": "Hello", "prefix": True}
    assert (request.body()["echo"], request.body()["temperature"]) == (False, 0.2)
    assert len(REQUEST.body()["messages"]) == 2


def test_the_fingerprint_knows_everything_that_is_sent() -> None:
    warmer = ChatRequest("m", ASK, {"temperature": 0.3})
    other = ChatRequest("m", ASK[1:], {"temperature": 0.2})
    assert REQUEST.fingerprint() == ChatRequest("m", ASK, {"temperature": 0.2}).fingerprint()
    assert len({REQUEST.fingerprint(), warmer.fingerprint(), other.fingerprint()}) == 3


def test_the_body_of_the_responses_api() -> None:
    params = {"max_completion_tokens": 5, "reasoning_effort": "low", "background": True}
    body = response_body(ChatRequest("m", ASK, params, api="responses"))
    assert body == {
        "model": "m",
        "input": [{"role": "system", "content": "Be terse."}, {"role": "user", "content": "Hi"}],
        "stream": True,
        "max_output_tokens": 5,
        "reasoning": {"effort": "low"},
        "background": True,
    }
