"""Text that is made inert while it grows, so that little is left to do when it is complete."""

from __future__ import annotations

from nbstream.views.inert.blocks import Document
from nbstream.views.inert.characters import visible

__all__ = ["STEP", "GrowingMarkdown"]

STEP = 1 << 14
"""So many characters are written in about two milliseconds."""


class GrowingMarkdown:
    r"""Inert Markdown of a text that comes in pieces; the same as of the whole text at once.

    Parameters
    ----------
    step
        How many characters are written at once; all steps together take time in proportion to the text.

    Examples
    --------
    >>> growing = GrowingMarkdown()
    >>> growing.add("Hi <script>al")
    >>> growing.add("ert(1)</script>\n\nBye")
    >>> growing.advance()
    False
    >>> growing.finish()
    'Hi &lt;script>alert(1)&lt;/script>\n\nBye'
    """

    def __init__(self, step: int = STEP) -> None:
        self._step = step
        self._document = Document()
        self._pending: list[str] = []
        self._size = 0

    def add(self, text: str) -> None:
        """Take more text."""
        self._pending.append(text)
        self._size += len(text)

    def advance(self) -> bool:
        """Write a step of what has ended; True while there is another."""
        if self._size >= self._step:
            self._write_ended("".join(self._pending))
        return self._size >= self._step

    def ended(self) -> tuple[int, list[str]]:
        """The number of lines that no later text can change, and what is to be shown of them."""
        while self.advance():
            pass
        self._write_ended("".join(self._pending))
        return self._document.ended

    def draft(self) -> str:
        """What would be shown if the text ended here."""
        self.ended()
        return "\n".join(self._document.draft(visible("".join(self._pending)).split("\n")))

    def finish(self) -> str:
        """Take the end of the text, and return the text to show."""
        self._document.add(visible("".join(self._pending)).split("\n"))
        return "\n".join(self._document.write())

    def _write_ended(self, text: str) -> None:
        end = text.rfind("\n", 0, self._step) + 1 or text.rfind("\n") + 1
        self._pending = [text[end:]]
        # An incomplete line is processed again after the next step.
        self._size = len(text) - end if end else 0
        self._document.add(visible(text[:end]).split("\n")[:-1])
        self._document.write_ended()
