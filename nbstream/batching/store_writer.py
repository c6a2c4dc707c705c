"""Writes answers into a store off the event loop, several in one transaction."""

from __future__ import annotations

import asyncio
from concurrent.futures import ThreadPoolExecutor

from nbstream.batching.store import Store
from nbstream.batching.stored_answer import StoredAnswer

__all__ = ["StoreWriter"]

_GATHER_SECONDS = 0.004
"""How long answers are gathered for one transaction: each waits for the disk."""


class StoreWriter:
    """Writes answers into a store. Belongs to the running event loop; close it after use.

    Parameters
    ----------
    store
        The store.
    """

    def __init__(self, store: Store) -> None:
        self._store = store
        self._loop = asyncio.get_running_loop()
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="nbstream-store")
        self._waiting: list[tuple[StoredAnswer, asyncio.Future[None]]] = []
        self._flush: asyncio.Task[None] | None = None

    async def write(self, answer: StoredAnswer) -> None:
        """Write an answer; it is on the disk when this returns.

        Raises
        ------
        FileError
            When it cannot be written.
        """
        written = self._loop.create_future()
        self._waiting.append((answer, written))
        if self._flush is None:
            self._flush = self._loop.create_task(self._write_all(), name="nbstream-store")
        await written

    async def aclose(self) -> None:
        """Write what is left, and end the thread."""
        if self._flush is not None:
            await self._flush
        self._thread.shutdown(wait=False)

    async def _write_all(self) -> None:
        while True:
            await asyncio.sleep(_GATHER_SECONDS)
            group, self._waiting = self._waiting, []
            try:
                await self._loop.run_in_executor(self._thread, self._store.put, [row for row, _ in group])
            except Exception as error:
                _settle(group, error)
            else:
                _settle(group)
            if not self._waiting:
                self._flush = None
                return


def _settle(group: list[tuple[StoredAnswer, asyncio.Future[None]]], error: Exception | None = None) -> None:
    for _, written in group:
        if written.done():
            continue
        if error is None:
            written.set_result(None)
        else:
            written.set_exception(error)
