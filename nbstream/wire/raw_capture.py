r"""Keeps the raw response of a server: the raw chunk of every event of a reply.

Writing costs one append per read. Everything else (splitting the bytes, decoding the chunks, masking secrets)
happens on inspection, with the parser that read the stream the first time.

Examples
--------
>>> from nbstream.wire.chunks import ChunkDecoder
>>> capture = RawCapture()
>>> capture.begin(ChunkDecoder, str)
>>> capture.write(b'data: {"choices": [{"delta": {"content": "Hi"}}]}\n\ndata: [DO', at=0.4)
>>> capture.write(b"NE]\n\n", at=0.5)
>>> [(chunk.at, chunk.data[-9:], chunk.makes) for chunk in RawCaptureReader(capture).rest()]
[(0.4, ' "Hi"}}]}', ['TextDelta']), (0.5, '[DONE]', [])]
"""

from __future__ import annotations

import marshal
import zlib
from bisect import bisect_right
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import accumulate
from operator import sub

from nbstream._util.redaction import Redactor
from nbstream.types.limits import MEBIBYTE
from nbstream.wire.decoder import AnswerDecoder
from nbstream.wire.sse import ServerSentEvent, SSEDecoder

__all__ = ["DEBUG_BYTES", "USUAL_BYTES", "RawCapture", "RawCaptureReader", "RawChunk"]

USUAL_BYTES = MEBIBYTE // 4
"""Kept of every reply: some thousand chunks of a usual size, packed in about as much memory as their text."""
DEBUG_BYTES = 64 * MEBIBYTE
"""Kept where the reader has asked for it."""

Clean = Callable[[str], str]
Block = tuple[float, bytes]
"""What one read brought, and when."""

_STEP = 1 << 16
_MICROSECONDS = 1e6
"""Times are packed in whole microseconds, the resolution of a reply's clock."""

_looks_secret = Redactor()


@dataclass(slots=True)
class RawChunk:
    """One event of the stream, as sent by the server except for secrets.

    Parameters
    ----------
    number
        Place among the chunks of the reply, from 0.
    at
        When the bytes that completed it were read, in seconds since the request.
    attempt
        Which response of the reply it belongs to, from 1.
    name, id
        Name and id of the server-sent event.
    data
        Its data, secrets masked.
    makes
        Class names of the stream events that it produced; None for bytes outside any event (a complete JSON
        answer, an HTML page), which may have produced any event of the same time.
    ends
        Whether the answer was complete or failed with it.
    """

    number: int
    at: float
    attempt: int
    name: str
    id: str
    data: str
    makes: list[str] | None
    ends: bool = False


@dataclass(slots=True)
class _Response:
    decoder_of: Callable[[], AnswerDecoder]
    clean: Clean
    blocks: list[Block] = field(default_factory=list)
    ended: float | None = None
    packed: list[bytes] = field(default_factory=list)
    packed_ends: list[int] = field(default_factory=list)
    unpacked: tuple[int, list[Block]] = (-1, [])

    def block(self, place: int) -> Block | None:
        """The block with that number; None if there is none yet."""
        first = self.packed_ends[-1] if self.packed_ends else 0
        if place >= first:
            return self.blocks[place - first] if place - first < len(self.blocks) else None
        pack = bisect_right(self.packed_ends, place)
        if self.unpacked[0] != pack:
            self.unpacked = pack, _unpacked(self.packed[pack])
        return self.unpacked[1][place - (self.packed_ends[pack - 1] if pack else 0)]

    def pack_some(self) -> None:
        """Pack the next blocks, in well under a millisecond."""
        size, count = 0, 0
        while count < len(self.blocks) and size < _STEP:
            size += len(self.blocks[count][1])
            count += 1
        self.packed.append(_packed(self.blocks[:count]))
        self.packed_ends.append(count + (self.packed_ends[-1] if self.packed_ends else 0))
        del self.blocks[:count]

    @property
    def last_read(self) -> float:
        last = self.block(len(self.blocks) + (self.packed_ends[-1] if self.packed_ends else 0) - 1)
        return last[0] if last else 0.0


def _packed(blocks: Sequence[Block]) -> bytes:
    """Column by column, which needs a third of the space of row by row."""
    times = [round(at * _MICROSECONDS) for at, _ in blocks]
    gaps = list(map(sub, times, [0, *times]))
    sizes = [len(data) for _, data in blocks]
    return zlib.compress(marshal.dumps((gaps, sizes, b"".join(data for _, data in blocks))))


def _unpacked(pack: bytes) -> list[Block]:
    gaps, sizes, data = marshal.loads(zlib.decompress(pack))  # noqa: S302  our own bytes
    ends = list(accumulate(sizes))
    times = (time / _MICROSECONDS for time in accumulate(gaps))
    return [(at, data[end - size : end]) for at, end, size in zip(times, ends, sizes, strict=True)]


class RawCapture:
    """The bytes of all responses that make up one reply.

    Parameters
    ----------
    limit
        How many bytes are kept, from the first on; all received bytes are counted.
    exact
        Whether each chunk is read as soon as it arrives, even if nobody needs it yet.

    Attributes
    ----------
    size : int
        How many bytes were received.
    at_once : bool
        Whether the next bytes should be read as soon as they arrive.
    """

    def __init__(self, limit: int = USUAL_BYTES, *, exact: bool = False) -> None:
        self.size = 0
        self.at_once = self._exact = exact
        self.responses: list[_Response] = []
        self._limit = limit
        self._blocks: list[Block] = []

    def __repr__(self) -> str:
        return f"RawCapture({self.size} bytes)"

    @property
    def missing(self) -> int:
        """How many received bytes were not kept."""
        return max(0, self.size - self._limit)

    def begin(self, decoder_of: Callable[[], AnswerDecoder], clean: Clean) -> None:
        """Start a response, read by decoders of that kind; `clean` removes secrets from what is shown."""
        self.responses.append(_Response(decoder_of, clean))
        self._blocks = self.responses[-1].blocks
        self.at_once = self._exact

    def write(self, data: bytes, at: float) -> None:
        """Keep the bytes of one read."""
        before = self.size
        self.size = before + len(data)
        if self.size <= self._limit:
            self._blocks.append((at, data))
        elif before < self._limit:
            self._blocks.append((at, data[: self._limit - before]))

    def expect_end(self) -> None:
        """Note that the answer is complete, and the response nearly."""
        self.at_once = True

    def end(self, at: float) -> None:
        """Take the end of the response."""
        self.responses[-1].ended = at

    def pack_some(self) -> bool:
        """Pack some of the kept bytes, about fifty times smaller; return whether more is left."""
        for response in self.responses:
            if response.blocks:
                response.pack_some()
                return True
        return False

    def blank(self) -> RawCapture:
        """A capture of the same length with nothing on it."""
        return RawCapture(self._limit, exact=self._exact)

    def clean(self, text: str) -> str:
        """A text without the secrets of the latest request and without likely secrets."""
        clean = self.responses[-1].clean if self.responses else _looks_secret
        return clean(text)


class RawCaptureReader:
    """Reads the chunks off a capture that may still grow, each once.

    Parameters
    ----------
    capture
        What is read.
    """

    def __init__(self, capture: RawCapture) -> None:
        self._capture = capture
        self._response = 0
        self._block = 0
        self._number = 0
        self._splitter: _Splitter | None = None

    def until(self, at: float) -> Iterator[RawChunk]:
        """The chunks complete at a time (seconds since the request) and not read yet."""
        while self._response < len(self._capture.responses):
            response = self._capture.responses[self._response]
            while (block := response.block(self._block)) is not None:
                read_at, data = block
                if read_at > at:
                    return
                self._block += 1
                yield from self._numbered(self._splitting(response).feed(data, read_at))
            is_last = self._response + 1 == len(self._capture.responses)
            if response.ended is None and is_last:
                return
            ended = response.ended if response.ended is not None else response.last_read
            if ended > at:
                return
            yield from self._numbered(self._splitting(response).end(ended))
            self._splitter, self._block, self._response = None, 0, self._response + 1

    def rest(self) -> Iterator[RawChunk]:
        """All chunks not read yet."""
        return self.until(float("inf"))

    def _splitting(self, response: _Response) -> _Splitter:
        if self._splitter is None:
            self._splitter = _Splitter(response, self._response + 1)
        return self._splitter

    def _numbered(self, chunks: Iterator[RawChunk]) -> Iterator[RawChunk]:
        for chunk in chunks:
            chunk.number = self._number
            self._number += 1
            yield chunk


class _Splitter:
    """Splits one response into its chunks and decodes each of them."""

    def __init__(self, response: _Response, attempt: int) -> None:
        self._sse = SSEDecoder()
        self._decoder = response.decoder_of()
        self._clean = response.clean
        self._attempt = attempt

    def feed(self, data: bytes, at: float) -> Iterator[RawChunk]:
        for event in self._sse.feed(data):
            yield self._chunk(event, at)

    def end(self, at: float) -> Iterator[RawChunk]:
        for event in self._sse.flush():
            yield self._chunk(event, at)
        stray = bytes(self._sse.stray).strip()
        if stray:
            yield RawChunk(0, at, self._attempt, "", "", self._shown(stray), None, not self._decoder.complete)

    def _chunk(self, event: ServerSentEvent, at: float) -> RawChunk:
        before = self._ended
        makes = [type(made).__name__ for made in self._decoder.decode([event], at)]
        ends = self._ended and not before
        return RawChunk(0, at, self._attempt, event.event, event.id, self._shown(event.data), makes, ends)

    @property
    def _ended(self) -> bool:
        return self._decoder.complete or self._decoder.failed

    def _shown(self, data: bytes) -> str:
        return self._clean(data.decode("utf-8", "replace"))
