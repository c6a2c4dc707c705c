"""The clock of a request, by itself."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator

import pytest

from nbstream.client.watch import Expired, Watch
from nbstream.types.limits import Timeouts
from tests.demo.virtual_clock import VirtualClockLoop

FOR_EVER = 60


@pytest.fixture
async def watch() -> AsyncIterator[Watch]:
    watch = Watch(Timeouts(connect=0.05, first_event=0.1, idle=0.05, total=None))
    yield watch
    watch.close()


@pytest.mark.parametrize(("phase", "seconds"), [("connect", 0.05), ("first_event", 0.1), ("idle", 0.05)])
async def test_each_phase_has_its_time(watch: Watch, phase: str, seconds: float) -> None:
    watch.expect(phase)  # type: ignore[arg-type]
    with pytest.raises(Expired) as caught, watch:
        await asyncio.sleep(FOR_EVER)
    assert (caught.value.phase, caught.value.seconds) == (phase, seconds)


async def test_progress_puts_the_end_off(watch: Watch) -> None:
    for _ in range(10):
        watch.expect("idle")
        with watch:
            await asyncio.sleep(0.02)


async def test_a_shorter_time_comes_before_a_longer_one(watch: Watch) -> None:
    watch.expect("first_event")
    watch.expect_end(0.02)
    with pytest.raises(Expired, match="ending"), watch:
        await asyncio.sleep(FOR_EVER)


async def test_between_waits_nothing_is_cancelled(watch: Watch) -> None:
    watch.expect("idle")
    await asyncio.sleep(0.2)
    with pytest.raises(Expired), watch:
        await asyncio.sleep(FOR_EVER)


async def test_while_paused_only_the_total_counts() -> None:
    watch = Watch(Timeouts(idle=0.05, total=0.3))
    watch.expect("idle")
    watch.pause()
    with watch:
        await asyncio.sleep(0.2)
    with pytest.raises(Expired, match="total"), watch:
        await asyncio.sleep(FOR_EVER)
    watch.close()


async def test_a_cancel_from_outside_is_obeyed_as_one(watch: Watch) -> None:
    async def wait() -> None:
        watch.expect("first_event")
        with watch:
            await asyncio.sleep(FOR_EVER)

    task = asyncio.create_task(wait())
    await asyncio.sleep(0.01)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task


async def test_after_it_has_expired_the_task_is_not_cancelled_any_more(watch: Watch) -> None:
    watch.expect("idle")
    with pytest.raises(Expired), watch:
        await asyncio.sleep(FOR_EVER)
    task = asyncio.current_task()
    assert task is not None
    assert task.cancelling() == 0
    await asyncio.sleep(0)


async def test_a_blocked_loop_first_delivers_what_is_waiting(watch: Watch) -> None:
    delivered = asyncio.get_running_loop().create_future()
    watch.expect("idle")
    asyncio.get_running_loop().call_later(0.01, delivered.set_result, "here")
    with watch:
        time.sleep(0.3)  # noqa: ASYNC251
        assert await delivered == "here"


async def test_no_timer_outlives_it() -> None:
    watch = Watch(Timeouts(idle=30))
    watch.expect("idle")
    watch.close()
    loop = asyncio.get_running_loop()
    assert not [timer for timer in loop._scheduled if not timer.cancelled()]  # type: ignore[attr-defined]


def test_what_came_while_nobody_waited_is_there_to_be_taken() -> None:
    async def main() -> None:
        watch = Watch(Timeouts(idle=0.05))
        watch.expect("idle")
        await asyncio.sleep(0.12)
        with watch:
            await asyncio.sleep(0.04)
        watch.close()

    with asyncio.Runner(loop_factory=VirtualClockLoop) as runner:
        runner.run(main())


async def test_a_cancel_from_outside_wins_over_a_deadline_in_the_same_moment(watch: Watch) -> None:
    task: asyncio.Task[None]

    async def wait() -> None:
        watch.expect("idle")
        try:
            with watch:
                await asyncio.sleep(FOR_EVER)
        finally:
            assert task.cancelling() == 1

    task = asyncio.create_task(wait())
    while not task.cancelling():  # noqa: ASYNC110 - no event says that the deadline has struck
        await asyncio.sleep(0)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
