"""When the notebook's copy of an answer that still streams is brought up to date."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable

from nbstream._util.timers import call_at

__all__ = ["Refresher"]

_log = logging.getLogger("nbstream")


class Refresher:
    """Calls `write` after changes, at increasing intervals, because each call repeats the whole text.

    The number of calls grows with the logarithm of the time, so that the sum of what they send stays in
    proportion to the answer.

    Parameters
    ----------
    write
        Brings the copy up to date.
    first
        Seconds from now until the first call, and the shortest interval between two calls.
    growth
        The next call comes when the answer is this many times as old as at the last one.
    """

    def __init__(self, write: Callable[[], None], first: float, growth: float = 1.0) -> None:
        self._write = write
        self._first = first
        self._growth = growth
        self._loop = asyncio.get_running_loop()
        self._began = self._loop.time()
        self._next = first
        self._timer: asyncio.Handle | None = None
        self._stopped = False

    def changed(self) -> None:
        """Handle a change; `write` is called when due."""
        if self._timer is None and not self._stopped:
            self._timer = call_at(self._loop, self._began + self._next, self._fire)

    def stop(self) -> None:
        """Stop calling `write`."""
        self._stopped = True
        if self._timer is not None:
            self._timer.cancel()

    def _fire(self) -> None:
        age = self._loop.time() - self._began
        self._timer = None
        self._next = max(age * self._growth, age + self._first)
        try:
            self._write()
        except Exception:
            _log.exception("An unfinished answer could not be written to the notebook.")
