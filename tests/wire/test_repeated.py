"""Chunks whose text alone is parsed say what they say when all of them is."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nbstream.types.events import Finished, StreamEvent
from nbstream.wire.chunks import ChunkDecoder
from nbstream.wire.repeated import RepeatedChunk
from nbstream.wire.sse import ServerSentEvent

TEXT = st.text(max_size=4) | st.sampled_from(
    ['"', "\\", '","finish_reason":"stop', "\ud83d", "\ude00", "é\n"]
)
DELTA = st.fixed_dictionaries(
    {"content": TEXT},
    optional={"role": st.just("assistant"), "reasoning": TEXT, "refusal": st.none() | st.just("no")},
)
CHOICE = st.fixed_dictionaries(
    {"delta": DELTA},
    optional={"index": st.sampled_from([0, 0, 0, 1]), "finish_reason": st.sampled_from([None, "stop"])},
)
CHUNK = st.fixed_dictionaries(
    {"choices": st.lists(CHOICE, max_size=2) | st.lists(CHOICE, min_size=1, max_size=1)},
    optional={
        "id": st.sampled_from(["a", '"content":"x"']),
        "usage": st.sampled_from([None, {"total_tokens": 1}]),
    },
)


def encoded(chunk: dict[str, Any], ascii_only: bool) -> bytes:
    return json.dumps(chunk, ensure_ascii=ascii_only).encode("utf-8", "surrogatepass")


def one_by_one(payloads: list[bytes]) -> list[StreamEvent]:
    """What a decoder says that never meets the same chunk twice: each has a different padding."""
    decoder, events = ChunkDecoder(), []
    for number, payload in enumerate(payloads):
        padded = b'{"padding": %d, ' % number + payload[1:]
        events += decoder.decode([ServerSentEvent(padded)], 0.0)
    return events + decoder.close(0.0)


@given(
    st.lists(st.sampled_from(range(3)), max_size=12), st.lists(CHUNK, min_size=3, max_size=3), st.booleans()
)
def test_repeated_chunks_say_the_same(
    order: list[int], chunks: list[dict[str, Any]], ascii_only: bool
) -> None:
    payloads = [encoded(chunks[place], ascii_only) for place in order]
    decoder = ChunkDecoder()
    events = decoder.decode([ServerSentEvent(payload) for payload in payloads], 0.0) + decoder.close(0.0)
    assert [str(event) for event in events] == [str(event) for event in one_by_one(payloads)]


@given(st.lists(TEXT, min_size=1, max_size=8), st.booleans())
def test_only_the_text_differs(texts: list[str], ascii_only: bool) -> None:
    payloads = [encoded({"choices": [{"delta": {"content": text}}]}, ascii_only) for text in ["a", *texts]]
    decoder = ChunkDecoder()
    events = decoder.decode([ServerSentEvent(payload) for payload in payloads], 0.0) + decoder.close(0.0)
    assert [str(event) for event in events] == [str(event) for event in one_by_one(payloads)]


@pytest.mark.parametrize("value", [b"null", b"1", b'["x"]', b'"x", "b": "y"', b'"x"}, {"c": "y"', b'"x', b""])
def test_what_is_no_string_is_left_to_the_parser(value: bytes) -> None:
    repeated = RepeatedChunk()
    repeated.learn(b'{"choices": [{"delta": {"content": "a"}}]}')
    assert repeated.text_in(b'{"choices": [{"delta": {"content": %b}}]}' % value) == ""


@pytest.mark.parametrize(
    "chunk",
    [
        b'{"content": "a", "choices": [{"delta": {}}]}',
        b'{"choices": [{"delta": {"content": "a"}}, {"delta": {"content": "b"}}]}',
        b'{"choices": [{"delta": {"content": "a", "content": "b"}}]}',
    ],
)
def test_a_place_that_is_not_the_one_text_is_not_taken(chunk: bytes) -> None:
    repeated = RepeatedChunk()
    repeated.learn(chunk)
    assert repeated.text_in(chunk) == ""


@given(st.lists(st.tuples(TEXT, st.text("aZ09", min_size=1, max_size=3) | TEXT), min_size=1, max_size=8))
def test_padding_may_differ_and_nothing_else_may(chunks: list[tuple[str, str]]) -> None:
    values = [
        {"choices": [{"delta": {"content": text}}], "usage": None, "obfuscation": padding}
        for text, padding in [("a", "x1"), *chunks]
    ]
    payloads = [json.dumps(value, separators=(",", ":")).encode() for value in values]
    decoder = ChunkDecoder()
    events = decoder.decode([ServerSentEvent(payload) for payload in payloads], 0.0) + decoder.close(0.0)
    assert [str(event) for event in events] == [str(event) for event in one_by_one(payloads)]


@pytest.mark.parametrize(
    "rest", [b'"x1"', b'"x1"},', b'"x"y"}', b'"x1","usage":{"total_tokens":1}}', b"1}", b""]
)
def test_what_is_no_padding_is_left_to_the_parser(rest: bytes) -> None:
    repeated, head = RepeatedChunk(), b'{"choices":[{"delta":{"content":"a"}}],"obfuscation":'
    repeated.learn(head + b'"x1"}')
    assert repeated.text_in(head + b'"0"}') == "a"
    assert repeated.text_in(head + rest) == ""


def test_a_finish_reason_beside_the_text_is_heard() -> None:
    chunks = [
        {"choices": [{"delta": {"content": "a"}, "finish_reason": reason}]} for reason in [None, "stop"]
    ]
    decoder = ChunkDecoder()
    for chunk in [chunks[0], chunks[0], chunks[1]]:
        decoder.decode([ServerSentEvent(encoded(chunk, ascii_only=True))], 0.0)
    assert decoder.close(0.0)[-1] == Finished(0.0, "stop")
