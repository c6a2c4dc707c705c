"""Text as it comes, for terminals: control characters neutralised, figures in one line at the end."""

from __future__ import annotations

import sys

from nbstream.state import ReplyState
from nbstream.views.base import Frame
from nbstream.views.inert.characters import visible
from nbstream.views.markup import footer, remarks
from nbstream.views.snapshot import About

__all__ = ["TerminalView", "printable"]


def printable(text: str) -> str:
    r"""The text with control characters as visible symbols, so that it cannot drive the terminal.

    Examples
    --------
    >>> printable("\x1b[31mred")
    '␛[31mred'
    """
    return visible(text.replace("\r", ""))  # not to "\n": a line end may be cut between two deltas


class TerminalView:
    """Writes to standard output."""

    def open(self, state: ReplyState, elapsed: float) -> None:
        """Write what is there already."""
        self._write(state.text)

    def paint(self, frame: Frame) -> None:
        """Write what was added."""
        if frame.anew is not None:
            self._write("\n[The connection broke. A fresh answer follows.]\n")
        if frame.text is not None:
            self._write(frame.text.append)

    def close(self, state: ReplyState, about: About) -> None:
        """Write remarks and figures."""
        lines = ["" if state.text.endswith("\n") or not state.text else "\n"]
        lines += [f"[{printable(line)}]\n" for line in remarks(state) if not _said_by_the_raise(state, line)]
        figures = footer(state)
        self._write("".join(lines) + (f"[{printable(figures)}]\n" if figures else ""), raw=True)

    @staticmethod
    def _write(text: str, *, raw: bool = False) -> None:
        sys.stdout.write(text if raw else printable(text))
        sys.stdout.flush()


def _said_by_the_raise(state: ReplyState, line: str) -> bool:
    """The error of a failed reply is raised after its output, and need not stand there twice."""
    return state.error is not None and line.startswith(type(state.error).__name__)
