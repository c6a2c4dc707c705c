"""Streams damaged at random: an answer always ends, once, in something that can be shown and saved."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nbstream.recording.state import ReplyState
from nbstream.types.event_json import to_json
from nbstream.types.events import Failed, Finished, StreamEvent
from nbstream.views.snapshot import ReplyInfo, provenance, saved_reply, snapshot
from nbstream.wire.chunks import ChunkDecoder
from nbstream.wire.decoder import AnswerDecoder
from nbstream.wire.response_reader import ResponseReader
from nbstream.wire.responses import ResponseDecoder
from tests.faults.test_responses import HELLO, created, numbered, text

STREAMS = [
    path.read_bytes()
    for path in sorted((Path(__file__).parent.parent / "fixtures" / "streams").glob("*.sse"))
]
CALL = {"type": "function_call", "call_id": "c", "name": "f", "arguments": "{}"}
RESPONSES = [
    b"".join(numbered(HELLO)),
    b"".join(numbered([created(), {"type": "response.output_item.added", "item": CALL}, *HELLO[1:]])),
    b"".join(numbered([created(), text("Hello"), {"type": "response.failed", "response": {"error": None}}])),
]
RUBBISH = st.sampled_from(
    [
        *(b"null", b"[]", b"{}", b'"x"', b"true", b"-0", b"1e999", b"NaN", b"9" * 5000, b"[" * 3000),
        *(b'"\\ud83d"', b'"a\\udc00b"', b"\xff", b"\xf0\x9f", b"\r", b"\n\n", b"\x00", b": ", b"data:"),
        *(b"event: error\n", b'"error": 5,', b'"index": -1,', b'"tool_calls": [null, 5],', b'"choices": 5,'),
    ]
)
DAMAGE = st.lists(st.tuples(st.floats(0, 1), st.integers(0, 30), RUBBISH), min_size=1, max_size=6)


def damaged(stream: bytes, damage: list[tuple[float, int, bytes]]) -> bytes:
    for where, lost, rubbish in damage:
        place = int(where * len(stream))
        stream = stream[:place] + rubbish + stream[place + lost :]
    return stream


def events_of(decoder: AnswerDecoder, stream: bytes, size: int) -> list[StreamEvent]:
    answer, events = ResponseReader(decoder), []
    for start in range(0, len(stream), size):
        events += answer.feed(stream[start : start + size], 0.0)
        if answer.over:
            break
    return events + answer.end(0.0)


@pytest.mark.parametrize(
    ("make", "streams"), [(ChunkDecoder, STREAMS), (ResponseDecoder, RESPONSES)], ids=["chat", "responses"]
)
@given(st.data())
@settings(max_examples=300, deadline=None)
def test_the_answer_ends_once_and_can_be_saved(
    make: type[ChunkDecoder | ResponseDecoder], streams: list[bytes], data: st.DataObject
) -> None:
    stream = damaged(data.draw(st.sampled_from(streams)), data.draw(DAMAGE))
    events = events_of(make(), stream, data.draw(st.integers(1, 4096)))
    assert [e for e in events if isinstance(e, Finished | Failed)] == events[-1:]

    state = ReplyState()
    for event in events:
        state.apply(event)
    for shown in (
        *map(to_json, events),
        snapshot(state, 0.0),
        saved_reply(state),
        provenance(state, ReplyInfo()),
    ):
        json.dumps(shown, ensure_ascii=False, allow_nan=False).encode()
    if state.error is not None:
        assert len(state.error.message.encode()) <= 2000
        assert state.error.advice
