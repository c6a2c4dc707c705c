"""Events read from the JSON that `nbstream.types.events.to_json` writes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields
from typing import Any, get_args

from nbstream import errors
from nbstream.errors import NbstreamError
from nbstream.types.events import StreamEvent, type_name
from nbstream.types.logprobs import TokenLogprob
from nbstream.types.rendered import RenderedPrompt
from nbstream.types.usage import Usage

__all__ = ["from_json"]

_KINDS = {type_name(kind): kind for kind in get_args(StreamEvent)}


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


def _read(name: str, value: Any) -> Any:
    if name == "usage":
        return Usage(**value)
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
