"""The body of a response, read to its end: bytes in, stream events out.

Decides the one question that matters to a reader: whether the answer is whole. It is whole when the server
said so, by a finish_reason or by ``[DONE]``; a connection that merely ended has said nothing.
"""

from __future__ import annotations

from collections.abc import AsyncGenerator, Callable, Mapping
from contextlib import aclosing
from typing import Protocol

from nbstream.errors import ProtocolError, StreamInterrupted
from nbstream.events import StreamEvent, Warned
from nbstream.wire.chunks import ChunkDecoder
from nbstream.wire.problem import problem_in_body
from nbstream.wire.sse import SSEDecoder

__all__ = ["Body", "read_answer"]

Events = list[StreamEvent]


class Body(Protocol):
    """What is needed of an HTTP response."""

    @property
    def headers(self) -> Mapping[str, str]:
        """Response headers, looked up without regard to case."""

    async def read(self) -> bytes:
        """Give the whole body."""

    def iter_bytes(self) -> AsyncGenerator[bytes, None]:
        """Give the body as it arrives."""


async def read_answer(
    response: Body, decoder: ChunkDecoder, clock: Callable[[], float], *, streamed: bool
) -> AsyncGenerator[Events, None]:
    """Read an open response.

    Parameters
    ----------
    response
        The response, its headers already here.
    decoder
        Decoder of this one answer.
    clock
        Gives the seconds since the request was handed in.
    streamed
        Whether a stream was asked for.

    Yields
    ------
    list of StreamEvent
        Ends with `Finished` or `Failed`.

    Raises
    ------
    StreamError
        When the body ends before the answer, or is something else. Errors of the transport pass through.
    """
    if not streamed or _is_json(response):
        body = await response.read()
        at = clock()
        odd = [Warned(at, "not_streamed", "The server sent the answer in one piece.")] if streamed else []
        yield [*odd, *decoder.whole(body, at), *_ended(decoder, body, at)]
        return
    sse = SSEDecoder()
    async with aclosing(response.iter_bytes()) as blocks:
        async for data in blocks:
            events = decoder.decode(sse.feed(data), clock())
            if events:
                yield events
            if decoder.done or decoder.failed:
                break
    at = clock()
    yield [*decoder.decode(sse.flush(), at), *_ended(decoder, bytes(sse.stray), at)]


def _ended(decoder: ChunkDecoder, stray: bytes, at: float) -> Events:
    """The last events of an answer, or the reason why there is none."""
    events = decoder.close(at)
    if decoder.complete or decoder.failed:
        return events
    if stray.lstrip()[:1] == b"{":
        return [*events, *decoder.whole(stray, at), *_whole_ended(decoder, at)]
    if stray and not decoder.started:
        said = problem_in_body(stray).message
        raise ProtocolError(
            f"What came is not a chat completion: {said}",
            advice="Check the base URL: it usually ends in /v1.",
        )
    raise StreamInterrupted(
        "The connection ended before the answer was complete.",
        advice="What had arrived is kept. Run the cell again to retry.",
    )


def _whole_ended(decoder: ChunkDecoder, at: float) -> Events:
    if decoder.failed:
        return []
    if not decoder.complete:
        raise ProtocolError("The server's JSON is not a chat completion.", advice="Check the base URL.")
    return decoder.close(at)


def _is_json(response: Body) -> bool:
    return response.headers.get("content-type", "").partition(";")[0].strip() == "application/json"
