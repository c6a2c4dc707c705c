"""Text as it comes, for terminals: control characters neutralised, figures in one line at the end."""

from __future__ import annotations

import sys

from nbstream.state import ReplyState
from nbstream.views.base import Frame
from nbstream.views.markup import footer, remarks
from nbstream.views.snapshot import About

__all__ = ["TerminalView", "printable"]

_CONTROLS = {c: 0x2400 + c for c in range(0x20) if c not in (0x09, 0x0A)}
_CONTROLS[0x7F] = 0x2421
_HIDDEN = (*range(0x80, 0xA0), 0x061C, 0x200E, 0x200F, *range(0x202A, 0x202F), *range(0x2066, 0x206A))
_TABLE: dict[int, int | str] = {**_CONTROLS, 0x0D: "", **{c: f"[U+{c:04X}]" for c in _HIDDEN}}


def printable(text: str) -> str:
    r"""The text with control characters as visible symbols, so that it cannot drive the terminal.

    Examples
    --------
    >>> printable("\x1b[31mred")
    '␛[31mred'
    """
    return text.translate(_TABLE)


class TerminalView:
    """Writes to standard output."""

    def open(self, state: ReplyState, elapsed: float) -> None:
        """Write what is there already."""
        self._write(state.text)

    def paint(self, frame: Frame) -> None:
        """Write what was added."""
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
