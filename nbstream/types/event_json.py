"""Events as JSON: written, and read again."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import fields, replace
from typing import Any, get_args

from nbstream import errors
from nbstream.errors import NbstreamError
from nbstream.types.events import ImageReceived, StreamEvent
from nbstream.types.images import shortened
from nbstream.types.logprobs import TokenLogprob
from nbstream.types.rendered import RenderedPrompt
from nbstream.types.usage import Usage

__all__ = ["from_json", "to_json", "type_name"]

_TYPE_NAMES = {kind: re.sub(r"(?<!^)(?=[A-Z])", "_", kind.__name__).lower() for kind in get_args(StreamEvent)}
_KINDS = {name: kind for kind, name in _TYPE_NAMES.items()}


def to_json(event: StreamEvent) -> dict[str, Any]:
    """One event as a JSON object, its type in snake case under ``"type"``; an image by its kind and size.

    Examples
    --------
    >>> from nbstream.types.events import TextDelta
    >>> to_json(TextDelta(0.62, "Hello"))
    {'type': 'text_delta', 'at': 0.62, 'text': 'Hello', 'choice': 0}
    """
    if isinstance(event, ImageReceived):
        event = replace(event, url=shortened(event.url))
    return {"type": type_name(type(event))} | {f.name: _plain(getattr(event, f.name)) for f in fields(event)}


def type_name(kind: type) -> str:
    """Name of a class of events in snake case: the ``"type"`` of `to_json`."""
    return _TYPE_NAMES[kind]


def from_json(data: Mapping[str, Any]) -> StreamEvent:
    """The event that `to_json` has written, or `Inspection.to_jsonl` as a line.

    Fields that the event does not have are ignored. An image has the shortened URL that was written.

    Raises
    ------
    ValueError
        When the data is not an event.

    Examples
    --------
    >>> from_json({"type": "text_delta", "at": 0.62, "text": "Hello"})
    TextDelta(at=0.62, text='Hello', choice=0)
    """
    kind = _KINDS.get(data.get("type", ""))
    if kind is None:
        raise ValueError(f"{data.get('type')!r} is not a type of event.")
    known = {field.name: data[field.name] for field in fields(kind) if field.name in data}
    try:
        event: StreamEvent = kind(**{name: _read(name, value) for name, value in known.items()})
    except (TypeError, KeyError) as cause:
        raise ValueError(f"This {data['type']} event is incomplete: {cause}.") from None
    return event


def _plain(value: object) -> object:
    if isinstance(value, Usage | RenderedPrompt):
        return value.as_dict()
    if isinstance(value, tuple) and value and isinstance(value[0], TokenLogprob):
        return [token.as_dict() for token in value]
    if isinstance(value, NbstreamError):
        return {
            "type": type(value).__name__,
            "kind": value.kind,
            "message": value.message,
            "advice": value.advice,
        }
    if hasattr(value, "json_schema"):
        return value.json_schema
    return dict(value) if isinstance(value, Mapping) else value


def _read(name: str, value: Any) -> Any:
    if name == "usage":
        return Usage.from_dict(value)
    if name == "tokens":
        return tuple(map(TokenLogprob.from_dict, value))
    if name == "prompt":
        return RenderedPrompt.from_dict(value)
    if name == "error":
        return _error(value)
    return tuple(value) if name == "position" and value is not None else value


def _error(value: Mapping[str, Any]) -> NbstreamError:
    kind = getattr(errors, value["type"], None)
    known = isinstance(kind, type) and issubclass(kind, NbstreamError)
    cls: type[NbstreamError] = kind if known else NbstreamError  # type: ignore[assignment]
    return cls(value["message"], kind=value["kind"], advice=value["advice"])
