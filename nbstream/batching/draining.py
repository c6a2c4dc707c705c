"""Waits for a run through interrupts: the first stops sending, the second cancels what is in flight."""

from __future__ import annotations

import asyncio
import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from nbstream._util.interrupts import awake

__all__ = ["wait_through_interrupts"]


async def wait_through_interrupts(
    task: asyncio.Task[None], drain: Callable[[], None], cancel: Callable[[], None]
) -> None:
    """Wait for a task that an interrupt should not cancel at once.

    Parameters
    ----------
    task
        The task; it is not cancelled here.
    drain, cancel
        Called at the first interrupt, and at the second.

    Raises
    ------
    asyncio.CancelledError
        After an interrupt, once the task has ended.
    """
    try:
        with awake():
            await asyncio.shield(task)
    except asyncio.CancelledError:
        if task.cancelled():
            raise
        with awake(), _next_interrupt(cancel):
            drain()  # announces what the next interrupt does
            await _until_done(task, cancel)
        raise


async def _until_done(task: asyncio.Task[None], cancel: Callable[[], None]) -> None:
    while not task.done():
        try:
            await asyncio.wait([task])
        except asyncio.CancelledError:
            cancel()


@contextmanager
def _next_interrupt(cancel: Callable[[], None]) -> Iterator[None]:
    """Call a function at the next interrupt: asyncio and ipykernel cancel a cell only once."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    loop = asyncio.get_running_loop()
    before = signal.signal(signal.SIGINT, lambda *_: loop.call_soon_threadsafe(cancel))
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)
