"""Runs coroutines from synchronous code, even if an event loop is already running.

In that case they get their own loop, in a thread that the caller waits for.
"""

from __future__ import annotations

import asyncio
import contextvars
import queue
import threading
from collections.abc import Callable, Coroutine
from typing import Any, Generic, TypeVar, cast

from nbstream._util.browser import IN_BROWSER, waited_for

__all__ = ["ThreadedRun", "called_by_the_cell", "loop_is_running", "run_to_end"]

T = TypeVar("T")


def run_to_end(job: Coroutine[Any, Any, T], *, loop: asyncio.AbstractEventLoop | None = None) -> T:
    """Run a coroutine from synchronous code, whether or not an event loop is running.

    An interrupt cancels it.

    Parameters
    ----------
    job
        The coroutine.
    loop
        An event loop that is not running, if the coroutine waits for a task of that loop.

    Raises
    ------
    StateError
        In a browser that cannot wait in plain code.
    """
    if IN_BROWSER:
        return waited_for(job)
    if loop is None and not loop_is_running():
        return asyncio.run(job)
    return ThreadedRun(job, loop=loop).result()


async def called_by_the_cell(function: Callable[[], T]) -> T:
    """Call a function on the thread of the code that started this coroutine, which waits for it.

    That is the running thread, or the one that called `run_to_end`. The function raises nothing but
    `KeyboardInterrupt`, which cancels the coroutine as any interrupt of that thread does.
    """
    waiting = _waiting.get()
    if waiting is None:
        return function()
    return cast("T", await waiting.called(function))


class ThreadedRun(Generic[T]):
    """A coroutine on an event loop in a thread. The caller takes `step` after `step`, or calls `result`.

    Parameters
    ----------
    main
        The coroutine.
    loop
        The event loop, which must not be running; a new one by default.
    """

    def __init__(
        self, main: Coroutine[Any, Any, T], *, loop: asyncio.AbstractEventLoop | None = None
    ) -> None:
        self._main = main
        self._started = threading.Event()
        self._jobs: queue.SimpleQueue[Callable[[], None] | None] = queue.SimpleQueue()
        self._over = False
        self._outcome: T | None = None
        self._failure: BaseException | None = None
        self._run_main = asyncio.run if loop is None else loop.run_until_complete
        run_in_this_cell = contextvars.copy_context().run  # its displays belong to the running cell
        thread = threading.Thread(
            target=run_in_this_cell, args=(self._run,), name="nbstream-cell", daemon=True
        )
        thread.start()

    def result(self) -> T:
        """Wait for the end, on a queue: an interrupt breaks `Thread.join` before Python 3.13."""
        while True:
            try:
                if not self.step():
                    break
            except KeyboardInterrupt:
                self._started.wait(1)
                self._loop.call_soon_threadsafe(self._task.cancel)
        if self._failure is not None:
            raise self._failure.with_traceback(None)
        return cast("T", self._outcome)

    def step(self) -> bool:
        """Wait until the coroutine wants a function called here, or `wake` was called; False at its end."""
        job = None if self._over else self._jobs.get()
        if job is None:
            self._over = True
        else:
            job()
        return not self._over

    def wake(self) -> None:
        """End one `step`. Safe to call from any thread."""
        self._jobs.put(_nothing)

    async def called(self, function: Callable[[], Any]) -> Any:
        """Call a function on the thread that waits in `step`."""
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
            self._outcome = self._run_main(self._announced())
        except BaseException as failure:
            self._failure = failure
        finally:
            self._jobs.put(None)

    async def _announced(self) -> T:
        self._loop = asyncio.get_running_loop()
        task = asyncio.current_task()
        assert task is not None  # noqa: S101  inside a coroutine there is one
        self._task = task
        _waiting.set(self)
        self._started.set()
        return await self._main


_waiting: contextvars.ContextVar[ThreadedRun[Any] | None] = contextvars.ContextVar("waiting", default=None)
"""The run whose caller waits for the running coroutine."""


def _nothing() -> None:
    pass


def loop_is_running() -> bool:
    """Whether this thread is running an event loop."""
    try:
        asyncio.get_running_loop()
    except RuntimeError:
        return False
    return True
