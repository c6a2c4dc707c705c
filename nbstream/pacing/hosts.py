"""One `Pace` for each host, shared by all requests that belong together, such as those of a comparison."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from contextvars import ContextVar

from nbstream.pacing.pace import Pace, Slot
from nbstream.pacing.verdict import Verdict
from nbstream.wire.retry import RetryPolicy

__all__ = ["HostPaces", "shared_slot"]


class HostPaces:
    """The pace of each host.

    Parameters
    ----------
    total
        The most requests in flight altogether.
    per_host
        The most requests in flight to one host.

    Examples
    --------
    >>> async def main():
    ...     paces = HostPaces(8, 4)
    ...     async with paces.request("a.example"):
    ...         return paces.at("a.example").in_flight, paces.at("b.example").in_flight
    >>> asyncio.run(main())
    (1, 0)
    """

    def __init__(self, total: int, per_host: int) -> None:
        self._total = asyncio.Semaphore(total)
        self._per_host = per_host
        self._paces: dict[str, Pace] = {}

    def at(self, host: str) -> Pace:
        """The pace of a host."""
        if host not in self._paces:
            self._paces[host] = Pace(
                self._per_host, within=self._total, longest_wait=RetryPolicy().longest_wait
            )
        return self._paces[host]

    @asynccontextmanager
    async def request(self, host: str) -> AsyncIterator[None]:
        """Wait until a request may be sent to a host.

        All requests that are made within the context, by tasks that start in it too, share these paces: the
        first attempt of the first one uses the slot that was waited for, and any other takes its own.
        """
        async with self.at(host).slot() as slot:
            with _sharing(_Share(self, host, slot)):
                yield

    @contextmanager
    def sharing(self) -> Iterator[None]:
        """All requests that are made within the context share these paces, and each waits for its slot."""
        with _sharing(_Share(self, "", None)):
            yield


class _Share:
    """The paces of a task, with the slot that it already has.

    Parameters
    ----------
    paces
        The paces.
    host, slot
        A slot at a host, until it is used; None for a task that has none.
    """

    def __init__(self, paces: HostPaces, host: str, slot: Slot | None) -> None:
        self._paces = paces
        self._host = host
        self._slot = slot

    def take(self, host: str, after: Verdict | None) -> Slot:
        """A slot for an attempt."""
        slot = self._slot
        if slot is None or host != self._host or after is not None:
            return self._paces.at(host).slot(after=after)
        self._slot = None
        return slot


_share: ContextVar[_Share | None] = ContextVar("nbstream_paces", default=None)


@contextmanager
def _sharing(share: _Share) -> Iterator[None]:
    token = _share.set(share)
    try:
        yield
    finally:
        _share.reset(token)


def shared_slot(host: str, after: Verdict | None = None) -> Slot | None:
    """A slot at a host for one attempt, if the running task shares paces with others.

    Parameters
    ----------
    host
        The host.
    after
        The verdict on the previous attempt at the same request.
    """
    share = _share.get()
    return None if share is None else share.take(host, after)
