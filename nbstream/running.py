"""Coroutines run to their end from plain code, also where an event loop is running already.

Then they have a loop of their own, in a thread that the caller waits for.
"""

from __future__ import annotations

import asyncio
import contextvars
import threading
from collections.abc import Coroutine
from typing import Any, TypeVar, cast

__all__ = ["loop_is_running", "run_to_end"]

T = TypeVar("T")


def run_to_end(job: Coroutine[Any, Any, T]) -> T:
    """Run a coroutine to its end from plain code, whether or not an event loop is running.

    An interrupt cancels it.
    """
    if not loop_is_running():
        return asyncio.run(job)
    return cast("T", _ThreadedRun(job).result())


class _ThreadedRun:
    """A coroutine on an event loop of its own, in a thread that the caller waits for."""

    def __init__(self, main: Coroutine[Any, Any, Any]) -> None:
        self._main = main
        self._started = threading.Event()
        self._ended = threading.Event()
        self._outcome: Any = None
        self._failure: BaseException | None = None
        run_in_this_cell = contextvars.copy_context().run  # its displays belong to the running cell
        thread = threading.Thread(
            target=run_in_this_cell, args=(self._run,), name="nbstream-cell", daemon=True
        )
        thread.start()

    def result(self) -> Any:
        """Wait for the end, on an event: an interrupt breaks `Thread.join` before Python 3.13."""
        while not self._ended.is_set():
            try:
                self._ended.wait()
            except KeyboardInterrupt:
                self._started.wait(1)
                self._loop.call_soon_threadsafe(self._task.cancel)
        if self._failure is not None:
            raise self._failure.with_traceback(None)
        return self._outcome

    def _run(self) -> None:
        try:
            self._outcome = asyncio.run(self._announced())
        except BaseException as failure:
            self._failure = failure
        finally:
            self._ended.set()

    async def _announced(self) -> Any:
        self._loop = asyncio.get_running_loop()
        task = asyncio.current_task()
        assert task is not None  # noqa: S101  inside a coroutine there is one
        self._task = task
        self._started.set()
        return await self._main


def loop_is_running() -> bool:
    """Whether this thread runs an event loop at this moment."""
    try:
        asyncio.get_running_loop()
    except RuntimeError:
        return False
    return True
