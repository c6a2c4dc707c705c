"""A simulated provider with a prompt cache: a prefix is in it once one request has been read to its end."""

from __future__ import annotations

import asyncio
import random
from collections import OrderedDict
from collections.abc import Callable, Sequence

from nbstream.pacing import PrefixGate

PREFILL, PREFILL_HIT, DECODE = 0.5, 0.05, 1.5


class CachingServer:
    """Answers rows of which each has a document.

    Parameters
    ----------
    size
        How many documents the cache holds; the one that was used longest ago is removed.
    """

    def __init__(self, size: int = 1000) -> None:
        self._size = size
        self._cache: OrderedDict[int, None] = OrderedDict()
        self._random = random.Random(7)  # noqa: S311
        self.hits = 0
        self.requests = 0

    async def send(self, document: int, first_token: Callable[[], None] = lambda: None) -> None:
        self.requests += 1
        hit = document in self._cache
        self.hits += hit
        await asyncio.sleep(PREFILL_HIT if hit else PREFILL)
        self._cache[document] = None
        self._cache.move_to_end(document)
        if len(self._cache) > self._size:
            self._cache.popitem(last=False)
        first_token()
        await asyncio.sleep(DECODE * self._random.uniform(0.5, 1.5))

    @property
    def rate(self) -> float:
        """Which part of the requests found their document."""
        return self.hits / self.requests


def questions(documents: int, each: int) -> list[list[dict[str, str]]]:
    """Rows about documents, one after another: the document is in the system message."""
    return [
        [
            {"role": "system", "content": f"Document {document}. " + f"text {document} " * 600},
            {"role": "user", "content": f"Question {question} about it?"},
        ]
        for document in range(documents)
        for question in range(each)
    ]


async def gated(
    server: CachingServer,
    rows: list[list[dict[str, str]]],
    each: int,
    workers: int,
    *,
    streamed: bool = True,
    most_cold: int = 8,
) -> list[int]:
    """Send all rows through a gate; returns them in the order in which they were sent."""
    gate, order = PrefixGate(rows, most_cold=most_cold), []

    async def work() -> None:
        while (turn := await gate.next()) is not None:
            order.append(turn.row)
            if streamed:
                await server.send(turn.row // each, turn.warm)
            else:
                await server.send(turn.row // each)
                turn.warm()
            turn.done()

    await asyncio.gather(*(work() for _ in range(workers)))
    return order


async def ungated(server: CachingServer, rows: Sequence[int], each: int, workers: int) -> None:
    """Send rows in the given order, so many at a time."""
    left = iter(rows)

    async def work() -> None:
        for row in left:
            await server.send(row // each)

    await asyncio.gather(*(work() for _ in range(workers)))
