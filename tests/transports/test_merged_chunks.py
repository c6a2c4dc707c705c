"""Merged chunks mean the same to an HTTP library as those that were sent, whole, cut and damaged."""

from __future__ import annotations

import h11
import pytest
from hypothesis import given
from hypothesis import strategies as st

from nbstream.transports.merged_chunks import BrokenChunkError, MergedChunks

HEADS = (
    b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n",
    b"HTTP/1.1 103 Early Hints\r\n\r\nHTTP/1.1 200 OK\r\nTransfer-Encoding:Chunked \r\nx: y\r\n\r\n",
    b"HTTP/1.1 200 OK\r\ncontent-length: 40\r\n\r\n",
    b"HTTP/1.1 200 OK\r\n\r\n",
    b"HTTP/1.1 200 OK\ntransfer-encoding: chunked\n\r\n",
    b"HTTP/1.0 200 OK\r\ntransfer-encoding: chunked\r\n\r\n",
    b"HTTP/1.1 200 OK\r\ntransfer-encoding: gzip, chunked\r\n\r\n",
    b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\ntransfer-encoding: chunked\r\n\r\n",
)
ENDS = (
    b"0\r\n\r\n",
    b"0;last\r\nx-trailer: 1\r\n\r\n",
    b"",
    b"0\r\n",
    b"zz\r\n",
    b"-3\r\nabc\r\n",
    b"\r\n",
    b"a" * 300,
)


def meaning(parts: list[bytes]) -> tuple[bytes, str]:
    """The body that h11 reads, and how it ends."""
    connection = h11.Connection(h11.CLIENT)
    connection.send(h11.Request(method="GET", target="/", headers=[("host", "x")]))
    connection.send(h11.EndOfMessage())
    body = b""
    for part in [*parts, b""]:
        try:
            connection.receive_data(part)
            while True:
                event = connection.next_event()
                if isinstance(event, h11.Data):
                    body += bytes(event.data)
                elif isinstance(event, h11.EndOfMessage):
                    return body, "whole"
                elif event is h11.NEED_DATA or event is h11.PAUSED:
                    break
        except h11.RemoteProtocolError:
            return body, "broken"
    return body, "open"


def merged(parts: list[bytes]) -> tuple[list[bytes], bool]:
    """What is passed on of these reads, and whether it was refused."""
    chunks = MergedChunks()
    passed: list[bytes] = []
    try:
        passed.extend(data for part in parts if (data := chunks.feed(part)))
    except BrokenChunkError:
        return passed, True
    return passed, False


@st.composite
def responses(draw: st.DrawFn) -> list[bytes]:
    """A response in reads of any size, which may be damaged or end early."""
    bodies = draw(st.lists(st.binary(min_size=1, max_size=20), max_size=8))
    extension = draw(st.sampled_from([b"", b";a=b"]))
    sent = draw(st.sampled_from(HEADS))
    sent += b"".join(b"%X%b\r\n%b\r\n" % (len(body), extension, body) for body in bodies)
    sent += draw(st.sampled_from(ENDS))
    if draw(st.booleans()):
        at = draw(st.integers(0, len(sent) - 1))
        sent = sent[:at] + draw(st.binary(max_size=2)) + sent[at + 1 :]
    cuts = sorted(draw(st.sets(st.integers(1, len(sent) - 1), max_size=12)))
    return [sent[start:end] for start, end in zip([0, *cuts], [*cuts, len(sent)], strict=True)]


@given(responses())
def test_means_the_same(parts: list[bytes]) -> None:
    passed, refused = merged(parts)
    body, end = meaning(passed)
    sent_body, sent_end = meaning(parts)
    assert body == sent_body
    assert ("broken" if refused else end) == sent_end


@given(responses())
def test_keeps_back_no_byte_of_the_body(parts: list[bytes]) -> None:
    for count in range(1, len(parts) + 1):
        passed, _ = merged(parts[:count])
        assert meaning(passed)[0] == meaning(parts[:count])[0]


@pytest.mark.parametrize("size", [1, 7, 10_000])
def test_one_chunk_of_each_read(size: int) -> None:
    body = b"data: token\n\n"
    sent = b"%x\r\n%b\r\n" % (len(body), body) * 500
    chunks = MergedChunks()
    chunks.feed(HEADS[0])
    passed = [data for at in range(0, len(sent), size) if (data := chunks.feed(sent[at : at + size]))]
    assert len(passed) <= len(sent) / size + 1
    assert all(data.count(b"\r\n") == 2 for data in passed)
    assert meaning([HEADS[0], *passed, b"0\r\n\r\n"]) == (body * 500, "whole")


def test_a_compressed_body_keeps_its_chunks() -> None:
    head = b"HTTP/1.1 200 OK\r\ncontent-encoding: gzip\r\ntransfer-encoding: chunked\r\n\r\n"
    chunks = b"1\r\na\r\n1\r\nb\r\n"
    assert merged([head + chunks]) == ([head + chunks], False)
