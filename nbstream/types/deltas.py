"""The text of events."""

from __future__ import annotations

from collections.abc import Sequence
from operator import attrgetter
from typing import TypeGuard

from nbstream.types.events import Prefilled, StreamEvent, TextDelta

__all__ = ["adds_text", "plain_texts"]

_TEXT, _CHOICE = map(attrgetter, ("text", "choice"))


def adds_text(event: StreamEvent) -> TypeGuard[Prefilled | TextDelta]:
    """Whether the event has a part of the answer's text."""
    return isinstance(event, Prefilled) or (isinstance(event, TextDelta) and not event.choice)


def plain_texts(events: Sequence[StreamEvent]) -> list[str]:
    """The texts of the deltas; empty if there are other events as well.

    Usually there are none, and many events can be handled as one.

    Examples
    --------
    >>> from nbstream.types.events import Finished
    >>> plain_texts([TextDelta(0.1, "Hel"), TextDelta(0.1, "lo")])
    ['Hel', 'lo']
    >>> plain_texts([TextDelta(0.1, "Hel"), Finished(0.2, "stop")])
    []
    """
    if set(map(type, events)) != {TextDelta} or any(map(_CHOICE, events)):
        return []
    return list(map(_TEXT, events))
