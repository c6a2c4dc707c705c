"""Timers of event loops."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

from nbstream._util.browser import IN_BROWSER

__all__ = ["call_at"]


def call_at(
    loop: asyncio.AbstractEventLoop, when: float, callback: Callable[..., object], *arguments: Any
) -> asyncio.Handle:
    """Call a function at a time of the loop; soon, if that has passed: loops of browsers refuse it then."""
    if IN_BROWSER:
        return loop.call_later(max(when - loop.time(), 0), callback, *arguments)
    return loop.call_at(when, callback, *arguments)
