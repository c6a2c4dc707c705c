"""The view protocol, and the frames sent to views.

A frame is a patch, never a repaint: the text added since the last frame and its offset, so that traffic
grows linearly with the answer. Its JSON form is what
`js/core/protocol.ts` describes.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal, Protocol

from nbstream.recording.growing_text import GrowingText
from nbstream.recording.sample_group import SampleGroup
from nbstream.recording.state import ReplyState, Status
from nbstream.types.events import ToolState
from nbstream.types.images import Citation
from nbstream.types.rendered import RenderedPrompt
from nbstream.views.beside import citation_rows, image_urls
from nbstream.views.shown_text import ShownText
from nbstream.views.snapshot import ReplyInfo, meta_of, prompt_row, snapshot, tool_rows

__all__ = ["Frame", "FrameMaker", "Patch", "ReplyCommands", "ToolPatch", "View"]


@dataclass(frozen=True, slots=True)
class Patch:
    """Text to append.

    Parameters
    ----------
    offset
        Length of the text before it, in UTF-16 units: what a JavaScript string counts.
    append
        The added text.
    """

    offset: int
    append: str


_WHOLE = ("at", "id", "name", "state", "result", "shown")


@dataclass(frozen=True, slots=True)
class ToolPatch:
    """The changes of one tool call.

    Parameters
    ----------
    at
        Index of the call in the answer.
    arguments
        Text added to its arguments (JSON text).
    id, name, state, result, shown
        The other fields, complete; see `nbstream.views.snapshot.tool_rows`.
    """

    at: int
    arguments: Patch
    id: str
    name: str
    state: ToolState
    result: str | None
    shown: list[tuple[str, str]] | None

    def as_message(self) -> dict[str, Any]:
        """The patch in the front end's format."""
        known = {name: getattr(self, name) for name in _WHOLE}
        return known | {"arguments": [self.arguments.offset, self.arguments.append]}


@dataclass(frozen=True, slots=True)
class Frame:
    """The changes since the last frame; None for unchanged fields.

    Parameters
    ----------
    seq
        Number of the state that the frame leads to.
    status
        Status of the reply.
    text, reasoning
        The added text.
    json
        The added JSON, where the text is that of the data in it.
    open
        Lines after the text, of a value that is still open; replaces the last ones.
    tools
        The changes of tool calls.
    meta
        All other fields of the reply, if any of them changed.
    images
        Previous number of images, and the URLs of the added ones.
    citations
        All sources, if any was added.
    prompt
        The filled prompt, once.
    snapshot
        The complete state, if another answer replaced the shown one: render it from scratch.
    """

    seq: int
    status: Status
    text: Patch | None = None
    reasoning: Patch | None = None
    tools: tuple[ToolPatch, ...] = ()
    meta: dict[str, Any] | None = None
    snapshot: dict[str, Any] | None = None
    images: tuple[int, list[str]] | None = None
    citations: list[dict[str, str]] | None = None
    prompt: dict[str, str] | None = None
    json: Patch | None = None
    open: str | None = None

    def as_message(self) -> dict[str, Any]:
        """The frame in the front end's format."""
        if self.snapshot is not None:
            return {"t": "snapshot", "state": self.snapshot}
        message: dict[str, Any] = {"t": "frame", "seq": self.seq, "status": self.status}
        if self.text is not None:
            message["text"] = [self.text.offset, self.text.append]
        if self.reasoning is not None:
            message["reasoning"] = [self.reasoning.offset, self.reasoning.append]
        if self.json is not None:
            message["json"] = [self.json.offset, self.json.append]
        if self.open is not None:
            message["open"] = self.open
        if self.tools:
            message["tools"] = [patch.as_message() for patch in self.tools]
        if self.meta is not None:
            message["meta"] = self.meta
        if self.images is not None:
            message["images"] = list(self.images)
        if self.citations is not None:
            message["citations"] = self.citations
        if self.prompt is not None:
            message["prompt"] = self.prompt
        return message


class Pages(Protocol):
    """The events of a reply, for the inspector."""

    def serve(self) -> None:
        """Let pages of the notebook ask the kernel for the rows."""

    def page(self, start: int, /) -> dict[str, Any]:
        """The rows from this one on, as JSON."""


class ReplyCommands(Protocol):
    """Commands of a view on its reply; thread-safe."""

    def inspect(self) -> Pages:
        """The data of the inspector."""

    def stop(self, by: Literal["user", "interrupt"] = "user") -> None:
        """Close the stream and keep the partial answer."""

    def approve(self, call: str, *, allow: bool = True) -> None:
        """Approve or refuse a waiting tool call; KeyError if none is waiting."""

    def rate(self, score: Literal[1, 0, -1], note: str = "") -> None:
        """Rate the complete answer; 0 removes the rating."""


class View(Protocol):
    """A view of one reply."""

    def open(self, state: ReplyState, elapsed: float, about: ReplyInfo) -> None:
        """Show the current state, `elapsed` seconds after the request."""

    def paint(self, frame: Frame) -> None:
        """Show the changes."""

    def prepare(self) -> bool:
        """Do a few milliseconds of the work of `close`; return True while more is left.

        Called repeatedly after the last frame, yielding to the event loop in between.
        """
        return False

    def close(self, state: ReplyState, about: ReplyInfo) -> None:
        """Write the final output: called once, after the last frame."""


class _Place:
    """The position of one reader in a growing text."""

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


class _Data:
    """How much of the data of an answer one reader has seen, besides their text."""

    def __init__(self, shown: ShownText) -> None:
        self._shown = shown
        self._json = _Place(shown.json or GrowingText())
        self._open = ""

    @property
    def is_replaced(self) -> bool:
        """Whether there is another JSON text than before."""
        json = self._shown.json
        return json is not None and json is not self._json.log

    def advance(self) -> tuple[Patch | None, str | None]:
        """The added JSON, and the open lines if they have changed."""
        json = None if self._shown.json is None else self._json.advance()
        before, self._open = self._open, self._shown.open
        return json, self._open if self._open != before else None


class _Calls:
    """The tool calls that one reader has seen, and their positions."""

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
        self._prompt: RenderedPrompt | None = None

    def images(self) -> tuple[int, list[str]] | None:
        """The added ones; None if there are none."""
        urls = image_urls(self._state) if self._state.images else []
        before, self._images = self._images, len(urls)
        return (before, urls[before:]) if len(urls) > before else None

    def citations(self) -> list[dict[str, str]] | None:
        """All of them; None if nothing changed."""
        before, self._citations = self._citations, self._state.citations
        return citation_rows(self._state) if self._citations != before else None

    def prompt(self) -> dict[str, str] | None:
        """The filled prompt; None if nothing changed."""
        before, self._prompt = self._prompt, self._state.prompt
        return prompt_row(self._state) if self._prompt is not before else None


def _units(text: str) -> int:
    """Length of a text in UTF-16 units, as in JavaScript."""
    return len(text) if text.isascii() else len(text.encode("utf-16-le")) // 2


class FrameMaker:
    """Creates the frames of one view: remembers what the view has received.

    Parameters
    ----------
    state
        The reply's state, as it grows.
    raised, group
        As of `nbstream.views.snapshot.ReplyInfo`.
    """

    _META_SECONDS = 1.0

    def __init__(self, state: ReplyState, *, raised: bool = False, group: SampleGroup | None = None) -> None:
        self._state = state
        self._raised = raised
        self._group = group
        self._shown = ShownText(state)
        self._text = _Place(self._shown.log)
        self._reasoning = _Place(state.reasoning_log)
        self._data = _Data(self._shown)
        self._calls = _Calls(state)
        self._beside = _Beside(state)
        self._revision = -1
        self._meta_at = 0.0

    def next(self, elapsed: float) -> Frame | None:
        """The changes since the last call, or None."""
        state, log = self._state, self._shown.log
        if self._text.log is not log or self._data.is_replaced:
            return self._anew(elapsed)
        text, reasoning = self._text.advance(), self._reasoning.advance()
        json, open_ = self._data.advance()
        moving = any(part is not None for part in (text, reasoning, json, open_))
        meta = self._meta(elapsed, moving=moving)
        if not moving and meta is None:
            return None
        tools = self._tools(meta)
        if meta is None:
            return Frame(state.seq, state.status, text, reasoning, json=json, open=open_)
        return Frame(
            state.seq,
            state.status,
            text,
            reasoning,
            tools,
            meta,
            images=self._beside.images(),
            citations=self._beside.citations(),
            prompt=self._beside.prompt(),
            json=json,
            open=open_,
        )

    def _anew(self, elapsed: float) -> Frame:
        """Another answer has replaced the shown one."""
        state = self._state
        self._text, self._reasoning = _Place(self._shown.log), _Place(state.reasoning_log)
        text, reasoning = self._text.advance(), self._reasoning.advance()
        self._data, self._calls, self._beside = _Data(self._shown), _Calls(state), _Beside(state)
        meta = self._meta(elapsed, moving=True)
        self._data.advance(), self._beside.images(), self._beside.citations(), self._beside.prompt()
        tools = self._calls.advance()
        whole = snapshot(state, elapsed, raised=self._raised, group=self._group)
        return Frame(state.seq, state.status, text, reasoning, tools, meta, snapshot=whole)

    def _tools(self, meta: dict[str, Any] | None) -> tuple[ToolPatch, ...]:
        """Calls change only together with fields other than the text."""
        return self._calls.advance() if meta is not None and self._state.tool_calls else ()

    def _meta(self, elapsed: float, *, moving: bool) -> dict[str, Any] | None:
        """Sent on changes, and once a second while text arrives, for the live rate."""
        due = moving and elapsed - self._meta_at >= self._META_SECONDS
        if self._state.revision == self._revision and not due:
            return None
        self._revision, self._meta_at = self._state.revision, elapsed
        return meta_of(self._state, elapsed, raised=self._raised, group=self._group)
