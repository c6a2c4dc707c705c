"""Simulated hosts with hidden limits and simulated prompt caches, in virtual time."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Awaitable, Iterator
from itertools import product

from benchmarks.report import Row, Table
from nbstream.pacing import Pace
from tests.pacing.cache import CachingServer, gated, questions, ungated
from tests.pacing.servers import FewAtATime, Says, TokenBucket, keep_sending
from tests.pacing.virtual_time import simulated

SECONDS = 900
BUCKETS = ((40, 40, 0.2), (40, 40, 2), (5, 5, 2), (100, 10, 0.5), (10, 2, 1), (1, 60, 3))
FEW = ((1, 1), (2, 1), (10, 0.2), (10, 2), (50, 10))
SAYS: tuple[Says, ...] = ("seconds", "ms", "nothing")
DOCUMENTS, QUESTIONS = 20, 50
WORKERS = (1, 5, 10, 50, 100, 200)


def reached(server: TokenBucket | FewAtATime, rate: float) -> dict[str, float]:
    """What a pace reaches of the requests that a host would accept."""
    simulated(keep_sending(Pace(), server, SECONDS))
    return {
        "reached %": 100 * server.accepted / (rate * SECONDS),
        "refused %": 100 * server.refused / server.accepted,
    }


def rates() -> Iterator[Row]:
    for says, (rate, burst, latency) in product(SAYS, BUCKETS):
        name = f"{rate} a second, {burst} at once, {latency} s each, Retry-After: {says}"
        yield Row(name, reached(TokenBucket(lambda _, rate=rate: rate, burst, latency, says), rate))
    for most, latency in FEW:
        yield Row(f"{most} at a time, {latency} s each", reached(FewAtATime(most, latency), most / latency))


def hits(sending: Awaitable[object], server: CachingServer) -> tuple[float, float]:
    """Which part of the requests hit the cache, in percent, and the seconds of the whole."""

    async def job() -> float:
        await sending
        return asyncio.get_running_loop().time()

    seconds = simulated(job())
    return 100 * server.rate, seconds


def caches() -> Iterator[Row]:
    rows = questions(DOCUMENTS, QUESTIONS)
    shuffled = list(range(len(rows)))
    random.Random(3).shuffle(shuffled)
    for size, workers in product((1000, 8), WORKERS):
        figures = {}
        for name in ("gate", "gate, not streamed", "grouped", "shuffled"):
            server = CachingServer(size)
            sending = (
                gated(server, rows, QUESTIONS, workers, streamed=name == "gate")
                if name.startswith("gate")
                else ungated(server, shuffled if name == "shuffled" else range(len(rows)), QUESTIONS, workers)
            )
            figures[f"{name} %"], figures[f"{name} s"] = hits(sending, server)
        yield Row(f"{workers} at a time, a cache of {size:,} documents", figures)


def run() -> Iterator[Table]:
    yield Table("pacing", f"simulated hosts, {SECONDS} s each", list(rates()))
    yield Table("pacing", f"simulated caches, {DOCUMENTS} documents x {QUESTIONS} questions", list(caches()))
