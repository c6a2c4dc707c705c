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
    await asyncio.sleep(0)
    after = Belongings.now()
    assert (after.tasks, after.files) == (before.tasks, before.files)
    assert after.timers <= before.timers
