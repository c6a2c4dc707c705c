"""What a view is, and the frames that it is given.

A frame is a patch, never a repaint: the text that was added since the last frame and where it goes, so that
what is sent grows with the answer and not with its square. Its JSON form is what
`js/core/protocol.ts` describes.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal, Protocol

from nbstream.record.growing_text import GrowingText
from nbstream.record.state import ReplyState, Status
from nbstream.types.events import ToolState
from nbstream.types.images import Citation
from nbstream.views.beside import citation_rows, image_urls
from nbstream.views.snapshot import About, meta_of, snapshot, tool_rows

__all__ = ["Controls", "Frame", "FrameMaker", "Patch", "ToolPatch", "View"]


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


_WHOLE = ("at", "id", "name", "state", "result", "shown")


@dataclass(frozen=True, slots=True)
class ToolPatch:
    """What changed in one call of a tool.

    Parameters
    ----------
    at
        Its place among the calls of the answer.
    arguments
        What was added to its arguments, which are JSON text.
    id, name, state, result, shown
        All else about it, whole; see `nbstream.views.snapshot.tool_rows`.
    """

    at: int
    arguments: Patch
    id: str
    name: str
    state: ToolState
    result: str | None
    shown: list[tuple[str, str]] | None

    def as_message(self) -> dict[str, Any]:
        """The patch as the front end takes it."""
        known = {name: getattr(self, name) for name in _WHOLE}
        return known | {"arguments": [self.arguments.offset, self.arguments.append]}


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
    tools
        What changed in the calls of tools.
    meta
        Everything else about the reply, whole, where any of it changed.
    images
        How many images there were before, and the addresses of those that were added.
    citations
        All sources, where any was added.
    anew
        The whole state, where another answer took the place of what was drawn: draw it from nothing.
    """

    seq: int
    status: Status
    text: Patch | None = None
    reasoning: Patch | None = None
    tools: tuple[ToolPatch, ...] = ()
    meta: dict[str, Any] | None = None
    anew: dict[str, Any] | None = None
    images: tuple[int, list[str]] | None = None
    citations: list[dict[str, str]] | None = None

    def as_message(self) -> dict[str, Any]:
        """The frame as the front end takes it."""
        if self.anew is not None:
            return {"t": "snapshot", "state": self.anew}
        message: dict[str, Any] = {"t": "frame", "seq": self.seq, "status": self.status}
        if self.text is not None:
            message["text"] = [self.text.offset, self.text.append]
        if self.reasoning is not None:
            message["reasoning"] = [self.reasoning.offset, self.reasoning.append]
        if self.tools:
            message["tools"] = [patch.as_message() for patch in self.tools]
        if self.meta is not None:
            message["meta"] = self.meta
        if self.images is not None:
            message["images"] = list(self.images)
        if self.citations is not None:
            message["citations"] = self.citations
        return message


class Pages(Protocol):
    """The events of a reply, for the inspector."""

    def serve(self) -> None:
        """Let pages of the notebook ask the kernel for the rows."""

    def page(self, start: int, /) -> dict[str, Any]:
        """The rows from that one on, as JSON."""


class Controls(Protocol):
    """What a reader may order of a reply through its view; safe to call from any thread."""

    def inspect(self) -> Pages:
        """What the inspector shows."""

    def stop(self, by: Literal["user", "interrupt"] = "user") -> None:
        """Close the stream and keep what has arrived."""

    def approve(self, call: str, *, allow: bool = True) -> None:
        """Let a call of a tool that waits for approval run, or refuse it; KeyError where none waits."""


class View(Protocol):
    """Something that draws one reply."""

    def open(self, state: ReplyState, elapsed: float, about: About) -> None:
        """Appear, showing the state as it is now, `elapsed` seconds after the request."""

    def paint(self, frame: Frame) -> None:
        """Draw what changed."""

    def prepare(self) -> bool:
        """Do a few milliseconds of what `close` will take; True while more is left.

        Called after the last frame, again and again, with turns of the event loop in between.
        """
        return False

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
        self._units += _units(added)
        return patch


class _Calls:
    """Which calls of tools one reader has seen, and how far."""

    def __init__(self, state: ReplyState) -> None:
        self._state = state
        self._seen: list[dict[str, Any]] = []

    def advance(self) -> tuple[ToolPatch, ...]:
        rows = tool_rows(self._state)
        before = [*self._seen, *({"arguments": ""} for _ in rows[len(self._seen) :])]
        self._seen = rows
        return tuple(
            self._patch(at, old["arguments"], row)
            for at, (old, row) in enumerate(zip(before, rows, strict=True))
            if old != row
        )

    @staticmethod
    def _patch(at: int, before: str, row: dict[str, Any]) -> ToolPatch:
        added = Patch(_units(before), row["arguments"][len(before) :])
        return ToolPatch(at, added, row["id"], row["name"], row["state"], row["result"], row["shown"])


class _Beside:
    """How many of the images and sources one reader has seen."""

    def __init__(self, state: ReplyState) -> None:
        self._state = state
        self._images = 0
        self._citations: tuple[Citation, ...] = ()

    def images(self) -> tuple[int, list[str]] | None:
        """Those that were added; None where none was."""
        urls = image_urls(self._state) if self._state.images else []
        before, self._images = self._images, len(urls)
        return (before, urls[before:]) if len(urls) > before else None

    def citations(self) -> list[dict[str, str]] | None:
        """All of them; None where nothing changed."""
        before, self._citations = self._citations, self._state.citations
        return citation_rows(self._state) if self._citations != before else None


def _units(text: str) -> int:
    """Length of a text as JavaScript counts it."""
    return len(text) if text.isascii() else len(text.encode("utf-16-le")) // 2


class FrameMaker:
    """Makes the frames of one view: remembers what the view has seen.

    Parameters
    ----------
    state
        The reply's state, as it grows.
    raised
        As of `nbstream.views.snapshot.About`.
    """

    _META_SECONDS = 1.0

    def __init__(self, state: ReplyState, *, raised: bool = False) -> None:
        self._state = state
        self._raised = raised
        self._text = _Place(state.text_log)
        self._reasoning = _Place(state.reasoning_log)
        self._calls = _Calls(state)
        self._beside = _Beside(state)
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
        tools = self._tools(meta)
        if meta is None:
            return Frame(state.seq, state.status, text, reasoning)
        images, citations = self._beside.images(), self._beside.citations()
        return Frame(
            state.seq, state.status, text, reasoning, tools, meta, images=images, citations=citations
        )

    def _anew(self, elapsed: float) -> Frame:
        """Another answer has taken the place of the one that was drawn."""
        state = self._state
        self._text, self._reasoning = _Place(state.text_log), _Place(state.reasoning_log)
        text, reasoning = self._text.advance(), self._reasoning.advance()
        self._calls, self._beside = _Calls(state), _Beside(state)
        meta = self._meta(elapsed, moving=True)
        self._beside.images(), self._beside.citations()
        tools = self._calls.advance()
        whole = snapshot(state, elapsed, raised=self._raised)
        return Frame(state.seq, state.status, text, reasoning, tools, meta, anew=whole)

    def _tools(self, meta: dict[str, Any] | None) -> tuple[ToolPatch, ...]:
        """Calls change only where everything but the text does."""
        return self._calls.advance() if meta is not None and self._state.tool_calls else ()

    def _meta(self, elapsed: float, *, moving: bool) -> dict[str, Any] | None:
        """Sent when it changed, and once a second while text comes, for the live rate."""
        due = moving and elapsed - self._meta_at >= self._META_SECONDS
        if self._state.revision == self._revision and not due:
            return None
        self._revision, self._meta_at = self._state.revision, elapsed
        return meta_of(self._state, elapsed, raised=self._raised)
