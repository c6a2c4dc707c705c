"""The figures of a reply: size and speed."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from nbstream.inspection.rows import is_delta
from nbstream.recording.log import EventLog
from nbstream.recording.state import ReplyState
from nbstream.telemetry.semconv import first_chunk, request_attributes, response_attributes
from nbstream.types.events import Retrying
from nbstream.types.timings import Gaps, Timings
from nbstream.wire.raw_capture import RawCapture

__all__ = ["Summary"]


class Summary:
    """Figures of one reply at the time of the request.

    Parameters
    ----------
    events, state, capture, params
        As of `nbstream.inspection.Inspection`.
    """

    def __init__(
        self, events: EventLog, state: ReplyState, capture: RawCapture, params: Mapping[str, Any]
    ) -> None:
        self.events = events
        self._state = state
        self._capture = capture
        self._params = params

    @property
    def gaps(self) -> Gaps:
        """The waits between deltas."""
        return Gaps.between([e.at for e in self.events if is_delta(e)])

    @property
    def timings(self) -> Timings:
        """Time to first token, duration, rate."""
        return self._state.timings

    @property
    def attributes(self) -> dict[str, Any]:
        """By the names of OpenTelemetry's conventions."""
        route = self._state.route
        if route is None:
            return response_attributes(self._state, None)
        sent = request_attributes(route.provider, route.model, self._params)
        first = first_chunk(self.events)
        return {**sent, **response_attributes(self._state, None if first is None else first - route.at)}

    @property
    def remarks(self) -> list[str]:
        """Notes about an answer in one piece and about incomplete data, one or two sentences each."""
        route = self._state.route
        whole = route is not None and not route.streamed
        streamed = ["The answer was requested in one piece, not as a stream."] if whole else []
        return [*streamed, *self._missing]

    @property
    def _missing(self) -> list[str]:
        if self._capture.missing:
            kept = self._capture.size - self._capture.missing
            kept_of = f"Only the first {kept:,} of {self._capture.size:,} bytes were kept."
            return [f"{kept_of} %%chat --debug, or send(debug=True), keeps more."]
        if not self._capture.size and self._state.text:
            return ["This reply was received elsewhere; its raw chunks are not available."]
        return []

    def as_json(self) -> dict[str, Any]:
        """The figures as JSON; times in seconds."""
        return {
            "status": self._state.status,
            "events": len(self.events),
            "bytes": self._capture.size,
            "skipped": len(self._state.skipped),
            "retries": sum(isinstance(event, Retrying) for event in self.events),
            "reconnects": len(self._state.seams),
            "timings": self.timings.as_dict(),
            "gaps": self.gaps.as_dict(),
            "attributes": self.attributes,
            "remarks": self.remarks,
        }
