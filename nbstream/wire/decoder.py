"""What all decoders of an answer share: events of a stream in, objects of its API out to a subclass.

Tolerant, and silent about nothing. An event that cannot be read becomes a `ChunkSkipped`, never an
exception: one bad chunk must not cost a paid-for answer.
"""

from __future__ import annotations

import json
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable
from dataclasses import replace
from typing import Any, NamedTuple

import jiter

from nbstream.errors import ModelError
from nbstream.events import (
    ChunkSkipped,
    Failed,
    Finished,
    Identified,
    ReasoningDelta,
    RefusalDelta,
    StreamEvent,
    TextDelta,
    ToolCallDelta,
    Warned,
    WarningKind,
)
from nbstream.wire.problem import Problem, printable, problem_in
from nbstream.wire.returned import ReturnedFields
from nbstream.wire.sse import ServerSentEvent
from nbstream.wire.surrogates import SurrogateJoiner, without_halves

__all__ = ["AnswerDecoder", "Channel", "Events"]

Events = list[StreamEvent]
Delta = type[TextDelta] | type[ReasoningDelta] | type[RefusalDelta]

_RAW_SHOWN = 500
_RAW_KEPT = 20
_NAME_SHOWN = 200
_ENDINGS: dict[str, tuple[WarningKind, str]] = {
    "length": ("length", "The answer was cut by the token limit."),
    "content_filter": ("content_filter", "The provider's content filter cut the answer."),
    "tool_calls": ("tool_calls", "The model asks for a tool call."),
    "function_call": ("tool_calls", "The model asks for a tool call."),
}


class Channel(NamedTuple):
    """Which of the texts of an answer a delta belongs to."""

    delta: Delta
    choice: int


class AnswerDecoder(ABC):
    """Decoder of one answer.

    Parameters
    ----------
    clean
        Applied to every message of the server that may reach a reader, to take secrets out.

    Attributes
    ----------
    finish_reason : str or None
        Why the model ended the answer, once the server said so.
    done : bool
        Whether the server said that nothing more will come (``[DONE]``).
    counted : bool
        Whether the last token counts came with the finish_reason or after it.
    failed : bool
        Whether the server reported an error inside the stream.
    started : bool
        Whether anything came that belongs to an answer.
    chars : int
        Characters of text, reasoning, refusal and tool calls so far.
    """

    def __init__(self, clean: Callable[[str], str] = str) -> None:
        self.finish_reason: str | None = None
        self.done = False
        self.counted = False
        self.failed = False
        self.started = False
        self.chars = 0
        self._clean = clean
        self._fields = ReturnedFields()
        self._identified = False
        self._skipped = 0
        self._warned: set[WarningKind] = set()
        self._joiner: SurrogateJoiner[Channel] | None = None

    @property
    def complete(self) -> bool:
        """Whether the server said that the answer is whole: a finish_reason, or ``[DONE]``."""
        return not self.failed and (self.done or self.finish_reason is not None)

    @property
    def position(self) -> tuple[str, int] | None:
        """Where the answer could be taken up again: its id and its last event; None where it cannot."""
        return None

    def decode(self, events: Iterable[ServerSentEvent], at: float) -> Events:
        """Decode what one read of the stream brought; `at` is seconds since the request."""
        out: Events = []
        for event in events:
            if self.failed:
                break
            if self.done:
                self._warn("trailing_data", "The server sent more after the end of the answer.", at, out)
            elif event.data[:1] == b"{":
                self._object(event, at, out)
            else:
                self._not_an_object(event, at, out)
        return out

    def decode_run(self, block: bytes, at: float) -> tuple[Events, int]:
        """Decode what a block begins with, where there is a faster way; gives its size as well.

        The block begins where an event begins.
        """
        return [], 0

    def take(self, value: dict[str, Any], at: float) -> Events:
        """Decode one object that came without a stream around it."""
        out: Events = []
        if not (self.failed or self.done):
            self._take_unsure(value, "message", at, out)
        return out

    def close(self, at: float) -> Events:
        """Take the end of the stream. Ends with `Finished` where the answer is complete, else without."""
        out: Events = []
        if self.failed:
            return out
        for channel in self._joiner.flush() if self._joiner else ():
            out.append(channel.delta(at, "\N{REPLACEMENT CHARACTER}", channel.choice))
        if self.complete:
            self._judge_end(at, out)
            fields = self._fields
            out.append(
                Finished(at, self.finish_reason, reasoning_field=fields.reasoning_field, extra=fields.extra())
            )
        return out

    @abstractmethod
    def _take(self, value: dict[str, Any], name: str, at: float, out: Events) -> None:
        """Decode one object of the API, which came as an event of that name."""

    def _judge_end(self, at: float, out: Events) -> None:
        if self.chars == 0:
            self._warn("empty", "The answer is empty.", at, out)
        if self.finish_reason is None:
            self._warn("no_finish_reason", "The server did not say why the answer ended.", at, out)
        elif not self.done:
            self._warn("missing_done", "The server did not mark the end of the stream.", at, out)

    # --- from bytes to objects

    def _object(self, event: ServerSentEvent, at: float, out: Events) -> None:
        try:
            value = jiter.from_json(event.data)
        except ValueError as error:
            self._read_slowly(event, str(error), at, out)
        else:
            self._take(value, event.event, at, out)

    def _not_an_object(self, event: ServerSentEvent, at: float, out: Events) -> None:
        data = event.data.strip()
        if data == b"[DONE]":
            self.done = True
        elif event.event == "error":
            said = data[:_RAW_SHOWN].decode("utf-8", "replace")
            self._fail(Problem(said or "no message"), at, out)
        elif data[:1] == b"{":
            self._object(event._replace(data=data), at, out)
        elif data:
            self._skip("not a JSON object", data, at, out)

    def _read_slowly(self, event: ServerSentEvent, reason: str, at: float, out: Events) -> None:
        """Read what jiter refuses: lone surrogates and bad UTF-8, both of which real servers send."""
        text = event.data.decode("utf-8", "replace")
        try:
            value = json.loads(text)
        except (ValueError, RecursionError):
            self._read_lines(event, reason, at, out)
            return
        if "\N{REPLACEMENT CHARACTER}" in text:
            self._warn("bad_utf8", "Some characters of the answer were damaged on the way.", at, out)
        self._take_unsure(value, event.event, at, out)

    def _take_unsure(self, value: dict[str, Any], name: str, at: float, out: Events) -> None:
        """Decode an object whose texts may hold halves of characters: those of deltas may be joined yet."""
        self._joiner = self._joiner or SurrogateJoiner()
        before = len(out)
        self._take(value, name, at, out)
        out[before:] = [_named_in_whole(event) for event in out[before:]]

    def _read_lines(self, event: ServerSentEvent, reason: str, at: float, out: Events) -> None:
        """Read events that a server sent without blank lines between them, which makes them one."""
        lines = event.data.split(b"\n")
        if len(lines) > 1 and all(line[:1] in {b"{", b"["} for line in lines):
            out += self.decode([event._replace(data=line) for line in lines], at)
        else:
            self._skip(reason, event.data, at, out)

    # --- what subclasses say

    def _add(self, delta: Delta, text: object, choice: int, at: float, out: Events) -> None:
        """Put out a piece of one of the texts, unless it is empty or no text at all."""
        if not isinstance(text, str):
            return
        if self._joiner is not None:
            text = self._joiner.join(Channel(delta, choice), text)
        if text:
            self.chars += len(text)
            out.append(delta(at, text, choice))

    def _identify(self, model: object, response_id: object, at: float, out: Events) -> None:
        name, number = _name_or_none(model), _name_or_none(response_id)
        if name or number:
            self._identified = True
            out.append(Identified(at, name, number))

    def _end(self, reason: str, at: float, out: Events) -> None:
        self.finish_reason = without_halves(reason[:_NAME_SHOWN])
        self.counted = False
        if reason in _ENDINGS:
            self._warn(*_ENDINGS[reason], at, out)

    def _not_of_an_answer(self, value: dict[str, Any], name: str, at: float, out: Events) -> None:
        """Judge an object that carries no piece of the answer: an error, or something unknown."""
        problem = problem_in(value)
        if problem is None and name == "error":
            problem = Problem(json.dumps(value)[:_RAW_SHOWN])
        if problem is not None:
            self._fail(problem, at, out)
        else:
            self._warn("unknown_event", "The server sent an event that is not part of an answer.", at, out)

    def _fail(self, problem: Problem, at: float, out: Events) -> None:
        self.failed = True
        said = self._clean(printable(problem.message)) or "no message"
        error = ModelError(
            f"The server ended the answer with an error: {said}",
            advice="What had arrived is kept. Run the cell again to retry.",
            status=problem.status,
        )
        out.append(Failed(at, error))

    def _skip(self, reason: str, raw: bytes, at: float, out: Events) -> None:
        self._skipped += 1
        shown = raw[:_RAW_SHOWN].decode("utf-8", "replace") if self._skipped <= _RAW_KEPT else ""
        out.append(ChunkSkipped(at, self._clean(reason), self._clean(shown)))

    def _warn(self, kind: WarningKind, text: str, at: float, out: Events) -> None:
        if kind not in self._warned:
            self._warned.add(kind)
            out.append(Warned(at, kind, text))


def _name_or_none(value: object) -> str | None:
    return printable(value[:_NAME_SHOWN]) or None if isinstance(value, str) else None


def _named_in_whole(event: StreamEvent) -> StreamEvent:
    """Names and arguments without halves of characters, which could be neither sent nor saved."""
    match event:
        case Identified(at, model, response_id):
            return Identified(
                at, model and without_halves(model), response_id and without_halves(response_id)
            )
        case ToolCallDelta(id=call, name=name, arguments=arguments):
            return replace(
                event,
                id=call and without_halves(call),
                name=name and without_halves(name),
                arguments=without_halves(arguments),
            )
    return event
