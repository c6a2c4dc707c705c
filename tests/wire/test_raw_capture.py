"""The capture: what a server sent, split into chunks by the parser that reads streams."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nbstream._util.redaction import Redactor
from nbstream.wire.chunks import ChunkDecoder
from nbstream.wire.raw_capture import RawCapture, RawCaptureReader, RawChunk
from nbstream.wire.sse import SSEDecoder

STREAMS = sorted((Path(__file__).parent.parent / "fixtures/streams").glob("*.sse"))
KEY = "sk-canary-0123456789abcdef"


def chunk(text: str) -> bytes:
    return b"data: " + json.dumps({"choices": [{"delta": {"content": text}}]}).encode() + b"\n\n"


def taped(*blocks: bytes, limit: int = 1 << 20, clean: Redactor | None = None) -> RawCapture:
    """A capture with one response, a block each tenth of a second, ended a second later."""
    capture = RawCapture(limit)
    capture.begin(ChunkDecoder, clean or Redactor())
    for number, block in enumerate(blocks):
        capture.write(block, number / 10)
    capture.end(len(blocks) / 10 + 1)
    return capture


def read(capture: RawCapture) -> list[RawChunk]:
    return list(RawCaptureReader(capture).rest())


@pytest.mark.parametrize("path", STREAMS, ids=lambda path: path.stem)
@given(data=st.data())
@settings(max_examples=20, deadline=None)
def test_it_gives_back_every_event_of_the_stream_however_it_was_cut(path: Path, data: st.DataObject) -> None:
    body = path.read_bytes()
    cuts = sorted(data.draw(st.lists(st.integers(0, len(body)), max_size=5)))
    blocks = [body[start:end] for start, end in zip([0, *cuts], [*cuts, len(body)], strict=True)]
    decoder = SSEDecoder()
    expected = [event.data.decode("utf-8", "replace") for event in [*decoder.feed(body), *decoder.flush()]]
    chunks = read(taped(*blocks))
    assert [chunk.data for chunk in chunks if chunk.makes is not None] == expected
    stray = decoder.stray.decode("utf-8", "replace").strip()
    assert "".join(chunk.data for chunk in chunks if chunk.makes is None) == stray


def test_a_chunk_has_the_time_at_which_it_was_complete() -> None:
    whole = chunk("Hi")
    assert [c.at for c in read(taped(whole[:9], whole[9:], whole))] == [0.1, 0.2]


def test_a_reader_goes_on_where_it_was() -> None:
    capture = RawCapture()
    capture.begin(ChunkDecoder, str)
    reader = RawCaptureReader(capture)
    capture.write(chunk("a"), 0.1)
    capture.write(chunk("b"), 0.2)
    assert [c.number for c in reader.until(0.1)] == [0]
    assert list(reader.until(0.1)) == []
    capture.write(chunk("c"), 0.3)
    assert [c.number for c in reader.rest()] == [1, 2]


def test_responses_are_numbered_and_read_by_decoders_of_their_own() -> None:
    capture = taped(chunk("a"), b'data: {"cut": ')
    capture.begin(ChunkDecoder, str)
    capture.write(chunk("b"), 3.0)
    assert [(c.attempt, c.makes) for c in read(capture)] == [
        (1, ["TextDelta"]),
        (1, ["ChunkSkipped"]),
        (2, ["TextDelta"]),
    ]


def test_a_response_that_was_broken_off_is_read_as_far_as_it_came() -> None:
    capture = RawCapture()
    for at in (0.1, 0.5):
        capture.begin(ChunkDecoder, str)
        capture.write(chunk("a"), at)
    assert [(c.attempt, c.at) for c in read(capture)] == [(1, 0.1), (2, 0.5)]


def test_beyond_its_limit_it_only_counts() -> None:
    capture = taped(chunk("a"), chunk("b"), chunk("c"), limit=len(chunk("a")) + 5)
    assert (capture.size, capture.missing) == (3 * len(chunk("a")), 2 * len(chunk("a")) - 5)
    assert (
        sum(len(data) for response in capture.responses for _, data in response.blocks)
        == capture.size - capture.missing
    )
    assert read(capture)[0].makes == ["TextDelta"]


def test_secrets_are_masked_also_where_json_escapes_them() -> None:
    capture = taped(
        chunk(f"key {KEY}"),
        b'data: {"error": "secret-with\\/slash"}\n\n',
        clean=Redactor(["secret-with/slash"]),
    )
    said = "".join(c.data for c in read(capture))
    assert "secret" not in said.replace("[secret]", "")
    assert KEY not in said
    assert KEY not in repr(capture)
