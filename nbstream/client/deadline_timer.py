"""The timeout of one request: it ends a wait that takes too long.

One timer serves a whole stream. Progress only moves the deadline; the timer checks it when it fires. The
server is blamed only if the event loop was free: after a blocking cell, the kernel first delivers the waiting
data.
"""

from __future__ import annotations

import asyncio
from math import inf
from types import TracebackType
from typing import Any, Literal, Self, cast

from nbstream._util.timers import call_at
from nbstream.types.limits import Timeouts

__all__ = ["DeadlineError", "DeadlineTimer", "Phase"]

Phase = Literal["connect", "first_event", "idle", "ending", "total"]

_SETTLE_SECONDS = 0.05
"""How long the loop may deliver what is waiting, once time is up."""
_LATE_SECONDS = 0.1
"""A timer that fires later than this says that the loop was blocked."""


class DeadlineError(Exception):
    """The deadline has passed.

    Parameters
    ----------
    phase
        What nbstream waited for.
    seconds
        For how long.
    """

    def __init__(self, phase: Phase, seconds: float) -> None:
        super().__init__(f"{phase}: {seconds:g} s")
        self.phase = phase
        self.seconds = seconds


class DeadlineTimer:
    """Context manager around each wait, reusable; raises `DeadlineError` when the wait takes too long.

    Belongs to the running event loop. Close it after use.

    Parameters
    ----------
    timeouts
        The timeouts; the total is measured from now.

    Examples
    --------
    >>> async def main():
    ...     timer = DeadlineTimer(Timeouts(idle=0.01))
    ...     timer.expect("idle")
    ...     try:
    ...         with timer:
    ...             await asyncio.sleep(60)
    ...     except DeadlineError as expired:
    ...         return expired.phase
    ...     finally:
    ...         timer.close()
    >>> asyncio.run(main())
    'idle'
    """

    def __init__(self, timeouts: Timeouts) -> None:
        self._loop = asyncio.get_running_loop()
        self._timeouts = timeouts
        self._end = inf if timeouts.total is None else self._loop.time() + timeouts.total
        self._phase: Phase = "first_event"
        self._seconds: float | None = None
        self._due = inf
        self._timer: asyncio.Handle | None = None
        self._fires_at = inf  # the handles of a browser's loop do not tell
        self._task: asyncio.Task[Any] | None = None
        self._cancelling = 0
        self._settled = False
        self._expired: DeadlineError | None = None
        self._arm()

    def expect(self, phase: Literal["connect", "first_event", "idle"]) -> None:
        """Start a phase with its own timeout."""
        self._wait(phase, getattr(self._timeouts, phase))

    def expect_end(self, seconds: float) -> None:
        """Start waiting for the end of a complete answer."""
        self._wait("ending", seconds)

    @property
    def expired(self) -> Phase | None:
        """What took too long, while the wait is being ended for it."""
        return self._expired.phase if self._expired is not None else None

    def expire(self, phase: str) -> bool:
        """End the current wait as the timeout of a phase would: a replayed server has nothing more to send.

        Returns
        -------
        bool
            False if nothing waits, or the phase has no timeout.
        """
        seconds = self._seconds if phase == "ending" else getattr(self._timeouts, phase, None)
        if self._task is None or seconds is None:
            return False
        self._expired = DeadlineError(cast("Phase", phase), seconds)
        self._task.cancel()
        return True

    def pause(self) -> None:
        """Wait without a timeout; only the total continues."""
        self._wait(self._phase, None)

    def close(self) -> None:
        """Cancel the timer."""
        if self._timer is not None:
            self._timer.cancel()

    def __enter__(self) -> Self:
        task = asyncio.current_task()
        if task is None:
            raise RuntimeError("A deadline timer ends the wait of a task, and there is none.")
        self._task, self._cancelling = task, task.cancelling()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        task, self._task = self._task, None
        expired, self._expired = self._expired, None
        if expired is None or task is None:
            return
        # Also cancelled by other code: that cancellation has priority.
        if task.uncancel() <= self._cancelling and kind is asyncio.CancelledError:
            raise expired from None

    def _wait(self, phase: Phase, seconds: float | None) -> None:
        self._phase, self._seconds = phase, seconds
        self._due = inf if seconds is None else self._loop.time() + seconds
        self._settled = False
        self._arm()

    def _arm(self) -> None:
        """Let the timer fire at the deadline, or before."""
        # A timer that fires too early re-arms itself. Moving it on each read would cost more than the read.
        when = min(self._due, self._end)
        if when == inf or (self._timer is not None and self._fires_at <= when):
            return
        if self._timer is not None:
            self._timer.cancel()
        self._timer, self._fires_at = call_at(self._loop, when, self._fire, when), when

    def _fire(self, when: float) -> None:
        self._timer = None
        now, up = self._loop.time(), min(self._due, self._end)
        if now < up:
            self._arm()
        elif self._settled and self._task is not None and now - when < _LATE_SECONDS:
            self._expire()
        else:
            # Data received while the kernel was busy must still be read.
            self._settled = self._task is not None
            when = now + _SETTLE_SECONDS
            self._timer, self._fires_at = call_at(self._loop, when, self._fire, when), when

    def _expire(self) -> None:
        if self._end <= self._due:
            self._expired = DeadlineError("total", self._timeouts.total or 0.0)
        else:
            self._expired = DeadlineError(self._phase, self._seconds or 0.0)
        if self._task is not None:
            self._task.cancel()
