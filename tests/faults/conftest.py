from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import pytest

from tests.faults.playing import Belongings


@pytest.fixture(autouse=True)
async def nothing_is_left() -> AsyncIterator[None]:
    """No task, timer, socket or file outlives a case."""
    await asyncio.to_thread(int)  # the loop's thread pool has its files from here on
    before = Belongings.now()
    yield
    after = await _settled(before)
    assert after.tasks == before.tasks
    # The garbage collector may close what an earlier test of this process left.
    assert after.files <= before.files
    assert after.timers <= before.timers


async def _settled(before: Belongings) -> Belongings:
    """What is left once the loop has closed everything scheduled for closing, or after five seconds."""
    after = Belongings.now()
    for _ in range(500):
        if after.tasks == before.tasks and after.files <= before.files and after.timers <= before.timers:
            break
        await asyncio.sleep(0.01)
        after = Belongings.now()
    return after
