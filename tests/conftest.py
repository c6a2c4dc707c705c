"""What tests of all folders share."""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncIterator

import pytest
from hypothesis import settings

# A loaded machine is not an error, and CI uses the same examples every time.
settings.register_profile("nbstream", deadline=None, derandomize="CI" in os.environ)
settings.load_profile("nbstream")


@pytest.fixture
async def no_task_is_left() -> AsyncIterator[None]:
    """A test that leaves a task behind fails."""
    before = asyncio.all_tasks()
    yield
    left = asyncio.all_tasks() - before - {asyncio.current_task()}
    if left:  # a generator that the garbage collector closes has a task too, for a moment
        _, left = await asyncio.wait(left, timeout=1)
    assert left == set()
