"""The event loop on which commands act."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import TypeVarTuple, Unpack

__all__ = ["HomeLoop"]

Arguments = TypeVarTuple("Arguments")


class HomeLoop:
    """Runs functions on the event loop on which it was made, whichever thread calls.

    Where there was no loop, and once it has closed (that of ``asyncio.run`` in a cell), they run at once.

    Examples
    --------
    >>> HomeLoop().run(print, "at once")
    at once
    """

    def __init__(self) -> None:
        try:
            self._loop: asyncio.AbstractEventLoop | None = asyncio.get_running_loop()
        except RuntimeError:
            self._loop = None

    def run(self, function: Callable[[Unpack[Arguments]], object], *arguments: *Arguments) -> None:
        """Call a function, soon on the loop or else now."""
        if self._loop is not None:
            try:
                self._loop.call_soon_threadsafe(function, *arguments)
            except RuntimeError:  # the loop has closed
                self._loop = None
            else:
                return
        function(*arguments)
