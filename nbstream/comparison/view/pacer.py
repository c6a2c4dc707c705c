"""One pace for all cells of a comparison: their changes are combined into one message per interval."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence

from nbstream._util.timers import call_at

__all__ = ["GridPacer"]

SHORTEST_SECONDS = 1 / 30
SECONDS_PER_CELL = 1 / 500
MANY_SECONDS = 1 / 10
LONGEST_SECONDS = 1 / 5
LATE_SECONDS = 1.0
LOOP_SHARE = 1 / 8
_SMOOTHING = 1 / 4


class GridPacer:
    """Collects changed cells, and paints them together.

    The first change is painted at once and the last one always. The interval grows with the number of changed
    cells, each of which the page has to draw: 30 messages a second for one, 12 for 40. It also grows with the
    cost of a message, so that at most an eighth of the event loop is used.

    Parameters
    ----------
    paint
        Called with the numbers of the changed cells and the time. Returns whether it has to be called again
        within a second although nothing changes.
    """

    def __init__(self, paint: Callable[[Sequence[int], float], bool]) -> None:
        self._paint_cells = paint
        self._loop = asyncio.get_running_loop()
        self._changed: set[int] = set()
        self._timer: asyncio.Handle | None = None
        self._timer_at = 0.0
        self._due = 0.0
        self._cost = 0.0

    def poke(self, number: int) -> None:
        """Handle a change of a cell, on any thread."""
        try:
            here = asyncio.get_running_loop() is self._loop
        except RuntimeError:
            here = False
        if here:
            self._changed_here(number)
        elif not self._loop.is_closed():
            self._loop.call_soon_threadsafe(self._changed_here, number)

    def flush(self) -> None:
        """Paint what has not been painted."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        changed, self._changed = sorted(self._changed), set()
        began = self._loop.time()
        is_late = self._paint_cells(changed, began)
        self._cost += (self._loop.time() - began - self._cost) * _SMOOTHING
        shortest = min(max(len(changed) * SECONDS_PER_CELL, SHORTEST_SECONDS), MANY_SECONDS)
        self._due = began + min(max(self._cost / LOOP_SHARE, shortest), LONGEST_SECONDS)
        if is_late:
            self._call_at(began + LATE_SECONDS)

    def _changed_here(self, number: int) -> None:
        self._changed.add(number)
        self._call_at(self._due)

    def _call_at(self, when: float) -> None:
        if self._timer is not None:
            if self._timer_at <= when:
                return
            self._timer.cancel()
        self._timer, self._timer_at = call_at(self._loop, when, self.flush), when
