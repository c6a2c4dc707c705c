"""The fields of an object as a nested Markdown list that means their texts and nothing else.

The view of our own front end draws it as a tree whose parts fold (`js/reply/Tree.tsx`).
"""

from __future__ import annotations

from nbstream.structured.answer import AnswerRow, StructuredAnswer
from nbstream.structured.table import cell_text
from nbstream.structured.tree import GrowingTree, Leaf, flattened
from nbstream.views.data_text import ERROR, OPEN, data_text

__all__ = ["TreeLines"]

_MOST_CHARS = 2000
_NAMELESS = '""'


class TreeLines:
    """The lines of a tree, each once its value is complete.

    Parameters
    ----------
    answer
        The object, as it arrives.
    """

    def __init__(self, answer: StructuredAnswer) -> None:
        self._answer = answer
        self._written: list[str] = []
        self._is_whole = False
        self._parts: list[str] = []
        self._read = 0  # of `_parts`
        self._tree = GrowingTree()

    def advance(self, *, ended: bool) -> list[str] | None:
        """The lines that were added; None if an earlier line has changed."""
        if self._answer.rows and (ended or not self._is_whole):
            self._is_whole = True
            lines = _whole(self._answer.rows[0])
            start = len(self._written)
            if lines[:start] != self._written:
                return None
            self._written = lines
            return lines[start:]
        return [] if self._answer.rows else self._grown()

    def open(self) -> list[str]:
        """The lines of the value that is still open."""
        lines = [] if self._answer.rows else [_line(leaf) for leaf in self._tree.open()]
        return [*lines[:-1], f"{lines[-1]}{OPEN}"] if lines else []

    def _grown(self) -> list[str] | None:
        parts = self._answer.open_parts
        if parts is not self._parts:
            if self._written:
                return None
            self._parts, self._read, self._tree = parts, 0, GrowingTree()
        self._tree.feed("".join(parts[self._read :]))
        self._read = len(parts)
        added = [_line(leaf) for leaf in self._tree.leaves[len(self._written) :]]
        self._written += added
        return added


def _whole(row: AnswerRow) -> list[str]:
    """The lines of the whole object, errors after the value of their field, others at the end."""
    errors: dict[str, str] = {}
    for field, message in row.errors:
        errors[field] = f"{errors[field]}; {message}" if field in errors else message
    data = row.data
    if isinstance(data, dict | list):
        lines = [_line(leaf, errors.pop(".".join(leaf.path), "")) for leaf in flattened(data)]
    else:
        lines = [f"- {data_text(cell_text(data, _MOST_CHARS))}"]
    rest = (f"{field}: {message}" if field else message for field, message in errors.items())
    return lines + [f"- {ERROR} {data_text(text)}" for text in rest]


def _line(leaf: Leaf, error: str = "") -> str:
    *above, name = leaf.path
    line = f"{'  ' * len(above)}- **{data_text(cell_text(name)) or _NAMELESS}**"
    if not leaf.is_branch:
        text = "null" if leaf.value is None else cell_text(leaf.value, _MOST_CHARS)
        line = f"{line}: {data_text(text)}".rstrip()
    return f"{line} {ERROR} ({data_text(error)})" if error else line
