"""Server-Sent Events, whatever their line ends and however they are cut."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nbstream.wire.sse import ServerSentEvent, SSEDecoder

LINES = st.text(st.characters(exclude_characters="\r\n", exclude_categories=["Cs"]), max_size=20)
NAMES = st.sampled_from(["", "error", "message", "response.created"])


@st.composite
def streams(draw: st.DrawFn) -> tuple[bytes, list[ServerSentEvent]]:
    """A stream in any legal form, and its events."""
    text, events = draw(st.sampled_from(["", "\ufeff"])), []
    for _ in range(draw(st.integers(0, 4))):
        name, values = draw(NAMES), draw(st.lists(LINES, min_size=1, max_size=3).filter(_is_one_event))
        fields = [f"data: {value}" for value in values] + ([f"event: {name}"] if name else [])
        comments = [f":{line}" for line in draw(st.lists(LINES, max_size=2))]
        for line in [*comments, *fields, ""]:
            # An empty line that ends in LF after one that ended in CR would be the rest of a CRLF.
            ends = ["\r", "\r\n"] if not line and text.endswith("\r") else ["\n", "\r", "\r\n"]
            text += line + draw(st.sampled_from(ends))
        events.append(ServerSentEvent("\n".join(values).encode(), name or "message"))
    return text.encode(), events


def _is_one_event(values: list[str]) -> bool:
    """Whether no line ends a JSON object before one that begins another."""
    return not any(a.endswith("}") and b.startswith(("{", "[")) for a, b in pairwise(values))


def test_events_without_blank_lines_come_while_the_stream_goes_on() -> None:
    decoder = SSEDecoder()
    assert decoder.feed(b'data: {"a": 1}\n') == []
    assert [event.data for event in decoder.feed(b'data: {"b": 2}\ndata: ')] == [b'{"a": 1}']
    assert [event.data for event in decoder.feed(b"[DONE]\n")] == [b'{"b": 2}']
    assert [event.data for event in decoder.flush()] == [b"[DONE]"]


def test_one_json_value_on_several_lines_is_one_event() -> None:
    lines = ["[", '{"a": 1},', '{"b": {', "}", "}]"]
    data = "".join(f"data: {line}\n" for line in lines) + "\n"
    [event] = decode([data.encode()])
    assert event.data == "\n".join(lines).encode()


def test_a_field_named_error_is_an_event() -> None:
    [chunk, error] = decode([b'data: {"a": 1}\nerror: {"code": 500}\n\n'])
    assert (chunk.event, chunk.data) == ("message", b'{"a": 1}')
    assert (error.event, error.data) == ("error", b'{"code": 500}')


def decode(pieces: list[bytes], limit: int = 1 << 20) -> list[ServerSentEvent]:
    decoder = SSEDecoder(limit)
    return [event for piece in pieces for event in decoder.feed(piece)] + decoder.flush()


@given(stream=streams(), data=st.data())
def test_every_legal_stream_cut_anywhere(
    stream: tuple[bytes, list[ServerSentEvent]], data: st.DataObject
) -> None:
    body, events = stream
    places = sorted(data.draw(st.lists(st.integers(0, len(body)), max_size=6)))
    assert decode([body[a:b] for a, b in pairwise([0, *places, len(body)])]) == events


@given(stream=streams())
def test_every_legal_stream_byte_by_byte(stream: tuple[bytes, list[ServerSentEvent]]) -> None:
    body, events = stream
    assert decode([bytes([byte]) for byte in body]) == events


@given(st.lists(st.binary(max_size=60)))
def test_any_bytes_at_all(pieces: list[bytes]) -> None:
    assert decode(pieces) == decode([b"".join(pieces)])


def test_an_event_comes_with_its_blank_line_and_not_later() -> None:
    decoder = SSEDecoder()
    assert decoder.feed(b"data: a\n") == []
    assert decoder.feed(b"\n") == [ServerSentEvent(b"a")]
    assert decoder.feed(b"data: b\r\n\r") == [ServerSentEvent(b"b")]
    assert decoder.feed(b"\ndata: c\n\n") == [ServerSentEvent(b"c")]


def test_ids_and_retry_are_kept_with_the_events_after_them() -> None:
    body = b"id: 7\nretry: 1500\ndata: a\n\ndata: b\n\nid: bad\0id\nretry: soon\ndata: c\n\n"
    assert [(event.id, event.retry) for event in decode([body])] == [("7", 1500)] * 3


def test_an_event_name_without_data_names_no_later_event() -> None:
    assert decode([b"event: ping\n\ndata: a\n\n"]) == [ServerSentEvent(b"a")]


def test_what_is_no_field_is_kept_for_diagnosis() -> None:
    decoder = SSEDecoder()
    decoder.feed(b"<html>\n: a comment\ndata: a\n<body")
    decoder.flush()
    assert bytes(decoder.stray) == b"<html>\n<body\n"


ENDLESS = {
    "a line": [b"data: " + b"x" * 50] + [b"x" * 50] * 40,
    "an event of lines": [b"data: " + b"x" * 50 + b"\n"] * 40,
    "an event of empty lines": [b"data\n" * 10] * 40,
    "a page": [b"<p>" + b"x" * 50 + b"\n"] * 40,
}


@pytest.mark.parametrize("pieces", ENDLESS.values(), ids=ENDLESS)
def test_the_ceiling_loses_nothing_that_came_before(pieces: list[bytes]) -> None:
    decoder = SSEDecoder(max_event_bytes=1000)
    assert decoder.feed(b"data: before\n\n" + pieces[0]) == [ServerSentEvent(b"before")]
    assert [decoder.feed(piece) for piece in pieces[1:]] == [[]] * (len(pieces) - 1)
    assert decoder.overflowed
    assert decoder.feed(b"\n\ndata: after\n\n") == []
    assert decoder.flush() == []


def test_many_small_events_are_no_large_one() -> None:
    decoder = SSEDecoder(max_event_bytes=1000)
    assert len(decoder.feed(b"data: 0123456789\n\n" * 1000)) == 1000
    assert not decoder.overflowed
