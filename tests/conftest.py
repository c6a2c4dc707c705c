"""What tests of all folders share."""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from hypothesis import settings

# A loaded machine is not an error, and CI uses the same examples every time.
settings.register_profile("nbstream", deadline=None, derandomize="CI" in os.environ)
settings.load_profile("nbstream")


LONGEST_FILES = Path(__file__).with_name("longest_files.txt").read_text().splitlines()


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Run the longest files first, so that no worker is left with one at the end while the others wait."""
    places = {name: place for place, name in enumerate(LONGEST_FILES)}
    items.sort(key=lambda item: places.get(item.nodeid.partition("::")[0], len(places)))


@pytest.fixture
async def no_task_is_left() -> AsyncIterator[None]:
    """A test that leaves a task behind fails."""
    before = asyncio.all_tasks()
    yield
    left = asyncio.all_tasks() - before - {asyncio.current_task()}
    if left:  # a generator that the garbage collector closes has a task too, for a moment
        _, left = await asyncio.wait(left, timeout=1)
    assert left == set()
