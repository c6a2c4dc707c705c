"""One pace for all rows of a batch: their changes are combined into one message per interval."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

__all__ = ["RowPacer"]

FRAME_SECONDS = 1 / 5
UNSEEN_SECONDS = 1.0


class RowPacer:
    """Sends what has changed, five times a second at most.

    After a message it waits until a page has applied it, so that a slow page gets fewer and larger messages.
    If no page answers, because none is open or the kernel does not read messages while the cell runs, a
    message is sent once a second.

    Parameters
    ----------
    paint
        Sends one message. Returns whether it sent one, and whether there is more to send.
    """

    def __init__(self, paint: Callable[[], tuple[bool, bool]]) -> None:
        self._paint = paint
        self._loop = asyncio.get_running_loop()
        self._timer: asyncio.TimerHandle | None = None
        self._sent_at = float("-inf")
        self._seen = True

    def changed(self) -> None:
        """Handle a change, on the event loop of the batch."""
        if self._timer is None and not self._loop.is_closed():
            wait = FRAME_SECONDS if self._seen else UNSEEN_SECONDS
            self._timer = self._loop.call_at(max(self._sent_at + wait, self._loop.time()), self._fire)

    def seen(self) -> None:
        """Handle that a page has applied the last message."""
        self._seen = True
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
        sent, more = self._paint()
        if sent:
            self._sent_at, self._seen = self._loop.time(), False
        if more:
            self.changed()
