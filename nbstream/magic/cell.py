"""How a `%%chat` cell is awaited.

IPython has no asynchronous cell magics. A transformer of the cell's text turns the call that IPython makes
of ``%%chat`` into an awaited one, so that the answer streams on the kernel's own event loop: other tasks go
on, a Stop arrives, Run All keeps its order. Where the cell cannot be awaited (under ``%%time`` or
``%%capture``, in ``ip.run_cell``, in a program), the same coroutine runs on a loop of its own in a thread
that the caller waits for.
"""

from __future__ import annotations

import asyncio
import contextvars
import inspect
import re
import sys
import threading
from collections.abc import Callable, Coroutine
from types import FrameType
from typing import Any, TypeVar, cast

from IPython.core.interactiveshell import InteractiveShell

from nbstream.magic.args import AWAITED, WHOLE

__all__ = ["CellAwaiter", "run_to_end"]

T = TypeVar("T")

_NESTED = {InteractiveShell._run_cell.__code__, InteractiveShell.run_code.__code__}  # noqa: SLF001


class CellAwaiter:
    """Input transformer that awaits the cells of the given magics, or marks them in a terminal.

    Parameters
    ----------
    shell
        The shell whose cells are transformed.
    is_ours
        Whether a name of a cell magic is, at this moment, one of nbstream's.
    """

    _CALL = re.compile(r"^get_ipython\(\)\.run_cell_magic\('(\w+)', (['\"])")

    def __init__(self, shell: InteractiveShell, is_ours: Callable[[str], bool]) -> None:
        self._shell = shell
        self._is_ours = is_ours

    def __call__(self, lines: list[str]) -> list[str]:
        """Take the lines that IPython made of a cell; await its one call where that is possible."""
        call = self._CALL.match(lines[0]) if lines else None
        if call is None or not self._is_ours(call[1]):
            return lines
        if self._can_await():
            return self._marked(lines, call, "await ", AWAITED)
        in_terminal = getattr(self._shell, "kernel", None) is None
        return self._marked(lines, call, "", WHOLE) if in_terminal else lines

    @staticmethod
    def _marked(lines: list[str], call: re.Match[str], keyword: str, mark: str) -> list[str]:
        name, quote = call.groups()
        begin = f"{keyword}get_ipython().run_cell_magic('{name}', {quote}{mark} "
        return [begin + lines[0][call.end() :], *lines[1:]]

    def _can_await(self) -> bool:
        """Whether the cell that is being transformed will run as a coroutine on a running loop.

        True when, going outward, the kernel's coroutine is met before any other run of a cell: a nested
        run (``%%time``, ``ip.run_cell``) compiles the cell as plain code.
        """
        if not self._shell.autoawait or str(self._shell.loop_runner) != "asyncio" or not _loop_is_running():
            return False
        frame: FrameType | None = sys._getframe(1)  # noqa: SLF001
        while frame is not None and frame.f_code not in _NESTED:
            if frame.f_code.co_flags & inspect.CO_COROUTINE:
                return True
            frame = frame.f_back
        return False


def run_to_end(job: Coroutine[Any, Any, T]) -> T:
    """Run a coroutine to its end from plain code, whether or not an event loop is running.

    An interrupt cancels it.
    """
    if not _loop_is_running():
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


def _loop_is_running() -> bool:
    try:
        asyncio.get_running_loop()
    except RuntimeError:
        return False
    return True
