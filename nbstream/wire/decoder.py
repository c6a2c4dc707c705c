"""Base class of the decoders: reads stream events and passes API objects to a subclass.

Tolerant, but everything is reported. An unreadable event becomes a `ChunkSkipped`, never an
exception: one bad chunk must not lose a paid answer.
"""

from __future__ import annotations

import json
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Mapping
from typing import Any, NamedTuple

import jiter

from nbstream.errors import ModelError
from nbstream.types.events import (
    ChunkSkipped,
    Events,
    Failed,
    Finished,
    Identified,
    ImageReceived,
    ReasoningDelta,
    RefusalDelta,
    StreamEvent,
    TextDelta,
    UsageReported,
    Warned,
    WarningKind,
)
from nbstream.types.usage import Usage
from nbstream.wire.beside import Beside
from nbstream.wire.content import Piece
from nbstream.wire.names import NAME_SHOWN, in_whole, name_or_none
from nbstream.wire.plain_data import is_done, is_heartbeat, lines_of, words
from nbstream.wire.problem import Problem, is_error_text, printable, problem_in
from nbstream.wire.returned import ReturnedFields
from nbstream.wire.sse import ServerSentEvent
from nbstream.wire.surrogates import SurrogateJoiner, without_halves
from nbstream.wire.thinking import UNMARKED_REASONING, ThinkTags, closing_tag_in

__all__ = ["AnswerDecoder", "TextChannel"]

Delta = type[TextDelta] | type[ReasoningDelta] | type[RefusalDelta]

_RAW_SHOWN = 500
_RAW_KEPT = 20
_ENDINGS: dict[str, tuple[WarningKind, str]] = {
    "length": (
        "length",
        "The answer was cut off by the token limit. --max-tokens (max_tokens=…) sets a higher one.",
    ),
    "content_filter": ("content_filter", "The provider's content filter cut off the answer."),
    "tool_calls": ("tool_calls", "The model asks for a tool call."),
    "function_call": ("tool_calls", "The model asks for a tool call."),
}


class TextChannel(NamedTuple):
    """The text of an answer that a delta belongs to."""

    delta: Delta
    choice: int


class AnswerDecoder(ABC):
    """Decoder of one answer.

    Parameters
    ----------
    clean
        Removes secrets from every server message that may be shown.
    logprobs
        Whether probabilities of tokens were requested.

    Attributes
    ----------
    finish_reason : str or None
        Finish reason, once the server has sent it.
    done : bool
        Whether the server announced the end of the stream (``[DONE]``).
    counted : bool
        Whether the last token counts arrived with the finish_reason or after it.
    failed : bool
        Whether the server reported an error inside the stream.
    started : bool
        Whether any part of an answer was received.
    chars : int
        Characters of text, reasoning, refusal and tool calls so far.
    """

    def __init__(self, clean: Callable[[str], str] = str, *, logprobs: bool = False) -> None:
        self._wants_logprobs = logprobs
        self._scored = False
        self.finish_reason: str | None = None
        self.done = False
        self.counted = False
        self.failed = False
        self.started = False
        self.chars = 0
        self._clean = clean
        self._fields = ReturnedFields()
        self._tags: ThinkTags | None = ThinkTags()
        self._texts: list[str] = []
        self._came: set[type[StreamEvent]] = set()
        self._beside = Beside(clean)
        self._usage: Usage | None = None
        self._was_whole = False
        self._words: tuple[Problem, int] | None = None
        self._identified = False
        self._skipped = 0
        self._warned: set[WarningKind] = set()
        self._joiner: SurrogateJoiner[TextChannel] | None = None

    @property
    def complete(self) -> bool:
        """Whether the server marked the answer as complete: a finish_reason, or ``[DONE]``."""
        return not self.failed and (self.done or self.finish_reason is not None)

    @property
    def received(self) -> int:
        """Received characters of the answer, including dropped ones: grows with all progress."""
        return self.chars + sum(self._beside.unshown.values())

    @property
    def position(self) -> tuple[str, int] | None:
        """Where the answer could be resumed: its id and last event; None if it cannot be resumed."""
        return None

    def decode(self, events: Iterable[ServerSentEvent], at: float) -> Events:
        """Decode the events of one read; `at` is seconds since the request."""
        out: Events = []
        for event in events:
            if self.failed:
                break
            if self.done and is_done(event.data):
                continue
            if self.done:
                self._warn("trailing_data", "The server sent more data after the end of the answer.", at, out)
            elif event.data[:1] == b"{":
                self._object(event, at, out)
            else:
                self._not_an_object(event, at, out)
        return out

    def decode_run(self, block: bytes, at: float) -> tuple[Events, int]:
        """Decode the start of a block if there is a faster way; return its size as well.

        The block starts at the start of an event.
        """
        return [], 0

    def take(self, value: dict[str, Any], at: float) -> Events:
        """Decode one object that was received without a stream."""
        out: Events = []
        if not (self.failed or self.done):
            self._take_unsure(value, "message", at, out)
        return out

    def close(self, at: float, waited: float | None = None) -> Events:
        """Take the end of the stream. The last event is `Finished` if the answer is complete.

        Parameters
        ----------
        at
            Seconds since the request.
        waited
            Seconds after which nbstream closed the connection, if the server did not end the stream.
        """
        out: Events = []
        if self.failed:
            return out
        if self._words is not None and self._ended_in_words():
            self._fail(self._words[0], at, out)
            return out
        self._release(at, out)
        if self.complete:
            self._judge_end(at, waited, out)
            fields = self._fields
            out.append(
                Finished(at, self.finish_reason, reasoning_field=fields.reasoning_field, extra=fields.extra())
            )
        return out

    @abstractmethod
    def _take(self, value: dict[str, Any], name: str, at: float, out: Events) -> None:
        """Decode one API object, received as an event of that name."""

    def _judge_end(self, at: float, waited: float | None, out: Events) -> None:
        if self._came == {ReasoningDelta}:
            self._warn("only_reasoning", self._no_answer_after_reasoning(), at, out)
        elif not self._came and not self._beside.unshown:
            self._warn("empty", f"The answer is empty{self._beside.unknown_fields()}.", at, out)
        elif self._wants_logprobs and TextDelta in self._came and not self._scored:
            self._warn("no_logprobs", "The server sent no probabilities of tokens.", at, out)
        elif closing_tag_in("".join(self._texts)):
            self._warn("unmarked_reasoning", UNMARKED_REASONING, at, out)
        if self.finish_reason is None:
            self._warn("no_finish_reason", "The server did not say why the answer ended.", at, out)
        elif not self.done and waited is not None:
            text = f"nbstream closed the connection {waited:g} seconds after the end of the answer."
            self._warn("end_not_awaited", text, at, out)
        elif not self.done:
            self._warn("missing_done", "The server did not mark the end of the stream.", at, out)

    def _no_answer_after_reasoning(self) -> str:
        if self.finish_reason == "length":
            return "Only reasoning was received: the token limit was reached before the answer."
        return "Only reasoning was received, no answer. The server may label the answer as reasoning."

    def _release(self, at: float, out: Events) -> None:
        """Emit held-back text, and report content that cannot be shown."""
        self._release_tags(at, out)
        for channel in self._joiner.flush() if self._joiner else ():
            out.append(channel.delta(at, "\N{REPLACEMENT CHARACTER}", channel.choice))
        if self._beside.unshown:
            self._warn("not_shown", self._beside.warning(), at, out)

    def _release_tags(self, at: float, out: Events) -> None:
        if self._tags is not None:
            held, self._tags = self._tags.flush(), None
            self._add(ReasoningDelta, held.reasoning, 0, at, out)
            self._add(TextDelta, held.text, 0, at, out)

    def _ended_in_words(self) -> bool:
        """Whether the last data was plain text instead of the answer or its end."""
        texts = self._words[1] if self._words else -1
        nothing_else = self.finish_reason is None and not self._came
        return texts == len(self._texts) and (not self.complete or nothing_else)

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
        self._was_whole = self.finish_reason is not None
        if is_done(data):
            self.done = True
        elif event.event == "error":
            self._fail(Problem(words(data) or "no message"), at, out)
        elif data[:1] == b"{":
            self._object(event._replace(data=data), at, out)
        elif not is_heartbeat(data):
            self._text_event(event, data, at, out)

    def _text_event(self, event: ServerSentEvent, data: bytes, at: float, out: Events) -> None:
        """Judge data that is not a JSON object: several events in one, a plain-text error, or garbage."""
        if self._read_lines(event, at, out):
            return
        if is_error_text(said := words(data)):
            self._fail(Problem(said), at, out)
            return
        if said:
            self._words = Problem(said), len(self._texts)
        self._skip("not a JSON object", data, at, out)

    def _read_slowly(self, event: ServerSentEvent, reason: str, at: float, out: Events) -> None:
        """Read JSON that jiter rejects: lone surrogates and invalid UTF-8; real servers send both."""
        text = event.data.decode("utf-8", "replace")
        try:
            value = json.loads(text)
        except (ValueError, RecursionError):
            if not self._read_lines(event, at, out):
                self._skip(reason, event.data, at, out)
            return
        if "\N{REPLACEMENT CHARACTER}" in text:
            self._warn("bad_utf8", "Some characters of the answer were damaged in transit.", at, out)
        self._take_unsure(value, event.event, at, out)

    def _take_unsure(self, value: dict[str, Any], name: str, at: float, out: Events) -> None:
        """Decode an object whose texts may contain half characters; halves in deltas can still be joined."""
        self._joiner = self._joiner or SurrogateJoiner()
        before = len(out)
        self._take(value, name, at, out)
        out[before:] = [in_whole(event) for event in out[before:]]

    def _read_lines(self, event: ServerSentEvent, at: float, out: Events) -> bool:
        """Read events that a server sent without blank lines between them, which makes them one."""
        lines = lines_of(event.data)
        out += self.decode([event._replace(data=line) for line in lines], at)
        return bool(lines)

    # --- for subclasses

    def _say(self, text: str, choice: int, at: float, out: Events) -> None:
        """Emit text of the answer; text between think tags at its very start is reasoning."""
        if self._tags is None or choice:
            self._add(TextDelta, text, choice, at, out)
            return
        said = self._tags.split(text)
        if self._tags.decided:
            self._tags = None
        self._add(ReasoningDelta, said.reasoning, choice, at, out)
        self._add(TextDelta, said.text, choice, at, out)

    def _put(self, piece: Piece, choice: int, at: float, out: Events) -> None:
        """Emit a piece of a message."""
        match piece.kind:
            case "text":
                self._say(piece.value, choice, at, out)
            case "reasoning":
                self._add(ReasoningDelta, piece.value, choice, at, out)
            case "refusal":
                self._refuse(piece.value, choice, at, out)
            case "image" if not choice:
                self._came.add(ImageReceived)
                out += self._beside.image(piece.value, at)
            case "source" if not choice:
                out += self._beside.source(piece.value, piece.title, at)
            case "unknown" if not choice:
                self._beside.unknown(piece.value, piece.size)

    def _refuse(self, text: object, choice: int, at: float, out: Events) -> None:
        if text and not choice:
            self._warn("refusal", "The model refused.", at, out)
        self._add(RefusalDelta, text, choice, at, out)

    def _add(self, delta: Delta, text: object, choice: int, at: float, out: Events) -> None:
        """Emit a piece of one of the texts, unless it is empty or not text."""
        if not isinstance(text, str):
            return
        if self._joiner is not None:
            text = self._joiner.join(TextChannel(delta, choice), text)
        if text:
            self.chars += len(text)
            self._came.add(delta)
            if delta is TextDelta and not choice:
                self._texts.append(text)
            out.append(delta(at, text, choice))

    def _count(self, reported: object, at: float, out: Events) -> None:
        """Emit token counts; zeros after real counts are ignored."""
        if isinstance(reported, Mapping):
            usage = Usage.from_api(reported)
            self.counted = self.finish_reason is not None
            if self._usage is None or not usage.is_zero:
                self._usage = usage
                out.append(UsageReported(at, usage))

    def _identify(self, model: object, response_id: object, at: float, out: Events) -> None:
        name, number = name_or_none(model), name_or_none(response_id)
        if name or number:
            self._identified = True
            out.append(Identified(at, name, number))

    def _end(self, reason: str, at: float, out: Events) -> None:
        self._release_tags(at, out)
        self.finish_reason = without_halves(reason[:NAME_SHOWN])
        self.counted = False
        if reason in _ENDINGS:
            self._warn(*_ENDINGS[reason], at, out)

    def _not_of_an_answer(self, value: dict[str, Any], name: str, at: float, out: Events) -> None:
        """Judge an object without a part of the answer: an error, or something unknown."""
        problem = problem_in(value)
        if problem is None and name == "error":
            problem = Problem(json.dumps(value)[:_RAW_SHOWN])
        if problem is not None:
            self._fail(problem, at, out)
        else:
            if not self._came:
                self._beside.field(str(value.get("type") or ", ".join(value))[:NAME_SHOWN], len(str(value)))
            self._warn("unknown_event", "The server sent an event that is not part of an answer.", at, out)

    def _fail(self, problem: Problem, at: float, out: Events) -> None:
        said = self._clean(printable(problem.message)) or "no message"
        if self._was_whole:
            self.done = True
            self._warn("late_error", f"The answer is complete; then the server reported: {said}", at, out)
            return
        self.failed = True
        self._release(at, out)
        error = ModelError(
            f"The server ended the answer with an error: {said}",
            advice="The partial answer is kept. Run the cell again to retry.",
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
