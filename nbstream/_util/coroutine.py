"""Awaitable objects that `asyncio.run` and `asyncio.create_task` accept: they ask for coroutines."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine, Generator
from typing import Any, TypeVar

__all__ = ["CoroutineLike"]

T = TypeVar("T")


class CoroutineLike(Coroutine[Any, Any, T]):
    """An awaitable object that can be run like a coroutine, by as many tasks as there are.

    Examples
    --------
    >>> class Answer(CoroutineLike[int]):
    ...     def __await__(self):
    ...         yield from asyncio.sleep(0).__await__()
    ...         return 42
    >>> asyncio.run(Answer())
    42
    """

    def __init__(self) -> None:
        # Each task has its own wait, as if it awaited the object.
        self._waits: dict[asyncio.Task[Any] | None, Generator[Any, Any, T]] = {}

    @property
    def __name__(self) -> str:
        """What asyncio calls it in the repr of a task."""
        return type(self).__qualname__

    def send(self, value: Any, /) -> Any:
        """Continue the wait of the running task: called by the event loop."""
        return self._continued(lambda wait: wait.send(value))

    def throw(self, *error: Any) -> Any:
        """Raise an exception in the wait of the running task: called by the event loop."""
        return self._continued(lambda wait: wait.throw(*error))

    def _continued(self, step: Callable[[Generator[Any, Any, T]], Any]) -> Any:
        task = _current_task()
        wait = self._waits.get(task)
        if wait is None:
            wait = self._waits[task] = self.__await__()
        try:
            return step(wait)
        except BaseException:
            self._waits.pop(task, None)
            raise


def _current_task() -> asyncio.Task[Any] | None:
    try:
        return asyncio.current_task()
    except RuntimeError:
        return None
