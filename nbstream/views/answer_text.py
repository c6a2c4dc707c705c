"""The text of a reply as inert Markdown, built while it grows."""

from __future__ import annotations

from dataclasses import dataclass

from nbstream.recording.state import ReplyState
from nbstream.views.inert import GrowingMarkdown
from nbstream.views.shown_text import ShownText

__all__ = ["AnswerText", "EndedLines"]


@dataclass(frozen=True, slots=True)
class EndedLines:
    """Inert Markdown of the completed lines of a text.

    Parameters
    ----------
    at
        Number of lines before these.
    covers
        How many lines of the source text these and the earlier lines cover.
    lines
        The lines.
    """

    at: int
    covers: int
    lines: list[str]


class AnswerText:
    r"""Follows the text of one reply; starts again if another answer replaces it.

    Parameters
    ----------
    state
        The reply's state, as it grows.

    Examples
    --------
    >>> from nbstream.types.events import TextDelta
    >>> state = ReplyState()
    >>> text = AnswerText(state)
    >>> state.apply(TextDelta(0.1, "One <b>\n\nTwo"))
    >>> text.draft()
    'One &lt;b>\n\nTwo'
    >>> text.ended(0)
    EndedLines(at=0, covers=1, lines=['One &lt;b>'])
    """

    def __init__(self, state: ReplyState) -> None:
        self._shown = ShownText(state)
        self._log = self._told = self._shown.log
        self._place = 0
        self._markdown = GrowingMarkdown()

    def advance(self) -> bool:
        """Do a few milliseconds of work; return True while more is left."""
        self._take()
        return self._markdown.advance()

    def draft(self) -> str:
        """The text to show if the answer ended here."""
        self._take()
        return self._markdown.draft()

    def finish(self) -> str:
        """The text to show for the complete answer; clears the buffers."""
        self._take()
        text = self._markdown.finish()
        self._markdown = GrowingMarkdown()
        return text

    def ended(self, start: int) -> EndedLines:
        """The lines that later text cannot change, from line `start` on."""
        self._take()
        covers, lines = self._markdown.ended()
        at = start if self._log is self._told else 0
        self._told = self._log
        return EndedLines(at, covers, lines[at:])

    def _take(self) -> None:
        log = self._shown.log
        if self._log is not log:
            self._log, self._place, self._markdown = log, 0, GrowingMarkdown()
        self._markdown.add(self._log.since(self._place))
        self._place = len(self._log.parts)
