"""Runs coroutines from synchronous code, even if an event loop is already running.

In that case they get their own loop, in a thread that the caller waits for.
"""

from __future__ import annotations

import asyncio
import contextvars
import queue
import threading
from collections.abc import Callable, Coroutine
from typing import Any, TypeVar, cast

__all__ = ["called_by_the_cell", "loop_is_running", "run_to_end"]

T = TypeVar("T")


def run_to_end(job: Coroutine[Any, Any, T]) -> T:
    """Run a coroutine from synchronous code, whether or not an event loop is running.

    An interrupt cancels it.
    """
    if not loop_is_running():
        return asyncio.run(job)
    return cast("T", _ThreadedRun(job).result())


async def called_by_the_cell(function: Callable[[], T]) -> T:
    """Call a function on the thread of the code that started this coroutine, which waits for it.

    That is the running thread, or the one that called `run_to_end`. The function raises nothing but
    `KeyboardInterrupt`, which cancels the coroutine as any interrupt of that thread does.
    """
    waiting = _waiting.get()
    if waiting is None:
        return function()
    return cast("T", await waiting.called(function))


class _ThreadedRun:
    """A coroutine on its own event loop, in a thread that the caller waits for."""

    def __init__(self, main: Coroutine[Any, Any, Any]) -> None:
        self._main = main
        self._started = threading.Event()
        self._jobs: queue.SimpleQueue[Callable[[], None] | None] = queue.SimpleQueue()
        self._outcome: Any = None
        self._failure: BaseException | None = None
        run_in_this_cell = contextvars.copy_context().run  # its displays belong to the running cell
        thread = threading.Thread(
            target=run_in_this_cell, args=(self._run,), name="nbstream-cell", daemon=True
        )
        thread.start()

    def result(self) -> Any:
        """Wait for the end, on a queue: an interrupt breaks `Thread.join` before Python 3.13."""
        while True:
            try:
                job = self._jobs.get()
                if job is None:
                    break
                job()
            except KeyboardInterrupt:
                self._started.wait(1)
                self._loop.call_soon_threadsafe(self._task.cancel)
        if self._failure is not None:
            raise self._failure.with_traceback(None)
        return self._outcome

    async def called(self, function: Callable[[], Any]) -> Any:
        """Call a function on the thread that waits in `result`."""
        loop = asyncio.get_running_loop()
        answer: asyncio.Future[Any] = loop.create_future()

        def settle(value: Any, interrupt: KeyboardInterrupt | None = None) -> None:
            if answer.done():
                return
            if interrupt is None:
                answer.set_result(value)
            else:
                answer.set_exception(interrupt)

        def job() -> None:
            try:
                loop.call_soon_threadsafe(settle, function())
            except KeyboardInterrupt as interrupt:
                loop.call_soon_threadsafe(settle, None, interrupt)
                raise

        self._jobs.put(job)
        return await answer

    def _run(self) -> None:
        try:
            self._outcome = asyncio.run(self._announced())
        except BaseException as failure:
            self._failure = failure
        finally:
            self._jobs.put(None)

    async def _announced(self) -> Any:
        self._loop = asyncio.get_running_loop()
        task = asyncio.current_task()
        assert task is not None  # noqa: S101  inside a coroutine there is one
        self._task = task
        _waiting.set(self)
        self._started.set()
        return await self._main


_waiting: contextvars.ContextVar[_ThreadedRun | None] = contextvars.ContextVar("waiting", default=None)
"""The run whose caller waits for the running coroutine."""


def loop_is_running() -> bool:
    """Whether this thread is running an event loop."""
    try:
        asyncio.get_running_loop()
    except RuntimeError:
        return False
    return True
