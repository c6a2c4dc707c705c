"""Divides the limits of a batch among blocks that are sent at the same time."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from typing import Literal

from nbstream.batching.engines.block import Share
from nbstream.errors import ArgumentError
from nbstream.pacing.leases import LeaseWindow

__all__ = ["Loan", "SharedLimits"]

_MOST_REQUESTS, _ROUNDS = 50, 4


@dataclass(slots=True)
class Loan:
    """What one block may use.

    Parameters
    ----------
    share
        Its part of the limits.
    requests, tokens
        What it has used, to be set at its end; None if that is not known, so that the whole part counts.
    """

    share: Share
    requests: int | None = None
    tokens: int | None = None


class SharedLimits:
    """The limits of one endpoint. They are never exceeded, however slow or fast the workers are.

    Each block has its part, which its worker keeps to by itself. The parts of all blocks that are active, or
    were within the last minute, are at most the whole.

    Parameters
    ----------
    concurrency, rpm, tpm
        As of a `Plan`.
    workers
        How many blocks are carried out at a time, if the limits suffice for so many.
    """

    def __init__(
        self, concurrency: int | Literal["auto"], rpm: int | None, tpm: int | None, workers: int
    ) -> None:
        numbers = [number for number in (concurrency, rpm) if isinstance(number, int)]
        self.blocks = max(1, min([workers, *numbers]))
        self._concurrency = concurrency
        self._requests = None if rpm is None else LeaseWindow(rpm)
        self._tokens = None if tpm is None else LeaseWindow(tpm)
        self._changed = asyncio.Event()
        self._slots: asyncio.Queue[int] = asyncio.Queue()
        for slot in range(self.blocks):
            self._slots.put_nowait(slot)

    def most_requests(self, open_requests: int) -> int:
        """How many requests a block should have, so that all workers have work and the parts suffice."""
        each, share = -(-open_requests // self.blocks), self._share_of(0)
        most = min(each, _MOST_REQUESTS if share == "auto" else max(_MOST_REQUESTS, _ROUNDS * share))
        return max(1, most if self._requests is None else min(most, self._requests.most // self.blocks))

    @asynccontextmanager
    async def loan(self, requests: int, tokens: Sequence[int]) -> AsyncIterator[Loan]:
        """Wait until a block may be sent.

        Parameters
        ----------
        requests, tokens
            The number of its requests, and the estimated tokens of each.

        Raises
        ------
        ArgumentError
            When a request alone exceeds `tpm`.
        """
        tokens_lent = self._tokens_for(tokens)
        slot = await self._slots.get()
        try:
            share = Share(self._share_of(slot), None if self._requests is None else requests, tokens_lent)
            await self._wait(share)
            with self._lent(loan := Loan(share)):
                yield loan
        finally:
            self._slots.put_nowait(slot)

    @contextmanager
    def _lent(self, loan: Loan) -> Iterator[None]:
        leases = [(window, window.lend(amount)) for window, amount in self._windows(loan.share)]
        try:
            yield
        finally:
            now = asyncio.get_running_loop().time()
            for (window, lease), used in zip(leases, self._used(loan), strict=True):
                window.end(lease, now, lease.amount if used is None else used)
            self._changed.set()

    async def _wait(self, share: Share) -> None:
        loop = asyncio.get_running_loop()
        while True:
            waits = [window.wait(loop.time(), amount) for window, amount in self._windows(share)]
            if not any(wait is None or wait > 0 for wait in waits):
                return
            self._changed.clear()
            known = [wait for wait in waits if wait is not None]
            longest = max(known) if len(known) == len(waits) else None
            try:
                await asyncio.wait_for(self._changed.wait(), longest)
            except TimeoutError:
                continue

    def _windows(self, share: Share) -> list[tuple[LeaseWindow, int]]:
        parts = [(self._requests, share.rpm), (self._tokens, share.tpm)]
        return [(window, amount) for window, amount in parts if window is not None and amount is not None]

    def _used(self, loan: Loan) -> list[int | None]:
        parts = [(self._requests, loan.requests), (self._tokens, loan.tokens)]
        return [used for window, used in parts if window is not None]

    def _share_of(self, slot: int) -> int | Literal["auto"]:
        if self._concurrency == "auto":
            return "auto"
        return self._concurrency // self.blocks + (slot < self._concurrency % self.blocks)

    def _tokens_for(self, tokens: Sequence[int]) -> int | None:
        if self._tokens is None:
            return None
        largest, most = max(tokens, default=0), self._tokens.most
        if largest > most:
            raise ArgumentError(
                f"A request of about {largest:,} tokens exceeds tpm={most:,}.",
                advice="Shorten it, set a smaller max_tokens, or raise tpm.",
            )
        # A worker's own estimate may be higher.
        return max(most // self.blocks, min(most, 2 * largest))
