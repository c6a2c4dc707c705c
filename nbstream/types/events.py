"""The events of a reply: a log of frozen values.

Text, status, usage and timings are derived from this log (`nbstream.recording.state`), so
that the view, the inspector and the provenance always agree. Retries, skipped chunks and a stop are events
like any other.

Every event has `at`: seconds since the request was submitted. `nbstream.types.event_json` reads and
writes them as JSON.

Examples
--------
>>> TextDelta(0.62, "Hello")
TextDelta(at=0.62, text='Hello', choice=0)
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from nbstream.errors import NbstreamError
from nbstream.types.logprobs import TokenLogprob
from nbstream.types.rendered import RenderedPrompt
from nbstream.types.usage import Usage

__all__ = [
    "ChunkSkipped",
    "Cited",
    "Clock",
    "ContinuationKind",
    "Continued",
    "CorrectionRequested",
    "Events",
    "Failed",
    "Finished",
    "Identified",
    "ImageReceived",
    "Opened",
    "Prefilled",
    "PromptFilled",
    "Rated",
    "ReasoningDelta",
    "RefusalDelta",
    "Retrying",
    "Routed",
    "SchemaMode",
    "SchemaRequested",
    "Stopped",
    "StreamEvent",
    "TextDelta",
    "TokensScored",
    "ToolCallDelta",
    "ToolRoundEnded",
    "ToolState",
    "ToolStep",
    "UsageReported",
    "Warned",
    "WarningKind",
]

WarningKind = Literal[
    "malformed_chunk",
    "bad_utf8",
    "no_finish_reason",
    "missing_done",
    "length",
    "content_filter",
    "refusal",
    "tool_calls",
    "not_streamed",
    "wrong_content_type",
    "unknown_event",
    "extra_choices",
    "empty",
    "only_reasoning",
    "unmarked_reasoning",
    "not_shown",
    "late_error",
    "end_not_awaited",
    "trailing_data",
    "large_prompt",
    "unknown_parameter",
    "shortened_value",
    "no_logprobs",
    "schema",
]

ContinuationKind = Literal["prefix", "resume", "restart"]
"""How an incomplete answer continues: a second answer starting from the first; the same answer, resumed;
or a new answer instead."""

SchemaMode = Literal["json_schema", "json_object", "instructions"]
"""How a schema reaches the model: the server enforces it; the server enforces JSON, and the prompt describes
the schema; or the prompt alone does."""


@dataclass(frozen=True, slots=True)
class SchemaRequested:
    """The answer is to match a schema. Repeated where the server refuses the first way to send it.

    `schema` is a `nbstream.structured.structure.Structure`, or a JSON Schema where the event was read from
    JSON. `show_text` is true if the JSON is shown while it arrives.
    """

    at: float
    mode: SchemaMode
    schema: Any
    show_text: bool = False


@dataclass(frozen=True, slots=True)
class CorrectionRequested:
    """The answer did not match its schema; another request asks for what was wrong.

    `problem` says what was wrong.
    """

    at: float
    attempt: int
    attempts: int
    problem: str


@dataclass(frozen=True, slots=True)
class Routed:
    """The chosen model and provider, and the reason.

    `left_out` is the number of oldest turns left out to fit the context limit. `badge` is shown below the
    answer of a local model; `loading` is its title if it must be loaded first. `discovered` is true for a
    model server discovered on this machine, and `streamed` if the request asks for a stream.
    """

    at: float
    model: str
    provider: str
    host: str
    demo: bool = False
    why: str = ""
    prompt_hash: str = ""
    left_out: int = 0
    badge: str = ""
    loading: str = ""
    discovered: bool = False
    streamed: bool = True


@dataclass(frozen=True, slots=True)
class Prefilled:
    """The answer starts with the partial answer of an earlier reply and continues it."""

    at: float
    text: str
    reasoning: str = ""


@dataclass(frozen=True, slots=True)
class PromptFilled:
    """The variables of the prompt were filled in."""

    at: float
    prompt: RenderedPrompt


@dataclass(frozen=True, slots=True)
class Opened:
    """The server accepted the request: the response headers were received."""

    at: float
    request_id: str | None = None


@dataclass(frozen=True, slots=True)
class Identified:
    """The model name and the response id reported by the server."""

    at: float
    model: str | None = None
    response_id: str | None = None


@dataclass(frozen=True, slots=True)
class TextDelta:
    """More of the answer."""

    at: float
    text: str
    choice: int = 0


@dataclass(frozen=True, slots=True)
class TokensScored:
    """The next tokens of the answer, with their probabilities."""

    at: float
    tokens: tuple[TokenLogprob, ...]


@dataclass(frozen=True, slots=True)
class ReasoningDelta:
    """More of the model's reasoning, which is not part of the answer."""

    at: float
    text: str
    choice: int = 0


@dataclass(frozen=True, slots=True)
class RefusalDelta:
    """More of a refusal."""

    at: float
    text: str
    choice: int = 0


@dataclass(frozen=True, slots=True)
class ImageReceived:
    """An image of the answer: a ``data:`` URL, or its web address."""

    at: float
    url: str


@dataclass(frozen=True, slots=True)
class Cited:
    """A source of the answer. A repeated URL adds the title."""

    at: float
    url: str
    title: str = ""


@dataclass(frozen=True, slots=True)
class ToolCallDelta:
    """A fragment of a tool call: append `arguments` to those of the same `index`.

    `index` counts the calls of the answer from 0, without gaps. `id` and `name` are complete if present;
    `extra` holds fields that the API expects back.
    """

    at: float
    index: int
    id: str | None = None
    name: str | None = None
    arguments: str = ""
    choice: int = 0
    extra: Mapping[str, Any] | None = None


ToolState = Literal["writing", "asking", "running", "returned", "failed", "refused", "unfinished"]
"""Where a call stands; an answer that ends leaves what had no result yet `unfinished`."""


@dataclass(frozen=True, slots=True)
class ToolStep:
    """A tool call waits for approval, runs, or has ended with a result for the model.

    `arguments` are the parsed and checked arguments of the function.
    """

    at: float
    index: int
    state: ToolState
    result: str | None = None
    arguments: Mapping[str, Any] | None = None


@dataclass(frozen=True, slots=True)
class ToolRoundEnded:
    """A request ended with tool calls. They run now; the next request sends their results to the model.

    `reasoning_field` and `extra` are those of `Finished`.
    """

    at: float
    reasoning_field: str | None = None
    extra: Mapping[str, Any] | None = None


@dataclass(frozen=True, slots=True)
class UsageReported:
    """Token counts so far; the last report counts."""

    at: float
    usage: Usage


@dataclass(frozen=True, slots=True)
class ChunkSkipped:
    """An unreadable chunk; the stream continued without it."""

    at: float
    reason: str
    raw: str = ""


@dataclass(frozen=True, slots=True)
class Warned:
    """Something odd that did not end the stream."""

    at: float
    kind: WarningKind
    text: str


@dataclass(frozen=True, slots=True)
class Retrying:
    """The request failed and is retried after `wait` seconds."""

    at: float
    attempt: int
    attempts: int
    wait: float
    reason: str


@dataclass(frozen=True, slots=True)
class Continued:
    """The answer was cut off after `offset` characters; another request continues it.

    `repeated` characters of the new text were dropped. With ``"restart"`` the new text replaces the
    partial answer.
    """

    at: float
    way: ContinuationKind
    offset: int
    repeated: int = 0


@dataclass(frozen=True, slots=True)
class Finished:
    """The server marked the answer as complete.

    `continuable` says whether the endpoint can continue an answer cut off by its length.
    `reasoning_field` is the field name of the reasoning, and `extra` holds other fields of the message: some
    APIs expect both back with a message that calls tools.
    """

    at: float
    reason: str | None = None
    continuable: bool = False
    reasoning_field: str | None = None
    extra: Mapping[str, Any] | None = None


@dataclass(frozen=True, slots=True)
class Stopped:
    """The user stopped the answer: by a button, by `Reply.stop`, or by interrupting the kernel."""

    at: float
    by: Literal["user", "interrupt"] = "user"


@dataclass(frozen=True, slots=True)
class Failed:
    """The answer failed, or ended early.

    `continuable` says whether the endpoint can continue the partial answer; `position` is the id of the
    answer and its last event, if the server itself can resume it.
    """

    at: float
    error: NbstreamError
    continuable: bool = False
    position: tuple[str, int] | None = None


@dataclass(frozen=True, slots=True)
class Rated:
    """A reader rated the answer after its end: `score` is 1, -1, or 0 where a rating was removed."""

    at: float
    score: Literal[1, 0, -1]
    note: str = ""


StreamEvent = (
    SchemaRequested
    | CorrectionRequested
    | Routed
    | Prefilled
    | PromptFilled
    | Opened
    | Identified
    | TextDelta
    | TokensScored
    | ReasoningDelta
    | RefusalDelta
    | ImageReceived
    | Cited
    | ToolCallDelta
    | ToolStep
    | ToolRoundEnded
    | UsageReported
    | ChunkSkipped
    | Warned
    | Retrying
    | Continued
    | Finished
    | Stopped
    | Failed
    | Rated
)

Events = list[StreamEvent]
"""What arrives together."""

Clock = Callable[[], float]
"""Returns the seconds since the request: the `at` of an event."""
