"""Simulated servers with hidden limits. `send` takes the time that a real one would take."""

from __future__ import annotations

import asyncio
import math
import random
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Literal, Protocol

from nbstream.pacing import Pace, Verdict

Headers = dict[str, str]
Says = Literal["seconds", "ms", "nothing"]


class Server(Protocol):
    """Answers one request."""

    async def send(self) -> tuple[int, Headers]: ...


def now() -> float:
    return asyncio.get_running_loop().time()


@dataclass
class TokenBucket:
    """Accepts `rate(now)` requests a second, and up to `burst` at once after a rest."""

    rate: Callable[[float], float]
    burst: float
    latency: float = 0.5
    says: Says = "seconds"
    seed: int = 1
    accepted: int = 0
    refused: int = 0
    _level: float = field(init=False)
    _at: float = 0.0

    def __post_init__(self) -> None:
        self._level, self._random = self.burst, random.Random(self.seed)  # noqa: S311

    async def send(self) -> tuple[int, Headers]:
        await asyncio.sleep(0.02 * self._random.random())
        at, rate = now(), self.rate(now())
        self._level = min(self.burst, self._level + (at - self._at) * rate)
        self._at = at
        if self._level < 1:
            self.refused += 1
            wait = (1 - self._level) / rate
            return 429, {
                "seconds": {"retry-after": str(math.ceil(wait))},
                "ms": {"retry-after-ms": str(math.ceil(wait * 1000))},
                "nothing": {},
            }[self.says]
        self._level -= 1
        self.accepted += 1
        await asyncio.sleep(self.latency * self._random.uniform(0.5, 1.5))
        return 200, {}


@dataclass
class FewAtATime:
    """Refuses what exceeds `most` requests in flight, or queues it."""

    most: int
    latency: float = 0.5
    status: int = 429
    queues: bool = False
    accepted: int = 0
    refused: int = 0
    peak: int = 0
    _in_flight: int = 0

    def __post_init__(self) -> None:
        self._places = asyncio.Semaphore(self.most)
        self._random = random.Random(1)  # noqa: S311

    async def send(self) -> tuple[int, Headers]:
        await asyncio.sleep(0.02 * self._random.random())
        if self._in_flight >= self.most and not self.queues:
            self.refused += 1
            return self.status, {}
        self._in_flight += 1
        self.peak = max(self.peak, self._in_flight)
        try:
            async with self._places:
                await asyncio.sleep(self.latency * self._random.uniform(0.5, 1.5))
        finally:
            self._in_flight -= 1
        self.accepted += 1
        return 200, {}


async def keep_sending(pace: Pace, server: Server, seconds: float, workers: int = 256) -> list[Verdict]:
    """Send requests through a pace for so long, and return their verdicts."""
    verdicts: list[Verdict] = []

    async def work() -> None:
        while now() < seconds:
            verdicts.append(await ask(pace, server))

    tasks = [asyncio.create_task(work()) for _ in range(workers)]
    await asyncio.sleep(seconds)
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
    return verdicts


async def ask(pace: Pace, server: Server) -> Verdict:
    """One request, sent until it is done or has failed."""
    verdict = None
    while verdict is None or verdict.again:
        async with pace.slot(after=verdict) as slot:
            verdict = slot.response(*await server.send())
    return verdict
