"""Stops paying for variants that are shown to be worse."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from nbstream.comparison.grid.cell import Cell
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
        self._cells = cells
        self._skip = skip
        self._names = [variant.name for variant in plan.variants]
        self._places = {row.index: place for place, row in enumerate(plan.shuffled)}
        variants = [variant.index for variant in plan.variants]
        self.race: Race[int] = Race(variants, len(plan.rows), alpha=plan.alpha, binary=plan.n == 1)

    def ended(self, cell: Cell) -> None:
        """Count a cell that has ended, and skip those that it decides on."""
        key = cell.variant.index, cell.row.index
        side = self._cells[key]
        if self.race.over or not all(one.settled for one in side):
            return
        known = [passed for passed in map(self._passed, side) if passed is not None]
        score = sum(known) / len(known) if known else None
        drops = self.race.add(self._places[cell.row.index], cell.variant.index, score)
        gone = {drop.variant for drop in drops}
        for (variant, _), cells in self._cells.items():
            if self.race.over or variant in gone:
                for other in cells:
                    self._skip(other)

    def verdict(self) -> str:
        """What is decided, or about how many more rows that takes."""
        if self.race.winner is not None:
            return f"{self._names[self.race.winner]} is the best, after {self.race.counted} rows."
        needed = self.race.rows_needed()
        if needed is None:
            return f"Undecided after {self.race.counted} rows: no variant leads clearly."
        return f"Undecided after {self.race.counted} rows: about {needed:,} more are needed."

    def _passed(self, cell: Cell) -> bool | None:
        if not self._check:
            return cell.passed
        outcome = cell.outcomes.get(self._check)
        return outcome.passed if outcome is not None and cell.answered else None
