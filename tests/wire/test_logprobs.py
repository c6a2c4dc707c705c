"""Probabilities of tokens, from chunks to `reply.logprobs`."""

from __future__ import annotations

import itertools
import math
import pickle
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nbstream import Chat, NBStream, Reply
from nbstream.client.router import Router
from nbstream.types.event_json import from_json, to_json
from nbstream.types.events import TokensScored
from nbstream.types.logprobs import Alternative, Logprobs, TokenLogprob
from nbstream.wire.logprobs import scored_tokens
from tests.loopback import ByteServer, Script, json_response, sse_response
from tests.loopback.chunks import END, delta


def scored(text: str, *tokens: dict[str, Any]) -> dict[str, Any]:
    """A chunk with a piece of the answer and its tokens."""
    choice = {"index": 0, "delta": {"content": text}, "logprobs": {"content": list(tokens)}}
    return {"choices": [choice]}


def token(text: str, probability: float, data: bytes | None = None, **more: Any) -> dict[str, Any]:
    whole = text.encode() if data is None else data
    return {"token": text, "logprob": math.log(probability), "bytes": list(whole), "top_logprobs": [], **more}


async def answer(script: Script, **params: Any) -> Reply:
    with ByteServer(script) as server:
        chat = Chat("m", base_url=server.base_url, router=Router(NBStream(), {"NBSTREAM_NO_PROBE": "1"}))
        reply = await chat.send("Hi", **params)
        await chat.aclose()
    return reply


PARIS = [
    scored("Par", token("Par", 0.9)),
    scored(
        "is",
        token("is", 0.3, top_logprobs=[{"token": "is", "logprob": -1.2}, {"token": "ma", "logprob": -2}]),
    ),
    scored(" é", token(" ", 0.2), token("\ufffd", 0.8, b"\xc3"), token("\ufffd", 0.1, b"\xa9")),
    scored("!", token("!", 0.99)),
    *END,
]


async def test_tokens_arrive_with_the_text() -> None:
    reply = await answer(sse_response(PARIS), logprobs=True, top_logprobs=2)
    assert reply.text == "Paris é!"
    logprobs = reply.logprobs
    assert logprobs is not None
    assert logprobs.text == reply.text
    assert [round(found.probability, 3) for found in logprobs] == [0.9, 0.3, 0.2, 0.8, 0.1, 0.99]
    assert logprobs[1].top == (Alternative("is", -1.2), Alternative("ma", -2.0))
    assert reply.warnings == ()


async def test_low_spans_have_whole_characters_and_places() -> None:
    logprobs = (await answer(sse_response(PARIS), logprobs=True)).logprobs
    assert logprobs is not None
    [span] = logprobs.low(0.5)
    assert (span.text, span.start, span.end, len(span.tokens)) == ("is é", 3, 7, 4)
    assert span.probability == pytest.approx(0.1)
    assert logprobs.text[span.start : span.end] == span.text
    assert [low.text for low in logprobs.low(0.25)] == [" é"]
    assert logprobs.low(0) == []
    assert repr(logprobs) == "<Logprobs: 6 tokens, 1 low-confidence span>"


async def test_they_survive_a_pickle_and_become_a_frame() -> None:
    reply = await answer(sse_response(PARIS), logprobs=True)
    kept = pickle.loads(pickle.dumps(reply)).logprobs  # noqa: S301 - made here
    assert kept.tokens == reply.logprobs.tokens  # type: ignore[union-attr]
    frame = kept.to_frame()
    assert list(frame["token"]) == ["Par", "is", " ", "\ufffd", "\ufffd", "!"]
    assert frame["bytes"][3] == b"\xc3"
    assert frame["top"][1] == {"is": math.exp(-1.2), "ma": math.exp(-2)}


async def test_an_answer_in_one_piece_has_them_as_well() -> None:
    choice = {
        "index": 0,
        "message": {"role": "assistant", "content": "Paris"},
        "logprobs": {"content": [token("Paris", 0.5)]},
        "finish_reason": "stop",
    }
    reply = await answer(json_response(200, {"choices": [choice]}), stream=False, logprobs=True)
    assert reply.logprobs is not None
    assert reply.logprobs.text == "Paris"


async def test_a_server_without_them_is_named_in_a_notice_only_if_they_were_requested() -> None:
    script = sse_response([delta("Hi"), *END])
    wanted = await answer(script, logprobs=True)
    assert [(warning.kind, warning.text) for warning in wanted.warnings] == [
        ("no_logprobs", "The server sent no probabilities of tokens.")
    ]
    assert wanted.logprobs is None
    assert (await answer(script)).warnings == ()


MALFORMED: dict[str, object] = {
    "no object": [],
    "content is text": {"content": "x"},
    "a token is a number": {"content": [3, {"token": 3, "logprob": -1}, {"token": "a"}]},
    "a logprob is text": {"content": [{"token": "a", "logprob": "-1"}]},
    "a logprob is a bool": {"content": [{"token": "a", "logprob": True}]},
    "a logprob is NaN": {"content": [{"token": "a", "logprob": math.nan}]},
}


@pytest.mark.parametrize("name", MALFORMED)
def test_what_cannot_be_read_is_left_out(name: str) -> None:
    read = scored_tokens(MALFORMED[name])
    assert [found.probability for found in read] in ([], [0.0])


def test_impossible_values_are_bounded() -> None:
    values = [-math.inf, 5, 10**400, -(10**400), None]
    read = scored_tokens(
        {"content": [{"token": "\ud83d", "logprob": value, "bytes": [300]} for value in values]}
    )
    assert [found.probability for found in read] == [0.0, 1.0, 1.0, 0.0, 0.0]
    assert {(found.token, found.data) for found in read} == {("\ufffd", None)}


@given(st.text(max_size=30), st.lists(st.integers(0, 40), max_size=8))
def test_any_split_of_utf8_gives_the_text_and_never_half_a_character(text: str, places: list[int]) -> None:
    data = text.encode("utf-8", "replace")
    cuts = sorted({0, len(data), *(place for place in places if place < len(data))})
    parts = [data[start:end] for start, end in itertools.pairwise(cuts)]
    tokens = [TokenLogprob("?", -5.0 if number % 2 else -0.1, part) for number, part in enumerate(parts)]
    logprobs = Logprobs(tokens)
    assert logprobs.text == data.decode()
    for span in logprobs.low():
        assert span.text == logprobs.text[span.start : span.end]
        assert b"".join(found.utf8 for found in span.tokens) == span.text.encode()


def test_the_event_is_written_and_read() -> None:
    event = TokensScored(
        0.5, (TokenLogprob("é", -0.5, b"\xc3\xa9", (Alternative("e", -1.0),)), TokenLogprob("x", -1.0))
    )
    assert from_json(to_json(event)) == event


IS = {"token": "is", "logprob": -0.5, "bytes": [105, 115], "top_logprobs": [{"token": "ma", "logprob": -1.5}]}
DOT = {"token": ".", "logprob": -0.1, "bytes": None, "top_logprobs": []}
PART = {"type": "output_text", "text": "is.", "logprobs": [IS, DOT]}
RESPONSE = {
    "object": "response",
    "status": "completed",
    "output": [{"type": "message", "content": [PART]}],
}


def text_delta(text: str, *tokens: dict[str, Any]) -> dict[str, Any]:
    return {"type": "response.output_text.delta", "delta": text, "logprobs": list(tokens)}


@pytest.mark.parametrize(
    "script",
    [
        sse_response(
            [
                text_delta("is", IS),
                text_delta(".", DOT),
                {**PART, "type": "response.output_text.done"},
                {"type": "response.completed", "response": RESPONSE},
            ]
        ),
        sse_response(
            [
                text_delta("is."),
                {**PART, "type": "response.output_text.done"},
                {"type": "response.completed", "response": RESPONSE},
            ]
        ),
        sse_response([{"type": "response.completed", "response": RESPONSE}]),
        json_response(200, RESPONSE),
    ],
    ids=["with deltas", "with the whole text", "with the whole answer", "in one piece"],
)
async def test_the_responses_api_sends_them_where_they_are_included(script: Script) -> None:
    with ByteServer(script) as server:
        chat = Chat("m", base_url=server.base_url, router=Router(NBStream(), {"NBSTREAM_NO_PROBE": "1"}))
        include = ["reasoning.encrypted_content"]
        reply = await chat.send("Hi", api="responses", logprobs=True, top_logprobs=1, include=include)
        await chat.aclose()
        body = server.requests[0].json
    assert body["include"] == ["reasoning.encrypted_content", "message.output_text.logprobs"]
    assert (body["top_logprobs"], "logprobs" in body) == (1, False)
    assert reply.logprobs is not None
    assert [(token.token, token.logprob) for token in reply.logprobs] == [("is", -0.5), (".", -0.1)]
    assert reply.logprobs[0].top == (Alternative("ma", -1.5),)


async def test_the_responses_api_without_them_says_so() -> None:
    with ByteServer(
        sse_response([text_delta("Hi"), {"type": "response.completed", "response": {}}])
    ) as server:
        chat = Chat("m", base_url=server.base_url, router=Router(NBStream(), {"NBSTREAM_NO_PROBE": "1"}))
        reply = await chat.send("Hi", api="responses", logprobs=True)
        await chat.aclose()
    assert reply.logprobs is None
    assert "The server sent no probabilities of tokens." in [warning.text for warning in reply.state.warnings]
