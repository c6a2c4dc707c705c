"""The text that a view shows of a reply: its own, or that of the data in it.

It only grows at its end while data arrive, so that a view is sent each row once.
"""

from __future__ import annotations

from nbstream.recording.growing_text import GrowingText
from nbstream.recording.state import ReplyState
from nbstream.structured.answer import StructuredAnswer
from nbstream.views.table_text import TableLines
from nbstream.views.tree_text import TreeLines

__all__ = ["ShownText", "shown_text"]


class ShownText:
    """The text that a view shows of a reply: its own, or the table or tree of one whose JSON is not shown.

    Parameters
    ----------
    state
        The reply's state, as it grows.
    """

    def __init__(self, state: ReplyState) -> None:
        self._state = state
        self._text = GrowingText()
        self._lines: TableLines | TreeLines | None = None

    @property
    def log(self) -> GrowingText:
        """The text so far; another object where it was replaced."""
        answer = self._answer
        if answer is None:
            return self._state.text_log
        lines = self._lines or self._begin(answer)
        added = lines.advance(ended=self._state.ended)
        if added is None:  # a row was corrected
            added = self._begin(answer).advance(ended=self._state.ended) or []
        if added:
            self._text.parts.append(("\n" if self._text.parts else "") + "\n".join(added))
        return self._text

    @property
    def open(self) -> str:
        """Lines after the text, of a value that is still open."""
        if self._lines is None or self._answer is None or self._state.ended:
            return ""
        return "\n".join(self._lines.open())

    @property
    def json(self) -> GrowingText | None:
        """The reply's own text, where another one is shown."""
        return None if self._answer is None else self._state.text_log

    @property
    def is_tree(self) -> bool:
        """Whether the text is the tree of an object."""
        return self._answer is not None and not self._answer.structure.has_rows

    @property
    def _answer(self) -> StructuredAnswer | None:
        """The data; None if the text itself is shown, because it was asked for or has no JSON."""
        answer = self._state.structured
        is_shown = answer is not None and (
            bool(answer.rows) if self._state.ended else not self._state.text_is_shown
        )
        return answer if is_shown else None

    def _begin(self, answer: StructuredAnswer) -> TableLines | TreeLines:
        self._text = GrowingText()
        self._lines = TableLines(answer) if answer.structure.has_rows else TreeLines(answer)
        return self._lines


def shown_text(state: ReplyState) -> str:
    """What a view shows of a reply so far.

    Examples
    --------
    >>> from nbstream.structured.structure import Structure
    >>> from nbstream.types.events import SchemaRequested, TextDelta
    >>> state = ReplyState()
    >>> state.apply(SchemaRequested(0.0, "json_schema", Structure.of(list[dict[str, int]])))
    >>> state.apply(TextDelta(0.1, '[{"a": 1}, {"a"'))
    >>> print(shown_text(state))
    | row | a |
    | ---: | --- |
    | 0 | 1 |
    """
    return str(ShownText(state).log)
