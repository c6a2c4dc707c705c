"""One pace for all cells of a comparison: their changes are combined into one message per interval."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence

__all__ = ["GridPacer"]

SHORTEST_SECONDS = 1 / 30
MANY_SECONDS = 1 / 25
LONGEST_SECONDS = 1 / 5
LOOP_SHARE = 1 / 20
_MANY = 8
_SMOOTHING = 1 / 4


class GridPacer:
    """Collects changed cells, and paints them together.

    The first change is painted at once and the last one always; no timer runs without changes. The interval
    grows with the cost of a message, so that at most a twentieth of the event loop is used.

    Parameters
    ----------
    paint
        Called with the numbers of the changed cells and the time.
    """

    def __init__(self, paint: Callable[[Sequence[int], float], None]) -> None:
        self._paint_cells = paint
        self._loop = asyncio.get_running_loop()
        self._changed: set[int] = set()
        self._timer: asyncio.TimerHandle | None = None
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
        self._paint_cells(changed, began)
        self._cost += (self._loop.time() - began - self._cost) * _SMOOTHING
        shortest = MANY_SECONDS if len(changed) > _MANY else SHORTEST_SECONDS
        self._due = began + min(max(self._cost / LOOP_SHARE, shortest), LONGEST_SECONDS)

    def _changed_here(self, number: int) -> None:
        self._changed.add(number)
        if self._timer is None:
            delay = max(0.0, self._due - self._loop.time())
            self._timer = self._loop.call_later(delay, self.flush)
