"""A comparison as its views see it: who listens to it, and where it is shown."""

from __future__ import annotations

import secrets
from abc import ABC, abstractmethod
from collections.abc import Callable
from typing import TYPE_CHECKING

from nbstream.comparison.grid.cell import Cell
from nbstream.comparison.grid.plan import Plan
from nbstream.comparison.results import Results
from nbstream.views import host
from nbstream.views.captured import drop_empty_value

if TYPE_CHECKING:
    from nbstream.comparison.view import GridShowing

__all__ = ["ShownResults"]


class ShownResults(Results, ABC):
    """Results that are shown while they change.

    Parameters
    ----------
    plan
        What is compared.

    Attributes
    ----------
    id : str
        Names the comparison in pages.
    adopter : callable or None
        Continues from an answer that the reader of the page adopts, and returns a sentence about it.
    """

    def __init__(self, plan: Plan) -> None:
        super().__init__(plan)
        self.id = secrets.token_hex(8)
        self.adopter: Callable[[Cell], str] | None = None
        self._listeners: list[Callable[[Cell], None]] = []
        self._showing: GridShowing | None = None
        for cell in self._cells:
            cell.on_change = self._tell

    @property
    def plan(self) -> Plan:
        """What is compared."""
        return self._plan

    def subscribe(self, listener: Callable[[Cell], None]) -> Callable[[], None]:
        """Call a function after each change of a cell, on the thread that makes it.

        Return an unsubscribe function.

        Examples
        --------
        >>> from nbstream import compare
        >>> grid, seen = compare("echo: Hi", models="demo:nbstream-demo-fast"), []
        >>> unsubscribe = grid.subscribe(lambda cell: seen.append(cell.status))
        >>> grid.result() is grid, seen[-1]
        (True, 'finished')
        >>> unsubscribe()
        """
        self._listeners.append(listener)
        return lambda: self._listeners.remove(listener) if listener in self._listeners else None

    def show(self, *, awaited: bool = False) -> None:
        """Show all answers side by side as they arrive. A script and a terminal show the figures at the end.

        Parameters
        ----------
        awaited
            Whether the running cell awaits the comparison.

        Examples
        --------
        >>> from nbstream import compare
        >>> grid = compare("echo: Hi", models="demo:nbstream-demo-fast")
        >>> grid.show()  # doctest: +SKIP
        """
        self._showing = self._new_showing()
        self._showing.open(awaited=awaited)

    @abstractmethod
    def _new_showing(self) -> GridShowing:
        """Where it is shown from now on."""

    def _ipython_display_(self) -> None:
        """Display as the value of a cell, unless the same execution has already shown it."""
        drop_empty_value()
        if self._showing is None or not self._showing.is_current():
            self.show()

    def _show_awaited(self) -> None:
        """Show in a notebook what its cell awaits: the value of a cell is shown at the end only."""
        if self._showing is None and host.execution() is not None and host.detect() != "terminal":
            self.show(awaited=True)

    def _tell(self, cell: Cell) -> None:
        for listener in tuple(self._listeners):
            listener(cell)

    def _write(self) -> None:
        """Write the output that stays, once all answers have ended."""
        if self._showing is not None and self.done:
            self._showing.finish()
