"""The deadline timer of a request."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator

import pytest

from nbstream.client.deadline_timer import DeadlineError, DeadlineTimer
from nbstream.types.limits import Timeouts
from tests.demo.virtual_clock import VirtualClockLoop

FOR_EVER = 60


@pytest.fixture
async def timer() -> AsyncIterator[DeadlineTimer]:
    timer = DeadlineTimer(Timeouts(connect=0.05, first_event=0.1, idle=0.05, total=None))
    yield timer
    timer.close()


@pytest.mark.parametrize(("phase", "seconds"), [("connect", 0.05), ("first_event", 0.1), ("idle", 0.05)])
async def test_each_phase_has_its_time(timer: DeadlineTimer, phase: str, seconds: float) -> None:
    timer.expect(phase)  # type: ignore[arg-type]
    with pytest.raises(DeadlineError) as caught, timer:
        await asyncio.sleep(FOR_EVER)
    assert (caught.value.phase, caught.value.seconds) == (phase, seconds)


async def test_progress_puts_the_end_off(timer: DeadlineTimer) -> None:
    for _ in range(10):
        timer.expect("idle")
        with timer:
            await asyncio.sleep(0.02)


async def test_a_shorter_time_comes_before_a_longer_one(timer: DeadlineTimer) -> None:
    timer.expect("first_event")
    timer.expect_end(0.02)
    with pytest.raises(DeadlineError, match="ending"), timer:
        await asyncio.sleep(FOR_EVER)


async def test_between_waits_nothing_is_cancelled(timer: DeadlineTimer) -> None:
    timer.expect("idle")
    await asyncio.sleep(0.2)
    with pytest.raises(DeadlineError), timer:
        await asyncio.sleep(FOR_EVER)


async def test_while_paused_only_the_total_counts() -> None:
    timer = DeadlineTimer(Timeouts(idle=0.05, total=0.3))
    timer.expect("idle")
    timer.pause()
    with timer:
        await asyncio.sleep(0.2)
    with pytest.raises(DeadlineError, match="total"), timer:
        await asyncio.sleep(FOR_EVER)
    timer.close()


async def test_a_cancel_from_outside_is_obeyed_as_one(timer: DeadlineTimer) -> None:
    async def wait() -> None:
        timer.expect("first_event")
        with timer:
            await asyncio.sleep(FOR_EVER)

    task = asyncio.create_task(wait())
    await asyncio.sleep(0.01)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task


async def test_after_it_has_expired_the_task_is_not_cancelled_any_more(timer: DeadlineTimer) -> None:
    timer.expect("idle")
    with pytest.raises(DeadlineError), timer:
        await asyncio.sleep(FOR_EVER)
    task = asyncio.current_task()
    assert task is not None
    assert task.cancelling() == 0
    await asyncio.sleep(0)


async def test_a_blocked_loop_first_delivers_what_is_waiting(timer: DeadlineTimer) -> None:
    delivered = asyncio.get_running_loop().create_future()
    timer.expect("idle")
    asyncio.get_running_loop().call_later(0.01, delivered.set_result, "here")
    with timer:
        time.sleep(0.3)  # noqa: ASYNC251
        assert await delivered == "here"


async def test_no_timer_outlives_it() -> None:
    timer = DeadlineTimer(Timeouts(idle=30))
    timer.expect("idle")
    timer.close()
    loop = asyncio.get_running_loop()
    assert not [timer for timer in loop._scheduled if not timer.cancelled()]  # type: ignore[attr-defined]


def test_what_came_while_nobody_waited_is_there_to_be_taken() -> None:
    async def main() -> None:
        timer = DeadlineTimer(Timeouts(idle=0.05))
        timer.expect("idle")
        await asyncio.sleep(0.12)
        with timer:
            await asyncio.sleep(0.04)
        timer.close()

    with asyncio.Runner(loop_factory=VirtualClockLoop) as runner:
        runner.run(main())


async def test_a_cancel_from_outside_wins_over_a_deadline_in_the_same_moment(timer: DeadlineTimer) -> None:
    task: asyncio.Task[None]

    async def wait() -> None:
        timer.expect("idle")
        try:
            with timer:
                await asyncio.sleep(FOR_EVER)
        finally:
            assert task.cancelling() == 1

    task = asyncio.create_task(wait())
    while not task.cancelling():  # noqa: ASYNC110 - no event says that the deadline has struck
        await asyncio.sleep(0)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
