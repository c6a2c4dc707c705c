"""What happens to a reply, as a log of frozen values.

A reply is what its events say: text, status, usage and timings are derived from the log
(`nbstream.record.state`), so that the view, the inspector, a cassette and the provenance agree without side
channels. Retries, skipped chunks and a stop are events like any other.

Every event has `at`: seconds since the request was handed in.

Examples
--------
>>> to_json(TextDelta(0.62, "Hello"))
{'type': 'text_delta', 'at': 0.62, 'text': 'Hello', 'choice': 0}
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, fields, replace
from operator import attrgetter
from typing import Any, Literal, get_args

from nbstream.errors import NbstreamError
from nbstream.types.images import shortened
from nbstream.types.usage import Usage

__all__ = [
    "ChunkSkipped",
    "Cited",
    "ContinuationKind",
    "Continued",
    "Failed",
    "Finished",
    "Identified",
    "ImageReceived",
    "Opened",
    "Prefilled",
    "ReasoningDelta",
    "RefusalDelta",
    "Retrying",
    "Routed",
    "Stopped",
    "StreamEvent",
    "TextDelta",
    "ToolCallDelta",
    "ToolRoundEnded",
    "ToolState",
    "ToolStep",
    "UsageReported",
    "Warned",
    "WarningKind",
    "plain_texts",
    "text_deltas",
    "to_json",
    "type_name",
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
    "not_shown",
    "late_error",
    "end_not_awaited",
    "trailing_data",
    "large_prompt",
]


ContinuationKind = Literal["prefix", "resume", "restart"]
"""How an answer that was cut goes on: a second answer that was given the first as its beginning; the same
answer, from where it was; or a fresh one in its place."""


@dataclass(frozen=True, slots=True)
class Routed:
    """Which model of which provider will be asked, and why that one.

    `left_out` is the number of oldest turns that did not fit into the limit of the context. `badge` is shown
    below the answer of a local model; `loading` is its title where it has to be loaded first. `discovered`
    is true of a model server that nobody named: it was found on this machine.
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


@dataclass(frozen=True, slots=True)
class Prefilled:
    """The answer begins with what an earlier reply had of it, and is to go on from there."""

    at: float
    text: str
    reasoning: str = ""


@dataclass(frozen=True, slots=True)
class Opened:
    """The server accepted the request: its response headers are here."""

    at: float
    request_id: str | None = None


@dataclass(frozen=True, slots=True)
class Identified:
    """The model that answers, by the name the server gives it, and the id of the answer."""

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
    """An image of the answer: a ``data:`` URL that holds it, or its address on the web."""

    at: float
    url: str


@dataclass(frozen=True, slots=True)
class Cited:
    """A source of the answer. One that was named before has got its title."""

    at: float
    url: str
    title: str = ""


@dataclass(frozen=True, slots=True)
class ToolCallDelta:
    """A fragment of a tool call: `arguments` are to be appended to those of the same `index`.

    `index` counts the calls of the answer from 0, without gaps. `id` and `name` are whole where they are
    given; `extra` holds the fields of the call that its API wants back with it.
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
    """A call of a tool waits for approval, runs, or has ended with a result for the model.

    `arguments` are those that the function is called with, once they have been read and checked.
    """

    at: float
    index: int
    state: ToolState
    result: str | None = None
    arguments: Mapping[str, Any] | None = None


@dataclass(frozen=True, slots=True)
class ToolRoundEnded:
    """All calls of one request have a result, and the next request tells the model.

    `reasoning_field` and `extra` are those of `Finished`.
    """

    at: float
    reasoning_field: str | None = None
    extra: Mapping[str, Any] | None = None


@dataclass(frozen=True, slots=True)
class UsageReported:
    """Token counts so far; the last report is the one that counts."""

    at: float
    usage: Usage


@dataclass(frozen=True, slots=True)
class ChunkSkipped:
    """A chunk that could not be read; the stream went on without it."""

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
    """The request did not get through and is tried again after `wait` seconds."""

    at: float
    attempt: int
    attempts: int
    wait: float
    reason: str


@dataclass(frozen=True, slots=True)
class Continued:
    """The answer was cut after `offset` characters, and goes on: what follows comes from another request.

    `repeated` characters of it were there already and are left out. With ``"restart"`` what follows takes
    the place of what had come.
    """

    at: float
    way: ContinuationKind
    offset: int
    repeated: int = 0


@dataclass(frozen=True, slots=True)
class Finished:
    """The server said that the answer is complete.

    `continuable` says of one that was cut by its length whether the endpoint has a way to go on with it.
    `reasoning_field` is the name under which the reasoning came, and `extra` holds other fields of the
    message: some APIs want both back with a message that calls tools.
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
    """The answer could not be had, or not to its end.

    `continuable` says whether the endpoint has a way to go on with what has come; `position` is the id of
    the answer and its last event, where the server itself takes it up again.
    """

    at: float
    error: NbstreamError
    continuable: bool = False
    position: tuple[str, int] | None = None


StreamEvent = (
    Routed
    | Prefilled
    | Opened
    | Identified
    | TextDelta
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
)


_SET_AT, _SET_TEXT, _SET_CHOICE = (vars(TextDelta)[name].__set__ for name in ("at", "text", "choice"))


def text_deltas(at: float, texts: Iterable[str]) -> list[TextDelta]:
    """Deltas that came at one time, made in half the time that the constructor of a frozen class takes.

    Examples
    --------
    >>> text_deltas(0.1, ["Hel", "lo"])
    [TextDelta(at=0.1, text='Hel', choice=0), TextDelta(at=0.1, text='lo', choice=0)]
    """
    deltas = []
    for text in texts:
        delta = object.__new__(TextDelta)
        _SET_AT(delta, at)
        _SET_TEXT(delta, text)
        _SET_CHOICE(delta, 0)
        deltas.append(delta)
    return deltas


_TEXT, _CHOICE = map(attrgetter, ("text", "choice"))


def plain_texts(events: Sequence[StreamEvent]) -> list[str]:
    """The texts of deltas of the answer; empty where anything else has happened as well.

    Nearly always nothing else has, and then many events can be taken like one.

    Examples
    --------
    >>> plain_texts([TextDelta(0.1, "Hel"), TextDelta(0.1, "lo")])
    ['Hel', 'lo']
    >>> plain_texts([TextDelta(0.1, "Hel"), Finished(0.2, "stop")])
    []
    """
    if set(map(type, events)) != {TextDelta} or any(map(_CHOICE, events)):
        return []
    return list(map(_TEXT, events))


def to_json(event: StreamEvent) -> dict[str, Any]:
    """One event as a JSON object, its type in snake case under ``"type"``; an image by its kind and size."""
    if isinstance(event, ImageReceived):
        event = replace(event, url=shortened(event.url))
    return {"type": type_name(type(event))} | {f.name: _plain(getattr(event, f.name)) for f in fields(event)}


_TYPE_NAMES = {kind: re.sub(r"(?<!^)(?=[A-Z])", "_", kind.__name__).lower() for kind in get_args(StreamEvent)}


def type_name(kind: type) -> str:
    """Name of a class of events in snake case: the ``"type"`` of `to_json`."""
    return _TYPE_NAMES[kind]


def _plain(value: object) -> object:
    if isinstance(value, Usage):
        return value.as_dict()
    if isinstance(value, NbstreamError):
        return {
            "type": type(value).__name__,
            "kind": value.kind,
            "message": value.message,
            "advice": value.advice,
        }
    return dict(value) if isinstance(value, Mapping) else value
