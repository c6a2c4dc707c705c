"""Where a reply is shown: the views that follow it, from the first frame to the output that stays."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from dataclasses import replace
from typing import Any

from nbstream.recording.recording import Recording
from nbstream.recording.reply_info import ReplyInfo
from nbstream.views import host
from nbstream.views.base import ReplyCommands, View
from nbstream.views.captured import drop_empty_value
from nbstream.views.markup import markdown
from nbstream.views.pacer import Pacer
from nbstream.views.snapshot import snapshot

__all__ = ["Showing"]

_log = logging.getLogger("nbstream")


class Showing:
    """The views of one reply; several may follow it at the same time.

    Parameters
    ----------
    commands
        The reply, as far as its reader may control it.
    recording
        The log and the state of the reply.
    about
        What else is known of the reply.
    """

    def __init__(self, commands: ReplyCommands, recording: Recording, about: ReplyInfo) -> None:
        self._commands = commands
        self._recording = recording
        self._state = recording.state
        self._about = about
        self._pacers: list[Pacer] = []
        self._execution: str | None = None

    @property
    def has_views(self) -> bool:
        """Whether a view has followed the reply."""
        return bool(self._pacers)

    def is_current(self) -> bool:
        """Whether the running cell has shown the reply already."""
        return self._execution is not None and self._execution == host.execution()

    def ends_with_the_cell(self) -> bool:
        """Whether output after the end of the cell is lost: a program runs it, or its output is captured."""
        return host.detect() == "headless" or host.is_captured()

    @staticmethod
    def is_live() -> bool:
        """Whether a page shows the output of the running cell."""
        return host.detect() == "live"

    @staticmethod
    def replace_value() -> None:
        """Prepare to be displayed instead of the value of the cell."""
        drop_empty_value()

    def open(self, *, awaited: bool = False) -> None:
        """Draw the reply as it arrives, on a view that fits the front end of the running cell.

        Parameters
        ----------
        awaited
            As of `Reply.show`.
        """
        self._execution = host.execution()
        self._commands.inspect().serve()
        view = host.open_view(self._commands, ended=self._ended, awaited=awaited)
        self.attach(view, raised=awaited)

    def attach(self, view: View, *, raised: bool = False) -> None:
        """Draw the reply as it arrives, on a view. Needs no event loop: the reply may start on one later.

        Parameters
        ----------
        view
            The view.
        raised
            Whether the cell raises its error, so that the view does not show it.
        """
        about = replace(self._about, raised=raised)
        pacer = Pacer(self._state, view, self._recording.clock, asyncio.get_running_loop, about)
        pacer.open()
        if self._ended:
            pacer.finish()
        else:
            self._pacers.append(pacer)
            self._recording.watch(pacer.poke, pacer.patience)
            self._recording.prepare_with(pacer.prepare)
            self._recording.settled.add_done_callback(lambda _: pacer.finish())

    def call_at_end(self, function: Callable[[], None]) -> None:
        """Call a function once the reply has ended and its views have shown the end."""
        self._recording.settled.add_done_callback(lambda _: function())

    def show_what_waits(self) -> None:
        """Show a reply that waits for approval: a cell that only awaits it would hang on an unseen prompt."""
        waits = any(call.state == "asking" for call in self._state.tool_calls.values())
        if not waits or self._pacers or host.execution() is None:
            return
        try:
            self.open()
        except Exception:
            _log.exception("A reply that waits for approval could not be shown.")

    def snapshot(self) -> dict[str, Any]:
        """The reply as JSON, for a live view."""
        return snapshot(self._state, self._recording.clock())

    def markdown(self) -> str:
        """The answer so far, as inert Markdown."""
        return markdown(self._state)

    @property
    def _ended(self) -> bool:
        return self._recording.settled.done()
