"""The live view: an anywidget that draws the answer while it streams, and gives way to the saved output.

Python is the only writer of its state. The synced trait `snapshot` is made when a front end asks for it (a
view that opens late, a second view, a reload) and is never broadcast; live text travels as custom messages,
one frame each. The front end sends only commands, and only as custom messages: a change of a synced trait
made in a busy cell would wedge the model for good (ipykernel 7.4 sends no idle status for it).
"""

from __future__ import annotations

import asyncio
import contextlib
import re
import time
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

import traitlets
from IPython.display import DisplayHandle, display

from nbstream.growing_text import GrowingText
from nbstream.state import ReplyState
from nbstream.views.base import Controls, Frame, View
from nbstream.views.front_end import FrontEnd, FrontEndWidget
from nbstream.views.inert import GrowingMarkdown
from nbstream.views.snapshot import About, snapshot
from nbstream.views.static import bundle

__all__ = ["WIDGET_MIMETYPE", "ReplyWidget", "WidgetView", "kernel_id"]

WIDGET_MIMETYPE = "application/vnd.jupyter.widget-view+json"


class ReplyWidget(FrontEndWidget):
    """The front end's model of one reply.

    Parameters
    ----------
    current
        Gives the reply's snapshot at any moment.
    kernel_id
        Id of the kernel to interrupt when it does not hear a Stop; empty to never interrupt.
    page
        The page that it is for, as `host.page` tells it.
    """

    front_end = FrontEnd("widget")
    snapshot = traitlets.Dict().tag(sync=True)
    kernel_id = traitlets.Unicode().tag(sync=True)
    layout = None  # no second widget, with a comm of its own, which nothing would ever close

    def __init__(
        self, current: Callable[[], dict[str, Any]], kernel_id: str = "", page: str | None = None
    ) -> None:
        self._current = current
        super().__init__(page=page, snapshot=current(), kernel_id=kernel_id)

    def get_state(self, key: Any = None, drop_defaults: bool = False) -> Any:
        """State for a front end that asks; the snapshot is made now, so that it is never stale."""
        self._trait_values["snapshot"] = self._current()
        return super().get_state(key, drop_defaults)


class WidgetView(View):
    """Shows one reply live in a notebook.

    Parameters
    ----------
    controls
        What is ordered of the reply by its reader.
    awaited
        Whether the running cell waits for this reply: interrupting the kernel would stop it and nothing else,
        and its error is raised by the cell.
    page
        The page that shows it, as `host.page` tells it.
    """

    def __init__(self, controls: Controls, *, awaited: bool = False, page: str | None = None) -> None:
        self._controls = controls
        self._page = page
        self._raised = awaited
        self._kernel_id = kernel_id() if awaited else ""
        self._loop = asyncio.get_running_loop()
        self._closed = False
        self._log: GrowingText | None = None
        self._place = 0
        self._inert = GrowingMarkdown()

    def open(self, state: ReplyState, elapsed: float) -> None:
        """Display the widget; its output will later become the saved one."""
        began = time.perf_counter() - elapsed
        self._state = state
        self._widget = ReplyWidget(
            lambda: snapshot(state, time.perf_counter() - began, raised=self._raised),
            self._kernel_id,
            self._page,
        )
        self._widget.on_msg(self._receive)
        view = {"version_major": 2, "version_minor": 1, "model_id": self._widget.model_id}
        self._handle: DisplayHandle = display({WIDGET_MIMETYPE: view}, raw=True, display_id=True)

    def paint(self, frame: Frame) -> None:
        """Send what changed."""
        self._widget.send(frame.as_message())
        self.prepare()

    def close(self, state: ReplyState, about: About) -> None:
        """Replace the widget by the saved output, in place.

        The widget lives on until its view says that it is gone: after a reload in mid-stream the
        replacement does not reach the document, and closing would blank the output.
        """
        self._closed = True
        self._take_text()
        # A reply keeps its views: what a view has made of the text goes.
        text, self._inert = self._inert.finish(), GrowingMarkdown()
        data, metadata = bundle(state, about, text)
        self._handle.update(data, metadata=metadata, raw=True)

    def prepare(self) -> bool:
        """Make a part of the text inert: all of a long answer at its end would hold the loop."""
        self._take_text()
        return self._inert.advance()

    def _take_text(self) -> None:
        log = self._state.text_log
        if log is not self._log:
            self._log, self._place, self._inert = log, 0, GrowingMarkdown()
        self._inert.add(log.since(self._place))
        self._place = len(log.parts)

    def _receive(self, _widget: object, content: dict[str, Any], _buffers: object) -> None:
        """Take a command, in whichever thread the kernel delivers it; it acts on the stream's own loop."""
        try:
            self._loop.call_soon_threadsafe(self._obey, content)
        except RuntimeError:
            self._obey(content)

    def _obey(self, content: dict[str, Any]) -> None:
        command = content.get("t")
        if command == "stop":
            self._widget.send({"t": "ack", "of": "stop"})
            self._controls.stop()
        elif command == "approve":
            self._decide(str(content.get("call")), allow=content.get("allow") is True)
        elif command == "resync":
            self._widget.send({"t": "snapshot", "state": self._widget.get_state("snapshot")["snapshot"]})
        elif command == "inspect":
            page = self._controls.inspect().page(int(content["from"]))
            self._widget.send({"t": "inspected", "page": page})
        elif command == "gone":
            if self._closed:
                self._widget.close()
        else:
            self._widget.serve(content)

    def _decide(self, call: str, *, allow: bool) -> None:
        """A second word on a call, from another view or an impatient reader, is heard and changes nothing."""
        self._widget.send({"t": "ack", "of": "approve", "call": call})
        with contextlib.suppress(KeyError):
            self._controls.approve(call, allow=allow)


@cache
def kernel_id() -> str:
    """Id of this kernel on its server, by which the front end can interrupt it; empty where unknown."""
    from ipykernel.connect import get_connection_file

    try:
        found = re.search(r"kernel-(.+)\.json$", Path(get_connection_file()).name)
    except RuntimeError:
        return ""
    return found[1] if found else ""
