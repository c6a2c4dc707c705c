"""Limits how many requests are sent at a time, altogether and to each host."""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

__all__ = ["HostGate"]


class HostGate:
    """Lets so many requests through at a time; the others wait in order.

    Parameters
    ----------
    total
        How many altogether.
    per_host
        How many to one host.

    Examples
    --------
    >>> async def main():
    ...     gate = HostGate(8, 1)
    ...     async with gate.at("a.example"):
    ...         return gate.is_free("a.example"), gate.is_free("b.example")
    >>> asyncio.run(main())
    (False, True)
    """

    def __init__(self, total: int, per_host: int) -> None:
        self._total = asyncio.Semaphore(total)
        self._hosts: defaultdict[str, asyncio.Semaphore] = defaultdict(lambda: asyncio.Semaphore(per_host))

    @asynccontextmanager
    async def at(self, host: str) -> AsyncIterator[None]:
        """Wait for a place at a host, and keep it for as long as the context lasts."""
        async with self._hosts[host], self._total:  # in this order: a busy host must not hold places of all
            yield

    def is_free(self, host: str) -> bool:
        """Whether a request to a host would not have to wait."""
        return not self._hosts[host].locked() and not self._total.locked()
