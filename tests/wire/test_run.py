"""Events that are taken at once say what they say one byte at a time."""

from __future__ import annotations

import json
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nbstream.types.events import StreamEvent, TextDelta
from nbstream.types.limits import Limits
from nbstream.wire.chunks import ChunkDecoder
from nbstream.wire.response_reader import ResponseReader
from nbstream.wire.run import RunReader

TEXT = st.text(max_size=4) | st.sampled_from(['"', "\\", '\\"', "\ud83d", "\ude00", "é\n", "\0", "😀", ""])
RAW = st.sampled_from(
    [b"a\\", b"a\0b", b"\xff", b"\\x", b"\\u12", b'a","b', b'"', b"\r", b"\n\n", b"\t", b"\\/"]
)
OTHER = st.sampled_from(
    [b": ping\n\n", b"id: 7\n\n", b"event: error\n", b"data: {}\n\n", b"\n", b"data: [DONE]\n\n"]
)
# A few events are a burst, which is what is read as a run.
IDENTITY = b"chatcmpl-" + b"x" * 600


def event(text: bytes, padding: str | None, line_end: bytes = b"\n") -> bytes:
    choices = b'[{"index":0,"delta":{"content":"%b"},"finish_reason":null}]' % text
    chunk = b'data: {"id":"%b","choices":%b' % (IDENTITY, choices)
    pad = b"" if padding is None else b',"obfuscation":"%b"' % padding.encode()
    return chunk + pad + b"}" + 2 * line_end


@st.composite
def bodies(draw: st.DrawFn) -> bytes:
    padded, ascii_only = draw(st.booleans()), draw(st.booleans())
    said = TEXT.map(
        lambda text: json.dumps(text, ensure_ascii=ascii_only)[1:-1].encode("utf-8", "surrogatepass")
    )
    padding = st.text("aZ09", min_size=1, max_size=5) if padded else st.none()
    usual = st.builds(event, said, padding)
    odd = st.builds(event, said | RAW, padding, st.sampled_from([b"\n", b"\r\n", b"\r"])) | OTHER
    return b"".join(draw(st.lists(usual | usual | usual | odd, min_size=1, max_size=20)))


def told(blocks: list[bytes], limits: Limits | None = None) -> list[str]:
    answer = ResponseReader(ChunkDecoder(), limits)
    events: list[StreamEvent] = []
    for block in blocks:
        events += answer.feed(block, 0.0)
    return [str(event) for event in events + answer.end(0.0)]


@given(bodies(), st.lists(st.integers(0, 16_000), max_size=4))
def test_however_the_bytes_come_they_say_the_same(body: bytes, cuts: list[int]) -> None:
    places = [0, *sorted(cuts), len(body)]
    blocks = [body[start:end] for start, end in pairwise(places)]
    assert told(blocks) == told([body[at : at + 1] for at in range(len(body))])


def test_many_events_of_a_read_keep_to_the_limits() -> None:
    body = b"".join(event(b"word", None) for _ in range(100))
    assert "kind='limit'" not in str(told([body]))
    for limits in (Limits(answer_chars=100), Limits(event_bytes=40)):
        assert told([body], limits)[-1] == told([body[at : at + 1] for at in range(len(body))], limits)[-1]
        assert "Failed" in told([body], limits)[-1]


@pytest.mark.parametrize("text", [b"a\\", b"a\0b", b"\xff", b"\\x", b"\\u12", b'a","b', b"a\nb", b"\\ud83d"])
def test_what_is_no_text_is_not_taken(text: bytes) -> None:
    reader = RunReader(b'{"content": "', b'"}')
    good = b'data: {"content": "a"}\n\n'
    assert reader.read(good).texts == ["a"]
    assert reader.read(b'data: {"content": "%b"}\n\n' % text).texts == []
    assert reader.read(good + b'data: {"content": "%b"}\n\n' % text + good).texts in ([], ["a"])


def test_an_event_that_does_not_end_is_not_taken() -> None:
    reader = RunReader(b'{"content": "', b'", "pad": "', padded=True)
    body = b'data: {"content": "a", "pad": "x1"}\n\n' * 2
    for cut in range(len(body) // 2):
        assert reader.read(body[: len(body) // 2 + cut]) == (["a"], len(body) // 2)
    assert reader.read(body) == (["a", "a"], len(body))


def test_the_texts_of_a_read_are_deltas_of_their_own() -> None:
    answer = ResponseReader(ChunkDecoder())
    answer.feed(event(b"first", None), 0.1)
    assert answer.feed(event(b"a", None) * 8, 0.2) == [TextDelta(0.2, "a")] * 8
