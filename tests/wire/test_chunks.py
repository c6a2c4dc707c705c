"""Chunks of the chat-completions API, in all spellings."""

from __future__ import annotations

import json
from collections.abc import Mapping
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nbstream.recording.state import ReplyState
from nbstream.types.events import (
    ChunkSkipped,
    Failed,
    Finished,
    Identified,
    ReasoningDelta,
    StreamEvent,
    TextDelta,
    ToolCallDelta,
    Warned,
)
from nbstream.types.limits import Limits
from nbstream.types.tool_calls import ToolCall
from nbstream.wire.chunks import ChunkDecoder
from nbstream.wire.decoder import AnswerDecoder
from nbstream.wire.response_reader import ResponseReader
from nbstream.wire.responses import ResponseDecoder
from nbstream.wire.sse import ServerSentEvent

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=8,
)
FIELDS = st.sampled_from(
    [
        "id",
        "model",
        "choices",
        "index",
        "delta",
        "message",
        "content",
        "finish_reason",
        "usage",
        "error",
        "text",
        "tool_calls",
        "function",
        "arguments",
        "reasoning",
        "reasoning_details",
        "refusal",
        "type",
        "response",
        "sequence_number",
        "item",
        "output",
        "summary",
        "detail",
        "object",
        "code",
    ]
)
CHUNKLIKE = st.recursive(
    JSON | st.sampled_from(["response", "response.completed", "response.output_item.added", "function_call"]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(FIELDS, inner, max_size=5),
    max_leaves=12,
)


def decoded(*values: Mapping[str, Any]) -> list[StreamEvent]:
    events = [ServerSentEvent(json.dumps(value).encode()) for value in values]
    decoder = ChunkDecoder()
    return decoder.decode(events, 0.0) + decoder.close(0.0)


def delta(**fields: Any) -> dict[str, Any]:
    return {"choices": [{"index": 0, "delta": fields}]}


def texts(events: list[StreamEvent], kind: type[TextDelta | ReasoningDelta] = TextDelta) -> list[str]:
    return [event.text for event in events if isinstance(event, kind)]


@given(st.lists(st.text()))
def test_no_character_is_lost(pieces: list[str]) -> None:
    """Lone surrogates and their like too, as long as both halves come. Tags count at the beginning alone."""
    pieces = ["Text: ", *pieces]
    events = decoded(*(delta(content=piece) for piece in pieces))
    whole = "".join(pieces)
    assert "".join(texts(events)) == whole.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")


@given(
    tag=st.sampled_from(["think", "thinking", "thought", "seed:think"]),
    thought=st.text("ab <>/\n", max_size=20),
    answer=st.text("ab <>/\n", max_size=20),
    data=st.data(),
)
def test_think_tags_cut_anywhere(tag: str, thought: str, answer: str, data: st.DataObject) -> None:
    whole = f"<{tag}>{thought}</{tag}>{answer}"
    cuts = sorted(data.draw(st.lists(st.integers(0, len(whole)), max_size=8)))
    pieces = [whole[a:b] for a, b in pairwise([0, *cuts, len(whole)])]
    events = decoded(*(delta(content=piece) for piece in pieces))
    assert "".join(texts(events, ReasoningDelta)) == thought.lstrip()
    assert "".join(texts(events)) == answer.lstrip()


@pytest.mark.parametrize("text", ["A <think>b</think>", "<thinker>", "< think>", "<", "\n" * 100 + "<think>"])
@given(data=st.data())
def test_what_is_no_think_tag_stays_text(text: str, data: st.DataObject) -> None:
    cuts = sorted(data.draw(st.lists(st.integers(0, len(text)), max_size=8)))
    pieces = [text[a:b] for a, b in pairwise([0, *cuts, len(text)])]
    assert "".join(texts(decoded(*(delta(content=piece) for piece in pieces)))) == text


@given(st.text(st.characters(min_codepoint=0x10000), min_size=1))
def test_characters_cut_in_halves_come_whole(text: str) -> None:
    units = text.encode("utf-16-be")
    halves = [units[i : i + 2].decode("utf-16-be", "surrogatepass") for i in range(0, len(units), 2)]
    events = decoded(*(delta(content=half) for half in halves))
    assert "".join(texts(events)) == text
    for piece in texts(events):
        piece.encode()


@pytest.mark.parametrize("decoder", [ChunkDecoder, ResponseDecoder])
@given(values=st.lists(CHUNKLIKE, max_size=4))
def test_whatever_json_comes_nothing_is_raised(decoder: type[AnswerDecoder], values: list[object]) -> None:
    answer, state = ResponseReader(decoder()), ReplyState()
    for value in values:
        for event in answer.feed(b"data: " + json.dumps(value).encode() + b"\n\n", 0.0):
            state.apply(event)
    for event in [] if answer.over else answer.end(0.0):
        state.apply(event)
    assert state.ended
    state.text.encode()


@pytest.mark.parametrize("decoder", [ChunkDecoder, ResponseDecoder])
@given(pieces=st.lists(st.binary(max_size=40), max_size=5))
def test_whatever_bytes_come_nothing_is_raised(decoder: type[AnswerDecoder], pieces: list[bytes]) -> None:
    answer = ResponseReader(decoder())
    events = [event for piece in pieces for event in answer.feed(piece, 0.0)]
    if not answer.over:
        events += answer.end(0.0)
    assert isinstance(events[-1], Failed | Finished)


def test_tool_calls_by_index_by_id_and_by_neither() -> None:
    def call(**fields: Any) -> dict[str, Any]:
        return delta(tool_calls=[fields])

    events = decoded(
        call(id="a", function={"name": "one", "arguments": "{"}),
        call(function={"arguments": "}"}),
        call(id="b", function={"name": "two", "arguments": "[]"}),
        call(index=5, id="c", function={"name": "three"}),
        call(index=5, function={"arguments": "1"}),
    )
    state = ReplyState()
    for event in events:
        if isinstance(event, ToolCallDelta):
            state.apply(event)
    assert list(state.tool_calls.values()) == [
        ToolCall("a", "one", "{}"),
        ToolCall("b", "two", "[]"),
        ToolCall("c", "three", "1"),
    ]


def test_names_are_given_once_and_made_printable() -> None:
    named = {"id": "chatcmpl-1\x1b[0m", "model": "m" * 1000, "choices": []}
    [identified] = [event for event in decoded(named, named) if isinstance(event, Identified)]
    assert identified.response_id == "chatcmpl-1 [0m"
    assert identified.model == "m" * 200


def test_messages_of_the_server_are_cleaned() -> None:
    decoder = ChunkDecoder(lambda text: text.replace("s3cret", "…"))
    events = decoder.decode(
        [ServerSentEvent(b"the key is s3cret"), ServerSentEvent(b'{"error": "s3cret\\u001b[2J"}')], 0.0
    )
    skipped, failed = events
    assert isinstance(skipped, ChunkSkipped)
    assert isinstance(failed, Failed)
    assert "s3cret" not in skipped.raw + failed.error.message
    assert "\x1b" not in failed.error.message


def test_many_malformed_chunks_keep_the_first_ones_only() -> None:
    decoder = ChunkDecoder()
    events = decoder.decode([ServerSentEvent(b"x" * 10_000)] * 100, 0.0)
    sizes = [len(event.raw) for event in events if isinstance(event, ChunkSkipped)]
    assert len(sizes) == 100
    assert sum(sizes) == 20 * 500


def test_a_warning_is_given_once() -> None:
    other = {"choices": [{"index": 1, "delta": {"content": "x"}}]}
    events = decoded(delta(content="Hi"), other, other, other)
    assert [event.kind for event in events if isinstance(event, Warned)] == ["extra_choices"]


@pytest.mark.parametrize("field", ["content", "reasoning", "refusal"])
def test_every_text_counts_toward_the_ceiling(field: str) -> None:
    answer = ResponseReader(ChunkDecoder(), Limits(answer_chars=100))
    data = b"data: " + json.dumps(delta(**{field: "x" * 60})).encode() + b"\n\n"
    assert not any(isinstance(event, Failed) for event in answer.feed(data, 0.0))
    last = answer.feed(data, 0.0)[-1]
    assert isinstance(last, Failed)
    assert last.error.kind == "limit"
