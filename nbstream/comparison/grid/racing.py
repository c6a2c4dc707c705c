"""Stops paying for variants that are shown to be worse."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from nbstream.comparison.grid.cell import Cell
from nbstream.comparison.grid.difference import score
from nbstream.comparison.grid.plan import Plan
from nbstream.comparison.statistics import Race

__all__ = ["GridRace"]


class GridRace:
    """A race of the variants of a comparison.

    Parameters
    ----------
    plan
        What is compared.
    cells
        The cells by variant and row.
    skip
        Called with each cell that is not needed any more.
    """

    def __init__(
        self,
        plan: Plan,
        cells: Mapping[tuple[int, int], Sequence[Cell]],
        skip: Callable[[Cell], None],
    ) -> None:
        self._check = plan.race or ""
        # What the others are compared with stays, although it is worse than one of them.
        self._reference = plan.reference if plan.pairs else None
        self._halves = plan.race in plan.pairs
        self._cells = cells
        self._skip = skip
        self._names = [variant.name for variant in plan.variants]
        self._places = {row.index: place for place, row in enumerate(plan.shuffled)}
        variants = [variant.index for variant in plan.variants]
        self.race: Race[int] = Race(variants, len(plan.rows), alpha=plan.alpha, binary=plan.binary)

    def ended(self, cell: Cell) -> None:
        """Count a cell that has ended, and skip those that it decides on."""
        key = cell.variant.index, cell.row.index
        side = self._cells[key]
        if self.race.over or not all(one.settled for one in side):
            return
        known = [score for score in map(self._score, side) if score is not None]
        mean = sum(known) / len(known) if known else None
        drops = self.race.add(self._places[cell.row.index], cell.variant.index, mean)
        gone = {drop.variant for drop in drops}
        for (variant, _), cells in self._cells.items():
            if self.race.over or variant in gone:
                self._leave(cells)

    def verdict(self) -> str:
        """What is decided, or about how many more rows that takes."""
        rows = f"{self.race.counted} {'row' if self.race.counted == 1 else 'rows'}"
        if self.race.winner is not None:
            return f"{self._names[self.race.winner]} is the best, after {rows}."
        needed = self.race.rows_needed()
        if needed is None:
            return f"Undecided after {rows}: no variant leads clearly."
        return f"Undecided after {rows}: about {needed:,} more are needed."

    def _leave(self, cells: Sequence[Cell]) -> None:
        for cell in cells:
            if self.race.over or cell.variant is not self._reference:
                self._skip(cell)

    def _score(self, cell: Cell) -> float | None:
        if self._halves and cell.variant is self._reference:
            return 0.5 if cell.answered else None  # an answer compared with itself
        return score(cell, self._check)
