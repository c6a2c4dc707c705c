"""The live view: an anywidget that draws the answer while it streams, and gives way to the saved output.

Python is the only writer of its state. The synced trait `snapshot` is made when a front end asks for it (a
view that opens late, a second view, a reload) and is never broadcast; live text travels as custom messages,
one frame each. The front end sends only commands, and only as custom messages: a change of a synced trait
made in a busy cell would wedge the model for good (ipykernel 7.4 sends no idle status for it).
"""

from __future__ import annotations

import asyncio
import re
import time
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

import anywidget
import traitlets
from IPython.display import DisplayHandle, display

from nbstream.state import ReplyState
from nbstream.views.assets import STATIC, send_asset
from nbstream.views.base import Frame
from nbstream.views.snapshot import About, snapshot
from nbstream.views.static import bundle

__all__ = ["ReplyWidget", "WidgetView"]

_WIDGET_MIMETYPE = "application/vnd.jupyter.widget-view+json"


class ReplyWidget(anywidget.AnyWidget):
    """The front end's model of one reply.

    Parameters
    ----------
    current
        Gives the reply's snapshot at any moment.
    kernel_id
        Id of the kernel to interrupt when it does not hear a Stop; empty to never interrupt.
    """

    _esm = STATIC / "widget.js"
    _css = STATIC / "widget.css"
    snapshot = traitlets.Dict().tag(sync=True)
    kernel_id = traitlets.Unicode().tag(sync=True)

    def __init__(self, current: Callable[[], dict[str, Any]], kernel_id: str = "") -> None:
        self._current = current
        super().__init__(snapshot=current(), kernel_id=kernel_id)

    def get_state(self, key: Any = None, drop_defaults: bool = False) -> Any:
        """State for a front end that asks; the snapshot is made now, so that it is never stale."""
        self._trait_values["snapshot"] = self._current()
        return super().get_state(key, drop_defaults)


class WidgetView:
    """Shows one reply live in a notebook.

    Parameters
    ----------
    stop
        Called when the reader presses Stop.
    page
        Gives the inspector the reply's events from the given row on, as JSON.
    interruptible
        Whether interrupting the kernel would stop this reply and nothing else.
    """

    def __init__(
        self,
        stop: Callable[[], None],
        page: Callable[[int], dict[str, Any]],
        *,
        interruptible: bool = False,
    ) -> None:
        self._stop = stop
        self._page = page
        self._kernel_id = kernel_id() if interruptible else ""
        self._loop = asyncio.get_running_loop()
        self._closed = False

    def open(self, state: ReplyState, elapsed: float) -> None:
        """Display the widget; its output will later become the saved one."""
        began = time.perf_counter() - elapsed
        self._state = state
        self._widget = ReplyWidget(lambda: snapshot(state, time.perf_counter() - began), self._kernel_id)
        self._widget.on_msg(self._receive)
        view = {"version_major": 2, "version_minor": 1, "model_id": self._widget.model_id}
        self._handle: DisplayHandle = display({_WIDGET_MIMETYPE: view}, raw=True, display_id=True)

    def paint(self, frame: Frame) -> None:
        """Send what changed."""
        self._widget.send(frame.as_message())

    def close(self, state: ReplyState, about: About) -> None:
        """Replace the widget by the saved output, in place.

        The widget lives on until its view says that it is gone: after a reload in mid-stream the
        replacement does not reach the document, and closing would blank the output.
        """
        self._closed = True
        self._widget.send_state("snapshot")
        data, metadata = bundle(state, about)
        self._handle.update(data, metadata=metadata, raw=True)

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
            self._stop()
        elif command == "resync":
            self._widget.send({"t": "snapshot", "state": self._widget.get_state("snapshot")["snapshot"]})
        elif command == "asset":
            send_asset(self._widget, content)
        elif command == "inspect":
            self._widget.send({"t": "inspected", "page": self._page(int(content["from"]))})
        elif command == "gone" and self._closed:
            self._widget.close()


@cache
def kernel_id() -> str:
    """Id of this kernel on its server, by which the front end can interrupt it; empty where unknown."""
    from ipykernel.connect import get_connection_file

    try:
        found = re.search(r"kernel-(.+)\.json$", Path(get_connection_file()).name)
    except RuntimeError:
        return ""
    return found[1] if found else ""
