"""Waiting in asynchronous tests."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

__all__ = ["until"]


async def until(true: Callable[[], bool]) -> None:
    """Let the loop run until something is true."""
    while not true():  # noqa: ASYNC110  there is no event for it
        await asyncio.sleep(0)
