"""The live view: an anywidget that renders the answer while it streams, then is replaced by the saved output.

Python is the only writer of its state. The synced trait `snapshot` is made when a front end asks for it (a
view that opens late, a second view, a reload) and is never broadcast; live text travels as custom messages,
one frame each. The front end sends only commands, and only as custom messages: a change of a synced trait
made in a busy cell would wedge the model for good (ipykernel 7.4 sends no idle status for it).
"""

from __future__ import annotations

import contextlib
import re
import time
from collections.abc import Mapping, Sequence
from dataclasses import asdict, replace
from functools import cache
from pathlib import Path
from typing import Any

from IPython.display import DisplayHandle, display

from nbstream._util.browser import IN_BROWSER
from nbstream.protocol.command import Command, Result
from nbstream.protocol.dispatch import Handlers
from nbstream.recording.state import ReplyState
from nbstream.views.answer_text import AnswerText
from nbstream.views.base import Frame, ReplyCommands, View
from nbstream.views.displayed import note_displayed
from nbstream.views.front_end import FrontEnd
from nbstream.views.kept_widget import KeptWidget
from nbstream.views.place import Place
from nbstream.views.refreshing import Refresher
from nbstream.views.snapshot import ReplyInfo, snapshot
from nbstream.views.static import bundle

__all__ = ["WIDGET_MIMETYPE", "ReplyWidget", "WidgetView", "kernel_id"]

WIDGET_MIMETYPE = "application/vnd.jupyter.widget-view+json"

# A page without our extension redraws the view with each update of its output.
REFRESH_SECONDS = 4.0
REFRESH_GROWTH = 2.0
KEPT_SECONDS = 1.0


class ReplyWidget(KeptWidget):
    """The front end's model of one reply."""

    front_end = FrontEnd("widget")


class WidgetView(View):
    """Shows one reply live in a notebook.

    Besides the widget, its output holds the partial answer as text. A page with our extension keeps it up to
    date (`js/labextension/keeping`); for other pages the kernel does, at increasing intervals.

    Parameters
    ----------
    commands
        Commands on the reply.
    awaited
        Whether the running cell waits for this reply: then interrupting the kernel stops it and nothing else.
    place
        Where it is displayed.
    """

    def __init__(self, commands: ReplyCommands, *, awaited: bool = False, place: Place | None = None) -> None:
        self._commands = commands
        self._place = place or Place()
        self._kernel_id = kernel_id() if awaited else ""
        self._closed = False
        self._kept_lines = 0

    def open(self, state: ReplyState, elapsed: float, about: ReplyInfo) -> None:
        """Display the widget with the existing text; its output will later become the saved one."""
        began = time.perf_counter() - elapsed
        self._state, self._about = state, about
        self._text = AnswerText(state)
        self._widget = ReplyWidget(
            lambda: snapshot(
                state,
                time.perf_counter() - began,
                raised=about.raised,
                attachments=about.attachments,
                group=about.group,
            ),
            state.id,
            self._place,
            self._kernel_id,
            self._handlers,
        )
        self._view = {"version_major": 2, "version_minor": 1, "model_id": self._widget.model_id}
        data, metadata = bundle(state, about)
        self._handle: DisplayHandle = display(
            {WIDGET_MIMETYPE: self._view} | data, metadata=metadata, raw=True, display_id=True
        )
        self._refresher = Refresher(self._show_unfinished, REFRESH_SECONDS, REFRESH_GROWTH)

    def paint(self, frame: Frame) -> None:
        """Send the changes."""
        self._widget.send(frame.as_message())
        self._refresher.changed()
        self.prepare()

    def close(self, state: ReplyState, about: ReplyInfo) -> None:
        """Replace the widget by the saved output, in place.

        The widget exists until its page closes it: after a reload in mid-stream the replacement
        does not reach the document, and the page requests it.
        """
        self._closed = True
        self._refresher.stop()
        data, metadata = bundle(state, about, self._text.finish())
        self._handle.update(data, metadata=metadata, raw=True)
        note_displayed(state, self._handle, self._place, raised=about.raised)

    def keep_others(self, others: Sequence[Mapping[str, Any]]) -> None:
        """Save other versions with the unfinished answer, and count them: `others` as of `ReplyInfo`."""
        if not self._closed:
            self._about = replace(self._about, others=others)
            self._send_snapshot()
            self._show_unfinished()

    def prepare(self) -> bool:
        """Make a part of the text inert: doing all of a long answer at the end would block the loop."""
        return self._text.advance()

    def _show_unfinished(self) -> None:
        data, metadata = bundle(self._state, self._about, self._text.draft())
        self._handle.update({WIDGET_MIMETYPE: self._view} | data, metadata=metadata, raw=True)

    def _keep(self) -> None:
        """From now on the page writes the output, using the text prepared here."""
        self._refresher.stop()
        if not self._closed:
            self._kept_lines = 0
            self._tell_lines()
            self._refresher = Refresher(self._tell_lines, KEPT_SECONDS)

    def _tell_lines(self) -> None:
        ended = self._text.ended(self._kept_lines)
        self._kept_lines = ended.at + len(ended.lines)
        self._widget.send({"t": "inert", **asdict(ended)})

    @property
    def _handlers(self) -> Handlers:
        return {
            "stop": lambda _: self._commands.stop(),
            "approve": self._approve,
            "rate": self._rate,
            "resync": lambda _: self._send_snapshot(),
            "inspect": self._inspect,
            "keep": lambda _: self._keep(),
            "output": lambda _: self._output(),
            "gone": lambda _: self._leave(),
        }

    def _approve(self, command: Command) -> None:
        """A second decision on a call, from another view or an impatient reader, changes nothing."""
        with contextlib.suppress(KeyError):
            self._commands.approve(command.text("call"), allow=command.flag("allow"))

    def _rate(self, command: Command) -> None:
        self._commands.rate(command.score("score"), command.text("note"))
        self._send_snapshot()

    def _send_snapshot(self) -> None:
        self._widget.send({"t": "snapshot", "state": self._widget.get_state("snapshot")["snapshot"]})

    def _inspect(self, command: Command) -> Result:
        return Result(self._commands.inspect().page(command.integer("from")))

    def _output(self) -> Result:
        data, metadata = bundle(self._state, self._about)
        return Result({"data": data, "metadata": metadata})

    def _leave(self) -> None:
        """No view is left. The widget closes after the answer, which needs its comm."""
        if self._closed:
            self._widget.home.run(self._widget.close)


@cache
def kernel_id() -> str:
    """Id of this kernel on its server, used by the front end to interrupt it; empty if unknown."""
    if IN_BROWSER:  # JupyterLite has neither a server nor a connection file
        return ""
    from ipykernel.connect import get_connection_file

    try:
        found = re.search(r"kernel-(.+)\.json$", Path(get_connection_file()).name)
    except RuntimeError:
        return ""
    return found[1] if found else ""
