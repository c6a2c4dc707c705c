"""What a view is, and the frames that it is given.

A frame is a patch, never a repaint: the text that was added since the last frame and where it goes, so that
what is sent grows with the answer and not with its square. Its JSON form is what
`js/core/protocol.ts` describes.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Protocol

from nbstream.state import GrowingText, ReplyState, Status
from nbstream.views.snapshot import About, meta_of, snapshot

__all__ = ["Frame", "FrameMaker", "Patch", "View"]


@dataclass(frozen=True, slots=True)
class Patch:
    """Text to append.

    Parameters
    ----------
    offset
        Length of the text before it, in UTF-16 units: what a JavaScript string counts.
    append
        What was added.
    """

    offset: int
    append: str


@dataclass(frozen=True, slots=True)
class Frame:
    """What changed since the last frame; None where something did not.

    Parameters
    ----------
    seq
        Number of the state that the frame leads to.
    status
        Status of the reply.
    text, reasoning
        What was added to either.
    meta
        Everything else about the reply, whole, where any of it changed.
    anew
        The whole state, where another answer took the place of what was drawn: draw it from nothing.
    """

    seq: int
    status: Status
    text: Patch | None = None
    reasoning: Patch | None = None
    meta: dict[str, Any] | None = None
    anew: dict[str, Any] | None = None

    def as_message(self) -> dict[str, Any]:
        """The frame as the front end takes it."""
        if self.anew is not None:
            return {"t": "snapshot", "state": self.anew}
        message: dict[str, Any] = {"t": "frame", "seq": self.seq, "status": self.status}
        if self.text is not None:
            message["text"] = [self.text.offset, self.text.append]
        if self.reasoning is not None:
            message["reasoning"] = [self.reasoning.offset, self.reasoning.append]
        if self.meta is not None:
            message["meta"] = self.meta
        return message


class View(Protocol):
    """Something that draws one reply."""

    def open(self, state: ReplyState, elapsed: float) -> None:
        """Appear, showing the state as it is now, `elapsed` seconds after the request."""

    def paint(self, frame: Frame) -> None:
        """Draw what changed."""

    def close(self, state: ReplyState, about: About) -> None:
        """Leave what is to stay: called once, after the last frame."""


class _Place:
    """How far one reader has read a growing text."""

    def __init__(self, log: GrowingText) -> None:
        self.log = log
        self._parts = 0
        self._units = 0

    def advance(self) -> Patch | None:
        added = self.log.since(self._parts)
        if not added:
            return None
        self._parts = len(self.log.parts)
        patch = Patch(self._units, added)
        self._units += len(added) if added.isascii() else len(added.encode("utf-16-le")) // 2
        return patch


class FrameMaker:
    """Makes the frames of one view: remembers what the view has seen.

    Parameters
    ----------
    state
        The reply's state, as it grows.
    """

    _META_SECONDS = 1.0

    def __init__(self, state: ReplyState) -> None:
        self._state = state
        self._text = _Place(state.text_log)
        self._reasoning = _Place(state.reasoning_log)
        self._revision = -1
        self._meta_at = 0.0

    def next(self, elapsed: float) -> Frame | None:
        """What changed since the last call, or None if nothing did."""
        state = self._state
        if self._text.log is not state.text_log:
            return self._anew(elapsed)
        text, reasoning = self._text.advance(), self._reasoning.advance()
        meta = self._meta(elapsed, moving=text is not None or reasoning is not None)
        if text is None and reasoning is None and meta is None:
            return None
        return Frame(state.seq, state.status, text, reasoning, meta)

    def _anew(self, elapsed: float) -> Frame:
        """Another answer has taken the place of the one that was drawn."""
        state = self._state
        self._text, self._reasoning = _Place(state.text_log), _Place(state.reasoning_log)
        text, reasoning = self._text.advance(), self._reasoning.advance()
        meta = self._meta(elapsed, moving=True)
        return Frame(state.seq, state.status, text, reasoning, meta, anew=snapshot(state, elapsed))

    def _meta(self, elapsed: float, *, moving: bool) -> dict[str, Any] | None:
        """Sent when it changed, and once a second while text comes, for the live rate."""
        due = moving and elapsed - self._meta_at >= self._META_SECONDS
        if self._state.revision == self._revision and not due:
            return None
        self._revision, self._meta_at = self._state.revision, elapsed
        return meta_of(self._state, elapsed)
