"""The live view of a comparison: one widget and one comm for all of its cells."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from nbstream.comparison.grid.cell import Cell
from nbstream.comparison.view.commands import GridCommands
from nbstream.comparison.view.grid import Grid
from nbstream.comparison.view.pacer import GridPacer
from nbstream.comparison.view.publisher import GridPublisher
from nbstream.comparison.view.saved import bundle
from nbstream.views.front_end import FrontEnd
from nbstream.views.kept_widget import KeptWidget
from nbstream.views.place import Place

__all__ = ["ComparisonWidget"]


class ComparisonWidget(KeptWidget):
    """The front end's model of one comparison.

    Parameters
    ----------
    grid
        The comparison.
    kernel_id
        Id of the kernel to interrupt if it does not respond to Stop; empty to never interrupt.
    place
        Where it is displayed.
    keep
        Called once a page writes the output.
    """

    front_end = FrontEnd("grid")

    def __init__(
        self,
        grid: Grid,
        kernel_id: str = "",
        place: Place | None = None,
        keep: Callable[[], None] = lambda: None,
    ) -> None:
        self._grid = grid
        self._publisher = GridPublisher(grid)
        commands = GridCommands(
            grid, self._publisher, resync=self._send_snapshot, keep=keep, release=self.release
        )
        super().__init__(self._publisher.snapshot, grid.id, place, kernel_id, commands.handlers)
        self._pacer = GridPacer(self._paint)
        self._unsubscribe = grid.subscribe(self._changed)

    def output(self) -> tuple[dict[str, Any], dict[str, Any]]:
        """Data and metadata of the output as of now."""
        return bundle(self._grid, self._publisher.written)

    def close(self) -> None:
        """Close the widget; the comparison continues."""
        if hasattr(self, "_unsubscribe"):  # also called if the widget could not be created
            self._unsubscribe()
        super().close()

    def finish(self) -> None:
        """Send what has not been sent; the output that stays is written again."""
        self._publisher.written += 1
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
