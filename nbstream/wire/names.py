"""Names from a server: printable, and without half characters."""

from __future__ import annotations

from dataclasses import replace

from nbstream.types.events import Identified, StreamEvent, ToolCallDelta
from nbstream.wire.problem import printable
from nbstream.wire.surrogates import without_halves

__all__ = ["NAME_SHOWN", "in_whole", "name_or_none"]

NAME_SHOWN = 200


def name_or_none(value: object) -> str | None:
    """A name, shortened and on one line; None if there is none."""
    return printable(value[:NAME_SHOWN]) or None if isinstance(value, str) else None


def in_whole(event: StreamEvent) -> StreamEvent:
    """Names and arguments without half characters, which could not be sent or saved."""
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
