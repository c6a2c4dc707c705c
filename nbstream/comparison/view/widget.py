"""The live view of a comparison: one widget and one comm for all of its cells."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import traitlets

from nbstream.comparison.grid.cell import Cell
from nbstream.comparison.view.commands import GridCommands
from nbstream.comparison.view.grid import Grid
from nbstream.comparison.view.pacer import GridPacer
from nbstream.comparison.view.publisher import GridPublisher
from nbstream.views.front_end import FrontEnd, FrontEndWidget

__all__ = ["ComparisonWidget"]


class ComparisonWidget(FrontEndWidget):
    """The front end's model of one comparison.

    Parameters
    ----------
    grid
        The comparison.
    kernel_id
        Id of the kernel to interrupt if it does not respond to Stop; empty to never interrupt.
    page
        The page that displays it.
    """

    front_end = FrontEnd("grid")
    snapshot = traitlets.Dict().tag(sync=True)
    kernel_id = traitlets.Unicode().tag(sync=True)
    layout = None  # not a second widget, whose comm would never be closed

    def __init__(self, grid: Grid, kernel_id: str = "", page: str | None = None) -> None:
        self._grid = grid
        self._publisher = GridPublisher(grid)
        self._commands = GridCommands(grid, self._publisher, self._send_snapshot)
        state = {"snapshot": self._publisher.snapshot(), "kernel_id": kernel_id}
        super().__init__(page=page, handlers=self._commands.handlers, **state)
        self._pacer = GridPacer(self._paint)
        self._unsubscribe = grid.subscribe(self._changed)

    def get_state(self, key: Any = None, drop_defaults: bool = False) -> Any:
        """State for a front end that asks; the snapshot is made now, so that it is never stale."""
        self._trait_values["snapshot"] = self._publisher.snapshot()
        return super().get_state(key, drop_defaults)

    def close(self) -> None:
        """Close the widget; the comparison continues."""
        if hasattr(self, "_unsubscribe"):  # also called if the widget could not be created
            self._unsubscribe()
        super().close()

    def flush(self) -> None:
        """Send what has not been sent."""
        self._pacer.flush()

    def _changed(self, cell: Cell) -> None:
        self._pacer.poke(self._publisher.number(cell))

    def _paint(self, changed: Sequence[int], now: float) -> bool:
        message = self._publisher.message(changed, now)
        if message is not None:
            self.send(message)
        return self._publisher.has_late

    def _send_snapshot(self) -> None:
        self.send({"t": "snapshot", "state": self.get_state("snapshot")["snapshot"]})
