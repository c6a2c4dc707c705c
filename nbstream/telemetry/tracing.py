"""Requests as OpenTelemetry spans, named by the conventions for generative AI (`nbstream.telemetry.semconv`).

One span covers a request with all of its retries, as the conventions ask for; retries, skipped chunks and
reconnects are events of it. Without a tracer that records, nothing is imported and nothing is done.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from nbstream._version import __version__
from nbstream.errors import NbstreamError, StatusError
from nbstream.providers.endpoint import Endpoint
from nbstream.recording.state import ReplyState
from nbstream.telemetry.semconv import Attributes, first_chunk, request_attributes, response_attributes
from nbstream.types.events import ChunkSkipped, Continued, Events, Retrying
from nbstream.types.request import ChatRequest

if TYPE_CHECKING:
    from opentelemetry.trace import Span

__all__ = ["RequestSpan", "request_span"]

_API = "opentelemetry.trace"


def request_span(endpoint: Endpoint, request: ChatRequest, clock: Callable[[], float]) -> RequestSpan | None:
    """A span for a request that is about to be sent; None where no one records spans.

    Whoever records has imported OpenTelemetry: where that has not happened, it is not imported for this.
    """
    if _API not in sys.modules:
        return None
    from opentelemetry import trace

    span = trace.get_tracer("nbstream", __version__).start_span(
        f"chat {request.model}", kind=trace.SpanKind.CLIENT, attributes=_sent(endpoint, request)
    )
    return RequestSpan(span, clock()) if span.is_recording() else None


class RequestSpan:
    """The span of one request.

    Parameters
    ----------
    span
        What is recorded to.
    began
        When the request was sent, by the clock of its events.
    """

    def __init__(self, span: Span, began: float) -> None:
        self._span = span
        self._began = began
        self._state = ReplyState()
        self._first_chunk: float | None = None

    def take(self, events: Events) -> None:
        """Record the received events."""
        if self._first_chunk is None:
            self._first_chunk = first_chunk(events)
        for event in events:
            self._state.apply(event)
            if isinstance(event, Retrying | ChunkSkipped | Continued):
                self._span.add_event(*_noted(event))

    def end(self) -> None:
        """Close the span: what is known of the answer by now is all there will be."""
        waited = None if self._first_chunk is None else self._first_chunk - self._began
        self._span.set_attributes(response_attributes(self._state, waited))
        if self._state.error is not None:
            self._fail(self._state.error)
        self._span.end()

    def _fail(self, error: NbstreamError) -> None:
        from opentelemetry.trace import Status, StatusCode

        kind = str(error.status) if isinstance(error, StatusError) else type(error).__name__
        self._span.set_attribute("error.type", kind)
        self._span.set_status(Status(StatusCode.ERROR, error.message))


def _sent(endpoint: Endpoint, request: ChatRequest) -> Attributes:
    attributes = request_attributes(endpoint.provider, request.model, request.params)
    attributes["gen_ai.request.stream"] = request.stream
    parts = urlsplit(endpoint.base_url)
    if endpoint.transport is None and parts.hostname:
        attributes["server.address"] = parts.hostname
        attributes["server.port"] = parts.port or {"https": 443, "http": 80}[parts.scheme]
    return attributes


def _noted(event: Retrying | ChunkSkipped | Continued) -> tuple[str, Attributes]:
    """Name and attributes of a span event; the conventions have no names for these."""
    match event:
        case Retrying():
            return "nbstream.retry", {
                "nbstream.retry.attempt": event.attempt,
                "nbstream.retry.wait": event.wait,
                "nbstream.retry.reason": event.reason,
            }
        case ChunkSkipped():
            return "nbstream.chunk_skipped", {"nbstream.chunk.reason": event.reason}
        case Continued():
            return "nbstream.continued", {
                "nbstream.continuation.way": event.way,
                "nbstream.continuation.offset": event.offset,
            }
