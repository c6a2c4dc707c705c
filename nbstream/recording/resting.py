"""When a recording may wait before it reads on, so that several tokens arrive in one wake-up.

A wake-up of the kernel's event loop costs more than the token that causes it. A view draws ten to thirty
times a second; between two of its frames nobody needs the tokens.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable
from math import inf

__all__ = ["Patience", "Resting", "any_time", "no_time"]

Patience = Callable[[], float]
"""Returns how many seconds a watcher can wait for the next change."""

_WAITED_SECONDS = 0.001
_SLOW_READS = 8
_BURST_EVENTS = 64
_SHORTEST_REST = 0.005


def no_time() -> float:
    """The patience of a watcher that needs each change at once."""
    return 0.0


def any_time() -> float:
    """The patience of a watcher that looks only at the beginning and the end."""
    return inf


class Resting:
    """Measures the reads of one answer, and decides how long to rest after each.

    The first reads never rest, nor do those of a burst. After a rest, one read returns all that has come.

    Parameters
    ----------
    clock
        Returns seconds.
    """

    def __init__(self, clock: Callable[[], float] = time.perf_counter) -> None:
        self._clock = clock
        self._slow = 0
        self._rested = False
        self._asked = clock()

    def after(self, events: int, patience: Iterable[Patience]) -> float:
        """Seconds to rest after a read that returned this many events; 0 for none.

        Parameters
        ----------
        events
            How many.
        patience
            Of all watchers. If all can wait for any time, there is no view, and no rest.
        """
        has_all = self._rested or self._clock() - self._asked >= _WAITED_SECONDS
        self._slow = 0 if events > _BURST_EVENTS else self._slow + has_all
        rest = self._shortest(patience) if has_all and self._slow >= _SLOW_READS else 0.0
        self._rested = rest > 0
        return rest

    def read_on(self) -> None:
        """Note that the next read begins."""
        self._asked = self._clock()

    @staticmethod
    def _shortest(patience: Iterable[Patience]) -> float:
        rest = min((seconds() for seconds in patience), default=inf)
        return rest if _SHORTEST_REST <= rest < inf else 0.0
