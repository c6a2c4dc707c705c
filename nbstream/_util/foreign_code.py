"""Runs code of the user, such as a tool: whatever it raises is a value and ends nothing else."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from typing import Any, TypeVar

__all__ = ["TEXT_CHARS", "failure_text", "limited_text", "outcome_of"]

T = TypeVar("T")

TEXT_CHARS = 100_000


async def outcome_of(job: Coroutine[Any, Any, T]) -> tuple[T | None, BaseException | None]:
    """Run a coroutine in a separate task; return its result, or what it raised.

    In the task of the caller, a `GeneratorExit` or `asyncio.CancelledError` that the coroutine raises would
    look like the end of that task, and ``asyncio.current_task().cancel()`` would be its end.

    Raises
    ------
    asyncio.CancelledError
        If the caller is cancelled: the coroutine is cancelled first, and has ended.

    Examples
    --------
    >>> async def closes():
    ...     raise GeneratorExit("closed")
    >>> asyncio.run(outcome_of(closes()))
    (None, GeneratorExit('closed'))
    """
    caller = asyncio.current_task()
    outcome: tuple[T | None, BaseException | None]
    try:
        outcome = await asyncio.create_task(_caught(job), name="nbstream-tool")
    except asyncio.CancelledError as error:  # it cancelled its own task and returned without another await
        outcome = None, error
    if caller is not None and caller.cancelling():
        raise asyncio.CancelledError
    return outcome


def failure_text(error: BaseException) -> str:
    """An error in one line, even if its `str` fails.

    Examples
    --------
    >>> failure_text(SystemExit(2))
    'SystemExit: 2'
    """
    try:
        return limited_text(f"{type(error).__name__}: {error}".removesuffix(": "))
    except BaseException:
        return type(error).__name__


def limited_text(text: str) -> str:
    """The first `TEXT_CHARS` characters, with U+FFFD instead of those that UTF-8 does not have."""
    text = text[:TEXT_CHARS] + f"… ({len(text):,} characters)" if len(text) > TEXT_CHARS else text
    return text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")


async def _caught(job: Coroutine[Any, Any, T]) -> tuple[T | None, BaseException | None]:
    """The outcome. A task that raises may end the event loop, and with it the kernel."""
    try:
        return await job, None
    except BaseException as error:
        return None, error
