"""Paces frames at the view, not at the source: changes are combined into at most one frame per interval.

The first delta and status changes are painted immediately, the last state always; without changes no
timer runs. A due frame is painted by the next change in the same loop iteration; a timer wakes the loop only
if no change comes soon.

The frame rate depends on the cost of a frame: painting uses a small share of the user's event loop, so a
slow or busy machine gets fewer and larger frames. A row of data that is complete does not wait for that:
only a row painted just before delays it.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable

from nbstream._util.timers import call_at
from nbstream.recording.state import ReplyState
from nbstream.views.base import FrameMaker, View
from nbstream.views.snapshot import ReplyInfo

__all__ = ["Pacer"]

SHORTEST_SECONDS = 1 / 30
LONGEST_SECONDS = 1 / 10
LATE_SECONDS = 1 / 60
LOOP_SHARE = 1 / 300
_SMOOTHING = 1 / 4
_FAILED = "A view of a reply failed; the reply is complete all the same."

_log = logging.getLogger("nbstream")


class Pacer:
    """Drives one view of one reply.

    Parameters
    ----------
    state
        The reply's state, as it grows.
    view
        The view.
    clock
        Seconds since the request was submitted.
    running_loop
        Returns the event loop on which `poke` was called, whose timer sets the pace. In a plain script,
        there is none yet when a view is attached.
    about
        Other data of the reply, passed to the view at the end.
    """

    def __init__(
        self,
        state: ReplyState,
        view: View,
        clock: Callable[[], float],
        running_loop: Callable[[], asyncio.AbstractEventLoop],
        about: ReplyInfo,
    ) -> None:
        self._state = state
        self._view = view
        self._clock = clock
        self._running_loop = running_loop
        self._about = about
        self._frames = FrameMaker(state, raised=about.raised, group=about.group)
        self._timer: asyncio.Handle | None = None
        self._timer_at = 0.0
        self._painted_status = ""
        self._due = 0.0
        self._rows_due = 0.0
        self._painted_rows = 0
        self._cost = 0.0

    def open(self) -> None:
        """Show the view with the current state."""
        elapsed = self._clock()
        self._frames.next(elapsed)
        self._painted_status = self._state.status
        self._view.open(self._state, elapsed, self._about)

    def poke(self) -> None:
        """Handle a change of the state."""
        if self._state.ended:
            return  # `finish` paints the rest; a reply may be stopped on a thread without a loop
        loop = self._running_loop()
        has_row = self._rows != self._painted_rows
        due = min(self._rows_due, self._due) if has_row else self._due
        if self._state.status != self._painted_status or loop.time() >= due:
            self._paint()
            return
        when = due if has_row else due + LATE_SECONDS
        if self._timer is None or when < self._timer_at:
            self._cancel()
            self._timer, self._timer_at = call_at(loop, when, self._paint), when

    def patience(self) -> float:
        """Seconds until the next frame may be painted: changes until then would wait for it anyway."""
        due = self._due if self._state.structured is None else min(self._due, self._rows_due)
        return max(0.0, due - self._running_loop().time())

    def prepare(self) -> bool:
        """Paint the rest, and let the view do a part of its final work; return True while more is left."""
        try:
            self._paint_rest()
            return self._view.prepare()
        except Exception:
            _log.exception(_FAILED)
            return False

    def finish(self) -> None:
        """Paint the rest and close the view; failures of a view are logged here."""
        try:
            self._paint_rest()
            self._view.close(self._state, self._about)
        except Exception:
            _log.exception(_FAILED)

    def _paint(self) -> None:
        self._cancel()
        if self._state.ended:
            return
        loop = self._running_loop()
        if self._rows != self._painted_rows:
            self._painted_rows, self._rows_due = self._rows, loop.time() + SHORTEST_SECONDS
        frame = self._frames.next(self._clock())
        if frame is not None:
            self._painted_status = frame.status
            began = loop.time()
            self._view.paint(frame)
            self._due = began + self._interval(loop.time() - began)

    def _paint_rest(self) -> None:
        self._cancel()
        frame = self._frames.next(self._clock())
        if frame is not None:
            self._view.paint(frame)

    @property
    def _rows(self) -> int:
        """How many rows were added or corrected."""
        return 0 if self._state.structured is None else len(self._state.structured.changed)

    def _interval(self, cost: float) -> float:
        """Seconds until the next frame, after one that took `cost` seconds."""
        self._cost += (cost - self._cost) * _SMOOTHING
        return min(max(self._cost / LOOP_SHARE, SHORTEST_SECONDS), LONGEST_SECONDS)

    def _cancel(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
