"""The state of a reply, derived from its events. `ReplyState.apply` is its only writer."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from secrets import token_hex
from typing import ClassVar, Literal

from nbstream.errors import NbstreamError, StreamError
from nbstream.recording.delta_times import DeltaTimes
from nbstream.recording.growing_text import GrowingText
from nbstream.structured.answer import StructuredAnswer
from nbstream.structured.structure import Structure
from nbstream.types.deltas import plain_texts
from nbstream.types.events import (
    ChunkSkipped,
    Cited,
    Continued,
    CorrectionRequested,
    Failed,
    Finished,
    Identified,
    ImageReceived,
    Opened,
    Prefilled,
    PromptFilled,
    Rated,
    ReasoningDelta,
    RefusalDelta,
    Retrying,
    Routed,
    SchemaMode,
    SchemaRequested,
    Stopped,
    StreamEvent,
    TextDelta,
    TokensScored,
    ToolCallDelta,
    ToolRoundEnded,
    ToolStep,
    UsageReported,
    Warned,
)
from nbstream.types.images import Citation, Image
from nbstream.types.logprobs import TokenLogprob
from nbstream.types.rating import Rating
from nbstream.types.rendered import RenderedPrompt
from nbstream.types.timings import Timings
from nbstream.types.tool_calls import ROUND_SEPARATOR, Round, ToolCall
from nbstream.types.usage import Usage

__all__ = ["PROCESS", "ReplyState", "Status"]

#: Prefix of all reply ids of this process: a page can tell which answers are from another kernel.
PROCESS = token_hex(4)

Status = Literal["submitted", "streaming", "finished", "stopped", "failed"]


class ReplyState:
    """The answer so far, derived from the events applied to it.

    Attributes
    ----------
    id : str
        Unique id of the reply; versions of a turn have different ids.
    status : str
        ``"submitted"`` until the first delta, ``"streaming"``, then ``"finished"``, ``"stopped"`` or
        ``"failed"``.
    seq : int
        Number of events applied.
    revision : int
        Grows with every event that changes anything except text and reasoning.
    text_log, reasoning_log : GrowingText
        The deltas, in order; a view keeps its own position. Replaced after a restart.
    prompt : RenderedPrompt, or None
        The question, if its variables were filled in.
    tokens : list of TokenLogprob
        Tokens of the answer with their probabilities, if they were requested.
    images : list of Image
        Images of the answer, in order.
    seams : list of Continued
        Where the answer was cut off and continued.
    abandoned : list of str
        Texts of incomplete answers that were replaced by another.
    continuable : bool
        Whether the answer is incomplete and its endpoint can continue it.
    rounds : list of Round
        The results of earlier requests of an answer with tool calls.
    structured : StructuredAnswer or None
        The rows or the object of an answer with a schema.
    schema_mode : str or None
        How the schema was sent.
    rating : Rating or None
        The reader's rating of the complete answer.
    position : tuple of str and int, or None
        Id and last event of an incomplete answer, if the server can resume it.

    Examples
    --------
    >>> state = ReplyState()
    >>> state.apply(TextDelta(0.5, "Hello"))
    >>> state.apply(Finished(0.6, "stop"))
    >>> state.text, state.status, state.timings.ttft
    ('Hello', 'finished', 0.5)
    """

    def __init__(self) -> None:
        self.id = PROCESS + token_hex(5)
        self.status: Status = "submitted"
        self.seq = 0
        self.revision = 0
        self.text_log = GrowingText()
        self.reasoning_log = GrowingText()
        self.route: Routed | None = None
        self.prompt: RenderedPrompt | None = None
        self.model: str | None = None
        self.response_id: str | None = None
        self.request_id: str | None = None
        self.finish_reason: str | None = None
        self.usage: Usage | None = None
        self.error: NbstreamError | None = None
        self.retrying: Retrying | None = None
        self.refusal = ""
        self.tool_calls: dict[int, ToolCall] = {}
        self.tokens: list[TokenLogprob] = []
        self.images: list[Image] = []
        self._citations: dict[str, Citation] = {}
        self.warnings: list[Warned] = []
        self.skipped: list[ChunkSkipped] = []
        self.interrupted = False
        self.seams: list[Continued] = []
        self.abandoned: list[str] = []
        self.continuable = False
        self.position: tuple[str, int] | None = None
        self.rating: Rating | None = None
        self.rounds: list[Round] = []
        self.structured: StructuredAnswer | None = None
        self.schema_mode: SchemaMode | None = None
        self.text_is_shown = True
        self.corrections: list[CorrectionRequested] = []
        self._text_before = 0
        self._reasoning_before = 0
        self._tokens_before = 0
        self._end_of_last: Finished | None = None
        self._usage_before: Usage | None = None
        self._times = DeltaTimes()

    @property
    def text(self) -> str:
        """The answer so far."""
        return str(self.text_log)

    @property
    def reasoning(self) -> str:
        """The reasoning so far."""
        return str(self.reasoning_log)

    @property
    def last_round(self) -> Round:
        """The messages since the last of `rounds`, without its calls."""
        end = self._end_of_last or Finished(0.0)
        text, reasoning = self.text[self._text_before :], self.reasoning[self._reasoning_before :]
        return Round(text, reasoning, (), end.reasoning_field, end.extra or {})

    @property
    def citations(self) -> tuple[Citation, ...]:
        """The sources of the answer, in the order of the server."""
        return tuple(self._citations.values())

    @property
    def ended(self) -> bool:
        """Whether it has ended."""
        return self._times.ended is not None

    @property
    def timings(self) -> Timings:
        """Speed figures so far."""
        sent = self.route.at if self.route else 0.0
        return self._times.timings(sent, self.usage.output if self.usage else None)

    def seal(self) -> None:
        """Release data that only readers of a growing reply need."""
        self.text_log.seal()
        self.reasoning_log.seal()

    def extend(self, events: Sequence[StreamEvent]) -> None:
        """Take the next events."""
        texts = plain_texts(events) if self._times.writing else []
        if texts:
            self.seq += len(texts)
            self._times.add(len(texts), events[-1].at)
            self.text_log.parts += texts
            if self.structured is not None:
                self.structured.feed("".join(texts))
        else:
            for event in events:
                self.apply(event)

    def apply(self, event: StreamEvent) -> None:
        """Take the next event. After the end only a rating changes anything."""
        if self._times.ended is None or isinstance(event, Rated):
            self.seq += 1
            self._handlers[type(event)](self, event)

    def _delta(self, at: float) -> None:
        if self._times.first is None:
            self.status = "streaming"
            self.retrying = None
            self.revision += 1
        self._times.add(1, at)

    def _text(self, event: TextDelta) -> None:
        if event.choice:
            return
        separates = event.text == ROUND_SEPARATOR and self._is_between_rounds
        self._delta(event.at)
        self.text_log.parts.append(event.text)
        if separates:
            self._text_before = len(self.text)
            return
        if self.structured is not None:
            self.structured.feed(event.text)
        if self._times.first_text is None:
            self._times.first_text = event.at
            self.revision += 1

    @property
    def _is_between_rounds(self) -> bool:
        """Whether no delta has followed the last round, so that the next text may be its separator."""
        return self._times.paused and bool(self.rounds) and bool(self.rounds[-1].text)

    def _scored(self, event: TokensScored) -> None:
        self.tokens += event.tokens

    def _reasoning(self, event: ReasoningDelta) -> None:
        if event.choice:
            return
        self._delta(event.at)
        self.reasoning_log.parts.append(event.text)
        if self._times.first_reasoning is None:
            self._times.first_reasoning = event.at

    def _refused(self, event: RefusalDelta) -> None:
        if not event.choice:
            self._delta(event.at)
            self.refusal += event.text
            self.text_log.parts.append(event.text)

    def _image(self, event: ImageReceived) -> None:
        self._delta(event.at)
        self.images.append(Image(event.url))
        self.revision += 1

    def _cited(self, event: Cited) -> None:
        """Add a source, or the title of a known one."""
        key = event.url or event.title
        known = self._citations.get(key)
        if known is None or event.title:
            self._citations[key] = Citation(event.url, event.title)
            self.revision += 1

    def _tool(self, event: ToolCallDelta) -> None:
        if event.choice:
            return
        self._delta(event.at)
        self.tool_calls.setdefault(event.index, ToolCall()).take(event)
        self.revision += 1

    def _tool_step(self, event: ToolStep) -> None:
        call = self.tool_calls[event.index]
        call.state, call.result = event.state, event.result
        if event.arguments is not None:
            call.parsed = event.arguments
        self._times.pause()
        if event.state in {"returned", "failed", "refused"}:
            self._usage_before = self.usage
        self.revision += 1

    def _round_ended(self, event: ToolRoundEnded) -> None:
        last = self.last_round
        earlier = {index for round_ in self.rounds for index in round_.calls}
        calls = tuple(index for index in self.tool_calls if index not in earlier)
        extra = event.extra or {}
        self.rounds.append(Round(last.text, last.reasoning, calls, event.reasoning_field, extra))
        self._text_before, self._reasoning_before = len(self.text), len(self.reasoning)
        self._tokens_before = len(self.tokens)
        self._times.pause()  # the calls run now
        if self.structured is not None:
            self.structured.expect_json()

    def _schema(self, event: SchemaRequested) -> None:
        if self.structured is None:
            self.structured = StructuredAnswer(Structure.of(event.schema))
        self.schema_mode, self.text_is_shown = event.mode, event.show_text
        self.revision += 1

    def _correction(self, event: CorrectionRequested) -> None:
        """The next text corrects the one before, which stays."""
        self.corrections.append(event)
        self.text_log.parts.append(ROUND_SEPARATOR)
        self._usage_before = self.usage
        if self.structured is not None:
            self.structured.correct()
        self.revision += 1

    def _routed(self, event: Routed) -> None:
        self.route = event
        self.revision += 1

    def _prefilled(self, event: Prefilled) -> None:
        """Apply text carried over from an earlier reply; excluded from timings."""
        self.text_log.parts.append(event.text)
        self.reasoning_log.parts.append(event.reasoning)
        if self.structured is not None:
            self.structured.feed(event.text)
        self.revision += 1

    def _prompt(self, event: PromptFilled) -> None:
        self.prompt = event.prompt
        self.revision += 1

    def _opened(self, event: Opened) -> None:
        self.request_id, self.retrying = event.request_id, None
        self.revision += 1

    def _identified(self, event: Identified) -> None:
        self.model, self.response_id = event.model, event.response_id
        self.revision += 1

    def _usage(self, event: UsageReported) -> None:
        """The last report counts; an answer with several requests has the sum of theirs."""
        self.usage = event.usage if self._usage_before is None else self._usage_before + event.usage
        self.revision += 1

    def _skipped(self, event: ChunkSkipped) -> None:
        """Count it in one warning instead of one per chunk."""
        self.skipped.append(event)
        count = len(self.skipped)
        chunks = "1 malformed chunk was" if count == 1 else f"{count} malformed chunks were"
        text = f"{chunks} skipped; the answer may be missing a part."
        others = [warning for warning in self.warnings if warning.kind != "malformed_chunk"]
        self.warnings = [*others, Warned(self.skipped[0].at, "malformed_chunk", text)]
        self.revision += 1

    def _warned(self, event: Warned) -> None:
        self.warnings.append(event)
        self.revision += 1

    def _retry(self, event: Retrying) -> None:
        self.retrying = event
        self.revision += 1

    def _continued(self, event: Continued) -> None:
        self.seams.append(event)
        self._usage_before = self.usage
        if event.way == "restart":
            self._restart()
        self.revision += 1

    def _restart(self) -> None:
        """Drop the partial result of the broken request; completed rounds are kept."""
        self.abandoned.append(self.last_round.text)
        self.text_log = self.text_log.first(self._text_before)
        self.reasoning_log = self.reasoning_log.first(self._reasoning_before)
        kept = [index for round_ in self.rounds for index in round_.calls]
        self.refusal, self.tool_calls = "", {index: self.tool_calls[index] for index in kept}
        self.images, self._citations = [], {}
        del self.tokens[self._tokens_before :]
        if self.structured is not None:
            self.structured.restart()

    def _finished(self, event: Finished) -> None:
        self._end_of_last = event
        self.finish_reason = event.reason
        self.continuable = event.continuable and not self.tool_calls
        self._end(event.at, "finished")

    def _stopped(self, event: Stopped) -> None:
        self.interrupted = event.by == "interrupt"
        self._end(event.at, "stopped")

    def _failed(self, event: Failed) -> None:
        self.error = event.error
        if isinstance(event.error, StreamError):
            event.error.partial = self.text
        self.position = event.position
        self.continuable = event.continuable and not self.tool_calls
        self._end(event.at, "failed")

    def _rated(self, event: Rated) -> None:
        self.rating = Rating(event.score, event.note) if event.score else None
        self.revision += 1

    def _end(self, at: float, status: Status) -> None:
        for call in self.tool_calls.values():
            if call.state in {"writing", "asking", "running"}:
                call.state = "unfinished"
        if self.structured is not None:
            self.structured.end()
        self.status, self._times.ended, self.retrying = status, at, None
        self.revision += 1

    _handlers: ClassVar[dict[type, Callable[..., None]]] = {
        TextDelta: _text,
        TokensScored: _scored,
        ReasoningDelta: _reasoning,
        RefusalDelta: _refused,
        ImageReceived: _image,
        Cited: _cited,
        ToolCallDelta: _tool,
        ToolStep: _tool_step,
        ToolRoundEnded: _round_ended,
        SchemaRequested: _schema,
        CorrectionRequested: _correction,
        Routed: _routed,
        Prefilled: _prefilled,
        PromptFilled: _prompt,
        Opened: _opened,
        Identified: _identified,
        UsageReported: _usage,
        ChunkSkipped: _skipped,
        Warned: _warned,
        Retrying: _retry,
        Continued: _continued,
        Finished: _finished,
        Stopped: _stopped,
        Failed: _failed,
        Rated: _rated,
    }
