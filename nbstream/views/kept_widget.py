"""A widget whose output the page keeps up to date: `js/labextension/keeping`.

While the kernel changes it, the page writes what it has of it into its notebook. After a reload the kernel's
messages no longer reach the output: the page requests it with the command `output`, and brings it back if its
notebook lost it. Another kind of output joins as follows: a subclass here, with the commands `keep` and
`output`; in its bundle a `LiveOutput`, added to a `LiveOutputs` (`js/page/live-outputs.ts`); in the extension
a `Kind` in the list of `keeping/kinds.ts`.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import traitlets

from nbstream.protocol.dispatch import Handlers
from nbstream.views.front_end import FrontEndWidget
from nbstream.views.place import CellRun, Place

__all__ = ["KeptWidget"]


class KeptWidget(FrontEndWidget):
    """The front end's model of something that changes while a notebook shows it.

    Parameters
    ----------
    current
        Returns its current snapshot.
    shown
        Its id, which its output has as well.
    place
        Where it is displayed.
    kernel_id
        Id of the kernel to interrupt if it does not respond to Stop; empty to never interrupt.
    handlers
        The commands of its page.
    """

    snapshot = traitlets.Dict().tag(sync=True)
    kernel_id = traitlets.Unicode().tag(sync=True)
    place = traitlets.Dict().tag(sync=True)
    restored = traitlets.Bool().tag(sync=True)
    layout = None  # not a second widget, whose comm would never be closed

    def __init__(
        self,
        current: Callable[[], dict[str, Any]],
        shown: str = "",
        place: Place | None = None,
        kernel_id: str = "",
        handlers: Handlers | None = None,
    ) -> None:
        self._current = current
        self._where = place or Place()
        self._run = CellRun.of(self._where, shown)
        self._released = False
        state = {"snapshot": current(), "kernel_id": kernel_id, "place": self._current_place()}
        super().__init__(page=self._where.page, handlers=handlers or {}, **state)

    def open(self) -> None:
        """Open the widget in the page; a page that requests it later was opened or reloaded since."""
        super().open()
        self._trait_values["restored"] = True

    def get_state(self, key: Any = None, drop_defaults: bool = False) -> Any:
        """State for a front end that asks; snapshot and place are made now, so that they are never stale."""
        self._trait_values["snapshot"] = self._current()
        self._trait_values["place"] = self._current_place()
        return super().get_state(key, drop_defaults)

    def release(self) -> None:
        """From now on no page brings the output back: it is saved, or the reader has deleted it."""
        self._released = True

    def _current_place(self) -> dict[str, Any]:
        found = self._run.where(self._where)
        return {**found, "cell": None} if self._released else found
