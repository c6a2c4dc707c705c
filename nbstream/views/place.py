"""Where outputs are displayed, for a page to bring back one that its notebook lost in a reload."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

__all__ = ["CellRun", "Place"]


@dataclass(frozen=True, slots=True)
class Place:
    """Where a reply or a comparison is displayed, as far as known.

    Parameters
    ----------
    page
        The page, as `host.page` tells it.
    cell
        Id of the cell of the output; None outside of cells.
    count
        Number of the execution.
    execution
        Id of the execution.
    """

    page: str | None = None
    cell: str | None = None
    count: int | None = None
    execution: str | None = None


@dataclass(slots=True)
class CellRun:
    """The replies and comparisons that one run of a cell displays.

    Parameters
    ----------
    count
        Number of the execution.
    shown
        Their ids, in the order of their outputs.

    Examples
    --------
    >>> first = CellRun.of(Place(cell="doctest", count=1), "a")
    >>> CellRun.of(Place(cell="doctest", count=1), "b") is first, first.shown
    (True, ['a', 'b'])
    >>> later = CellRun.of(Place(cell="doctest", count=2), "c")
    >>> first.where(Place(cell="doctest", count=1))["cell"] is None
    True
    """

    count: int | None = None
    shown: list[str] = field(default_factory=list)

    @classmethod
    def of(cls, place: Place, shown: str) -> CellRun:
        """The run that displays what has this id; it replaces an earlier run of the same cell."""
        run = _LAST.get(place.cell or "")
        if run is None or run.count is None or run.count != place.count:
            run = cls(place.count)
        if place.cell is not None:
            _LAST[place.cell] = run
        if shown not in run.shown:
            run.shown.append(shown)
        return run

    def where(self, place: Place) -> dict[str, Any]:
        """A place in this run as JSON; without the cell where that has been run again since."""
        cell = place.cell if _LAST.get(place.cell or "") is self else None
        return {"page": place.page, "cell": cell, "count": place.count, "run": self.shown}


#: The last run of each cell that displayed any of them, by the id of the cell.
_LAST: dict[str, CellRun] = {}
