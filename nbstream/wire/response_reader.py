"""The body of one response: bytes in, stream events out, a final verdict. No I/O, no clock.

Decides whether the answer is complete. It is complete if the server sent a finish_reason or ``[DONE]``; a
connection that just ended proves nothing. The body is judged by its content, not by its content type.
"""

from __future__ import annotations

from nbstream.errors import KEPT, NbstreamError, ProtocolError, StreamInterruptedError
from nbstream.types.events import Events, Failed, Finished, Warned
from nbstream.types.limits import MEBIBYTE, Limits
from nbstream.wire.body import objects_in
from nbstream.wire.decoder import AnswerDecoder
from nbstream.wire.problem import printable, problem_in_body
from nbstream.wire.sse import SSEDecoder

__all__ = ["ResponseReader"]

LAST_BYTES_SECONDS = 0.1
DONE_SECONDS = 1.0
USAGE_SECONDS = 3.0
_BURST_BYTES = 4096

_WRONG_ADDRESS = "Check the base URL: it usually ends in /v1."


class ResponseReader:
    r"""One answer while its bytes arrive.

    Parameters
    ----------
    decoder
        Decoder for the API in use.
    limits
        Limits; exceeding one fails the answer with kind ``"limit"``.
    streamed
        Whether a stream was requested.
    content_type
        Content type declared by the server.

    Examples
    --------
    >>> from nbstream.wire.chunks import ChunkDecoder
    >>> answer = ResponseReader(ChunkDecoder())
    >>> answer.feed(b'data: {"choices": [{"delta": {"content": "Hel"}}]}', at=0.1)
    []
    >>> answer.feed(b"\n\n", at=0.2)
    [TextDelta(at=0.2, text='Hel', choice=0)]
    >>> [event] = answer.end(at=0.3)
    >>> event.error.kind
    'truncated'
    """

    def __init__(
        self,
        decoder: AnswerDecoder,
        limits: Limits | None = None,
        *,
        streamed: bool = True,
        content_type: str = "text/event-stream",
    ) -> None:
        self._decoder = decoder
        self._limits = limits or Limits()
        self._sse = SSEDecoder(self._limits.event_bytes)
        self._streamed = streamed
        self._content_type = content_type.partition(";")[0].strip().lower()
        self._typed = not streamed or self._content_type == "text/event-stream"
        self._any_bytes = False
        self._failed = False

    @property
    def over(self) -> bool:
        """Whether the answer has failed and needs no more bytes."""
        return self._failed or self._decoder.failed

    @property
    def begun(self) -> bool:
        """Whether any part of an answer was received."""
        return self._decoder.started

    @property
    def patience(self) -> float | None:
        """Seconds to wait for the last bytes of a complete answer; None while it is incomplete.

        Token counts and ``[DONE]`` may follow the finish_reason. After that only the end of the body is
        missing; without it the connection cannot be reused.
        """
        if not self._decoder.complete:
            return None
        if self._decoder.done:
            return LAST_BYTES_SECONDS
        return DONE_SECONDS if self._decoder.counted else USAGE_SECONDS

    @property
    def received(self) -> int:
        """Grows with every useful part of the answer."""
        return self._decoder.received

    @property
    def position(self) -> tuple[str, int] | None:
        """Where the answer could be resumed: its id and last event; None if it cannot be resumed."""
        return self._decoder.position

    def feed(self, data: bytes, at: float) -> Events:
        """Take the next bytes; return the events that they complete."""
        self._any_bytes = True
        events = self._decode(data, at)
        if events and not self._typed:
            self._typed = True
            said = self._content_type or "nothing"
            events.append(
                Warned(
                    at, "wrong_content_type", f"The server sent the stream with content type {said[:100]!r}."
                )
            )
        if not self._decoder.failed and (
            self._sse.overflowed or self._decoder.chars > self._limits.answer_chars
        ):
            self._failed = True
            events.append(Failed(at, self._too_large()))
        return events

    def end(self, at: float, broken: NbstreamError | None = None, waited: float | None = None) -> Events:
        """Take the end of the body.

        Parameters
        ----------
        at
            Seconds since the request.
        broken
            Why the body ended, if it broke off.
        waited
            Seconds spent waiting for the end of a complete answer, if it never arrived.

        Returns
        -------
        list of StreamEvent
            The last one is `Finished` or `Failed`, unless one of them was returned before.
        """
        if self.over:
            return []
        events = self._decoder.decode(self._sse.flush(), at)
        if not (self._decoder.complete or self._decoder.failed):
            events += self._read_stray(at)
        events += self._decoder.close(at, waited)
        if not (events and isinstance(events[-1], Finished | Failed)) and not self.over:
            events.append(Failed(at, self._verdict(broken)))
        return events

    def _decode(self, data: bytes, at: float) -> Events:
        # Searching for a run costs more than it saves if a read contains one or two events, as from most
        # models.
        burst = _BURST_BYTES <= len(data) <= self._limits.event_bytes
        beginning = self._sse.take_partial_line() if burst else None
        if beginning is None:
            return self._decoder.decode(self._sse.feed(data), at)
        block = beginning + data
        events, size = self._decoder.decode_run(block, at)
        return events + self._decoder.decode(self._sse.feed(block[size:]), at)

    def _read_stray(self, at: float) -> Events:
        """Read data outside events: an answer in one piece, JSON lines, an error."""
        stray = bytes(self._sse.stray).strip()
        body = objects_in(stray)
        if not body.objects:
            return []
        events: Events = []
        if self._streamed and not self._decoder.started:
            events.append(
                Warned(at, "not_streamed", "The server sent the answer in one piece, not as a stream.")
            )
        for value in body.objects:
            events += self._decoder.take(value, at)
        if body.whole and self._decoder.started:
            self._decoder.done = True
        return events

    def _verdict(self, broken: NbstreamError | None) -> NbstreamError:
        """Why the answer is incomplete."""
        stray = bytes(self._sse.stray[:MEBIBYTE])
        if stray.strip() and not self._decoder.started:
            said = printable(problem_in_body(stray).message)
            kind = self._content_type or "no content type"
            return ProtocolError(
                f"The response is not a model's answer ({kind}): {said}", advice=_WRONG_ADDRESS
            )
        if broken is not None:
            return broken
        if not self._any_bytes:
            return ProtocolError(
                "The server sent an empty response.",
                advice="Some servers do so when the conversation is too long for the model; "
                "if it is short, check the base URL.",
            )
        message = "The connection ended before the answer was complete."
        said = printable(problem_in_body(stray).message)
        if " " in said:  # a single word is the start of a field
            message += f" Besides events, the server sent: {said}"
        return StreamInterruptedError(message, advice=KEPT)

    def _too_large(self) -> NbstreamError:
        if self._sse.overflowed:
            size = self._limits.event_bytes / MEBIBYTE
            message = f"The server sent an event larger than {size:.3g} MiB."
            return ProtocolError(message, kind="limit", advice="Limits(event_bytes=…) sets the limit.")
        return ProtocolError(
            f"The answer is longer than {self._limits.answer_chars:,} characters.",
            kind="limit",
            advice="The partial answer is kept. Limits(answer_chars=…) sets the limit.",
        )
