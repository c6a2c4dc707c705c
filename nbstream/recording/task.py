"""The task that fills a recording: where a reply begins, streams and ends."""

from __future__ import annotations

import asyncio
import contextlib
import inspect
from collections.abc import Callable
from typing import Any, Literal

from nbstream.recording.recording import Recording, Source

__all__ = ["Gate", "RecordingTask"]

Gate = contextlib.AbstractAsyncContextManager[Any]


class RecordingTask:
    """Fills a recording from its source, on the event loop that it was started on, and settles it.

    Parameters
    ----------
    recording
        The recording.
    source
        Called once, when the task runs first; None for a recording that has ended.
    gate
        Entered before that, and left at the end of the recording: limits how many run at a time.
    """

    def __init__(self, recording: Recording, source: Source | None, gate: Gate | None = None) -> None:
        self._recording = recording
        self._gate = gate
        self._source = source
        self._loop: asyncio.AbstractEventLoop | None = None
        self._task: asyncio.Task[None] | None = None
        self._stopped_by: Literal["user", "interrupt"] = "interrupt"

    def start(self) -> None:
        """Start on the running event loop. A second call does nothing."""
        if self._loop is not None and self._loop.is_closed():
            self.settle()
        elif self._task is None and self._source is not None and not self._recording.settled.done():
            self._loop = asyncio.get_running_loop()
            self._recording.begin()
            self._task = self._loop.create_task(self._run(self._source), name="nbstream-reply")
            self._task.add_done_callback(self.settle)  # a task that is cancelled immediately never runs

    def stop(self, by: Literal["user", "interrupt"]) -> None:
        """Close the source and settle. Safe to call from any thread."""
        if self._recording.settled.done():
            return
        self._stopped_by = by
        if self._task is None or self._loop is None or self._loop.is_closed():
            self.settle()
        else:
            with contextlib.suppress(RuntimeError):  # the loop was just closed
                self._loop.call_soon_threadsafe(self._task.cancel)

    def settle(self, _task: object = None) -> None:
        """End the recording as it is. A second call does nothing."""
        self._recording.settle(self._stopped_by)

    def withdraw(self) -> bool:
        """Take back a task that has not begun to run, so that another loop can start it; False if it has."""
        task = self._task
        if task is None or inspect.getcoroutinestate(task.get_coro()) != inspect.CORO_CREATED:  # type: ignore[arg-type]
            return False
        task.remove_done_callback(self.settle)
        task.cancel()
        self._task = self._loop = None
        return True

    def is_on(self, loop: asyncio.AbstractEventLoop) -> bool:
        """Whether the recording still needs that event loop."""
        return self._loop is loop and not self._recording.settled.done()

    def idle_loop(self) -> asyncio.AbstractEventLoop | None:
        """The event loop that the recording still needs, if nobody runs it now."""
        loop = self._loop
        if loop is None or loop.is_closed() or loop.is_running() or self._recording.settled.done():
            return None
        return loop

    async def _run(self, source: Source) -> None:
        """The whole way of a recording, from its source to its end."""
        if self._gate is None:
            await self._recording.consume(source)
        else:
            async with self._gate:
                self._recording.begin()
                await self._recording.consume(source)
        await _in_steps(self._recording.prepare)
        self.settle()
        await _in_steps(self._recording.capture.pack_some)


async def _in_steps(step: Callable[[], bool]) -> None:
    """Call a function until it returns False; the loop takes a turn before each call."""
    more = True
    while more:
        await asyncio.sleep(0)
        more = step()
