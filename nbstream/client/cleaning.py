"""Removes secrets from events: everything from an endpoint passes through here.

Model output (text, reasoning, tool calls) is passed on unchanged. Everything else that may contain server
text is cleaned here.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace

from nbstream.errors import NbstreamError
from nbstream.types.events import (
    ChunkSkipped,
    Cited,
    Events,
    Failed,
    Finished,
    Identified,
    ImageReceived,
    Opened,
    Retrying,
    StreamEvent,
    TextDelta,
    Warned,
)

__all__ = ["clean_chain", "cleaned"]

Clean = Callable[[str], str]


def cleaned(events: Events, clean: Clean) -> Events:
    """The events of one read without secrets."""
    if set(map(type, events)) == {TextDelta}:  # the usual case
        return events
    return [_cleaned(event, clean) for event in events]


def clean_chain(error: BaseException, clean: Clean) -> None:
    """Remove secrets from an error and its causes: a traceback shows their messages."""
    for link in causes(error):
        if isinstance(link, NbstreamError):
            link.message, link.advice = clean(link.message), clean(link.advice)
        said = str(link)
        text = clean(said)
        if text != said or isinstance(link, NbstreamError):
            link.args = (link.message if isinstance(link, NbstreamError) else text,)


def causes(error: BaseException) -> Iterator[BaseException]:
    """The error, its causes, and the members of an exception group, each once.

    Chains of errors can be circular: a client that raises a stored error again makes it its own context.
    """
    seen: list[BaseException] = []
    waiting: list[BaseException | None] = [error]
    while waiting:
        link = waiting.pop()
        if link is None or any(link is one for one in seen):
            continue
        seen.append(link)
        yield link
        waiting.append(link.__cause__ or link.__context__)
        if isinstance(link, BaseExceptionGroup):
            waiting += reversed(link.exceptions)


def _cleaned(event: StreamEvent, clean: Clean) -> StreamEvent:
    match event:
        case Opened(request_id=str() as number):
            return replace(event, request_id=clean(number))
        case Identified(model=model, response_id=number):
            return replace(event, model=model and clean(model), response_id=number and clean(number))
        case ChunkSkipped(reason=reason, raw=raw):
            return replace(event, reason=clean(reason), raw=clean(raw))
        case Warned(text=text):
            return replace(event, text=clean(text))
        case Cited(url=url, title=title):
            return replace(event, url=clean(url), title=clean(title))
        case ImageReceived(url=url) if not url.startswith("data:"):
            return replace(event, url=clean(url))
        case Retrying(reason=reason):
            return replace(event, reason=clean(reason))
        case Finished(reason=str() as reason):
            return replace(event, reason=clean(reason))
        case Failed(error=error):
            clean_chain(error, clean)
    return event
