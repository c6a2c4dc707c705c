"""One pace for all rows of a batch: their changes are combined into one message per interval."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from nbstream._util.timers import call_at

__all__ = ["RowPacer"]

FRAME_SECONDS = 1 / 5
UNSEEN_SECONDS = 1.0
MOST_UNSEEN = 10
"""A page tells once a second what it has applied: each command costs several messages of the kernel."""


class RowPacer:
    """Sends what has changed, five times a second at most.

    If the pages have not applied the last ten messages, only one a second is sent: because the page is slow,
    because none is open, or because the kernel reads no commands while the cell runs.

    Parameters
    ----------
    paint
        Sends one message, if there is something to send. Returns the number of the last message, and whether
        there is more to send.
    """

    def __init__(self, paint: Callable[[], tuple[int, bool]]) -> None:
        self._paint = paint
        self._loop = asyncio.get_running_loop()
        self._timer: asyncio.Handle | None = None
        self._sent_at = float("-inf")
        self._sent = self._seen = 0

    def changed(self) -> None:
        """Handle a change, on the event loop of the batch."""
        if self._timer is None and not self._loop.is_closed():
            wait = FRAME_SECONDS if self._sent - self._seen < MOST_UNSEEN else UNSEEN_SECONDS
            self._timer = call_at(self._loop, self._sent_at + wait, self._fire)

    def seen(self, number: int) -> None:
        """Handle that a page has applied the messages up to a number."""
        self._seen = max(self._seen, number)
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
            self.changed()

    def flush(self) -> None:
        """Send one message now; what it has no room for follows at the usual pace."""
        if self._timer is not None:
            self._timer.cancel()
        self._fire()

    def _fire(self) -> None:
        self._timer = None
        number, more = self._paint()
        if number > self._sent:
            self._sent, self._sent_at = number, self._loop.time()
        if more:
            self.changed()
