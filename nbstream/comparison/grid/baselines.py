"""The answers of the baseline, for judges that compare the others with them."""

from __future__ import annotations

import asyncio
from collections.abc import Collection, Iterable

from nbstream.comparison.grid.cell import Cell

__all__ = ["Baselines"]


class Baselines:
    """The answers of the baseline by row and sample.

    Parameters
    ----------
    cells
        The cells of the baseline.
    running
        The cells that are being requested. `ended` is called for each of them.
    """

    def __init__(self, cells: Iterable[Cell], running: Collection[Cell]) -> None:
        self._cells = {_place(cell): cell for cell in cells}
        self._open = {place: asyncio.Event() for place, cell in self._cells.items() if cell in running}

    def ended(self, cell: Cell) -> None:
        """Note that a cell has ended."""
        place = _place(cell)
        if self._cells.get(place) is cell and place in self._open:
            self._open[place].set()

    async def to(self, cell: Cell) -> Cell | None:
        """The cell of the baseline to compare a cell with, once it has ended; None for itself."""
        found = self._cells[_place(cell)]
        if found is cell:
            return None
        if _place(cell) in self._open:
            await self._open[_place(cell)].wait()
        return found


def _place(cell: Cell) -> tuple[int, int]:
    return cell.row.index, cell.sample
