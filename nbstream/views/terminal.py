"""Streams text to terminals: control characters neutralised, figures in one line at the end."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Mapping
from typing import Any

from nbstream.recording.state import ReplyState
from nbstream.views.base import Frame, ReplyCommands, View
from nbstream.views.beside_text import plain_lines, sent_lines
from nbstream.views.call_text import block
from nbstream.views.figures import footer
from nbstream.views.inert.characters import visible
from nbstream.views.markup import call_line, remarks
from nbstream.views.question import confirm
from nbstream.views.shown_text import shown_text
from nbstream.views.snapshot import ReplyInfo, found_server, tool_rows
from nbstream.views.text_lines import as_seen

__all__ = ["TerminalView", "printable"]

_BROKEN = "[The connection broke. A new answer follows.]"
_CORRECTED = "[The data as they were validated:]"


def printable(text: str) -> str:
    r"""The text with control characters as visible symbols, so that it cannot drive the terminal.

    Examples
    --------
    >>> printable("\x1b[31mred")
    '␛[31mred'
    """
    return visible(text.replace("\r", ""))  # not to "\n": a line end may be split between two deltas


class TerminalView(View):
    """Writes to standard output, and asks for approval of tool calls.

    Parameters
    ----------
    commands
        Commands on the reply.
    asks
        Whether a user at the terminal can be asked while the reply streams.
    """

    def __init__(self, commands: ReplyCommands, *, asks: bool) -> None:
        self._commands = commands
        self._asks = asks

    def open(self, state: ReplyState, elapsed: float, about: ReplyInfo) -> None:
        """Write the existing text."""
        self._state = state
        self._told: dict[int, str] = {}
        self._found = ""
        self._loading = ""
        self._tell_server()
        self._tell_loading()
        self._tell_calls()
        self._write_shown(shown_text(state))

    def paint(self, frame: Frame) -> None:
        """Write what was added."""
        self._tell_server()
        self._tell_loading()
        if frame.snapshot is not None:
            data = "json" in frame.snapshot
            self._write(f"\n{_CORRECTED if data else _BROKEN}\n")
        if frame.text is not None:
            self._write_shown(frame.text.append)
        if frame.tools:
            self._tell_calls()

    def close(self, state: ReplyState, about: ReplyInfo) -> None:
        """Write remarks and figures."""
        self._tell_calls()
        lines = ["" if state.text.endswith("\n") or not state.text else "\n"]
        lines += [f"{printable(line)}\n" for line in plain_lines(state)]
        left = [line for line in remarks(state, raised=about.raised) if line != self._found]
        left += sent_lines(state, about.attachments)
        lines += [f"[{printable(line)}]\n" for line in left]
        figures = footer(state)
        self._write("".join(lines) + (f"[{printable(figures)}]\n" if figures else ""), raw=True)

    def _tell_server(self) -> None:
        """Write once, before the answer, the name of a discovered server."""
        if not self._found and (found := found_server(self._state)):
            self._found = found
            self._write(f"[{found}]\n\n")

    def _tell_loading(self) -> None:
        """Write once that a local model is being loaded."""
        route = self._state.route
        if route and route.loading and not self._loading and self._state.status == "submitted":
            self._loading = route.loading
            self._write(f"[Loading {route.loading} on this machine…]\n\n")

    def _tell_calls(self) -> None:
        """Write the outcome of each tool call, and ask about waiting ones."""
        for at, row in enumerate(tool_rows(self._state)):
            if self._told.get(at) == row["state"] or row["state"] in {"writing", "running"}:
                continue
            self._told[at] = row["state"]
            if row["state"] != "asking":
                self._write(f"\n[{call_line(row)}]\n")
            elif self._asks:
                asyncio.get_running_loop().call_soon(self._ask, row)
            else:
                self._write(f"\n[{_call(row)}\nwaits for .approve({row['id']!r}) of its reply.]\n")

    def _ask(self, row: dict[str, Any]) -> None:
        try:
            allow = confirm(f"\nThe model asks to run {_call(row)}")
        except KeyboardInterrupt:
            self._commands.stop(by="interrupt")
        else:
            self._commands.approve(row["id"], allow=allow)

    def _write_shown(self, text: str) -> None:
        """Write a part of the text; data are Markdown with references, which a terminal does not resolve."""
        self._write(text if self._state.structured is None else as_seen(text))

    @staticmethod
    def _write(text: str, *, raw: bool = False) -> None:
        sys.stdout.write(text if raw else printable(text))
        sys.stdout.flush()


def _call(row: Mapping[str, Any]) -> str:
    return block(row["name"], row["shown"] or [])
