"""User code that ends in any way: the caller continues, and a cancelled caller ends."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

import pytest

from nbstream._util.foreign_code import failure_text, outcome_of


class Odd(BaseException):
    pass


RAISED = [
    ValueError("x"),
    SystemExit(2),
    KeyboardInterrupt(),
    GeneratorExit(),
    StopAsyncIteration(),
    asyncio.CancelledError("own"),
    Odd(),
]


@pytest.mark.parametrize("error", RAISED, ids=failure_text)
@pytest.mark.parametrize("waits", [False, True])
async def test_whatever_it_raises_is_a_value(error: BaseException, waits: bool) -> None:
    async def fails() -> None:
        if waits:
            await asyncio.sleep(0)
        raise error

    assert await outcome_of(fails()) == (None, error)


async def cancels_itself() -> str:
    task = asyncio.current_task()
    assert task is not None
    task.cancel()
    return "never seen"


async def waits_after_it_cancelled_itself() -> str:
    await cancels_itself()
    await asyncio.sleep(0)
    return "never seen"


@pytest.mark.parametrize("job", [cancels_itself, waits_after_it_cancelled_itself])
async def test_its_task_is_its_own(job: Callable[[], Awaitable[str]]) -> None:
    async def foreign() -> str:
        return await job()

    result, error = await outcome_of(foreign())
    assert (result, type(error)) == (None, asyncio.CancelledError)
    assert await outcome_of(asyncio.sleep(0, "still here")) == ("still here", None)


@pytest.mark.parametrize("agrees", [True, False])
async def test_a_cancelled_caller_ends_after_it(agrees: bool) -> None:
    ended = []
    began = asyncio.Event()

    async def waits() -> None:
        began.set()
        try:
            await asyncio.Event().wait()
        except asyncio.CancelledError:
            ended.append("job")
            if agrees:
                raise

    caller = asyncio.create_task(outcome_of(waits()))
    await began.wait()
    caller.cancel()
    with pytest.raises(asyncio.CancelledError):
        await caller
    assert ended == ["job"]


def test_a_failure_is_one_line_that_can_be_sent() -> None:
    assert failure_text(ValueError("no\udce9")) == "ValueError: no\ufffd"
    assert failure_text(KeyError()) == "KeyError"
