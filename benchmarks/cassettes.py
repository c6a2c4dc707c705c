"""What recording costs the live stream, and how exactly a replay keeps its times."""

from __future__ import annotations

import asyncio
import statistics
import tempfile
import time
from collections.abc import Iterator
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path

from benchmarks.report import Row, Table
from benchmarks.source import Plan, source, words
from nbstream import Chat, record, replay

TURNS = 20
EACH = 11
TOKENS = 60
PER_SECOND = 30
LONG = 20_000


async def first_token(chat: Chat) -> float:
    """Seconds from sending to the first delta."""
    began = time.perf_counter()
    reply = chat.fork().send("go")
    async for _ in reply:
        break
    first = time.perf_counter() - began
    await reply.wait()
    return first


async def first_tokens(url: str, folder: Path) -> dict[str, float]:
    """Direct and recorded requests in turn, so that both have the same load."""
    chat = Chat("bench", base_url=url)
    direct, recorded = [], []
    for _ in range(TURNS):
        direct += [await first_token(chat) for _ in range(EACH)][1:]
        with record(folder / "first.jsonl"):
            recorded += [await first_token(chat) for _ in range(EACH)][1:]
    one, other = (statistics.median(times) * 1000 for times in (direct, recorded))
    return {"direct ms": one, "recording ms": other, "difference ms": other - one}


async def arrivals(chat: Chat) -> list[float]:
    """Seconds from sending to each delta."""
    began = time.perf_counter()
    return [time.perf_counter() - began async for _ in chat.fork().send("go")]


async def deviations(url: str, folder: Path) -> dict[str, float]:
    """Of each chunk, between the recording and its replay."""
    chat, file = Chat("bench", base_url=url), folder / "paced.jsonl"
    with record(file):
        live = await arrivals(chat)
    with replay(file):
        again = await arrivals(chat)
    with replay(file, pace=0):
        began = time.perf_counter()
        await arrivals(chat)
        at_once = time.perf_counter() - began
    apart = sorted(abs(a - b) * 1000 for a, b in zip(live, again, strict=True))
    return {
        "chunks": len(apart),
        "median ms": statistics.median(apart),
        "p95 ms": apart[len(apart) * 95 // 100],
        "at once ms": at_once * 1000,
    }


async def per_chunk(url: str, folder: Path) -> dict[str, float]:
    """CPU of this process for one chunk, with and without a recording."""
    chat, costs = Chat("bench", base_url=url), {}
    arounds: list[tuple[str, AbstractContextManager[object]]] = [
        ("direct µs", nullcontext()),
        ("recording µs", record(folder / "long.jsonl")),
    ]
    for name, around in arounds:
        began = time.process_time()
        with around:
            await chat.fork().send("go").wait()
            costs[name] = (time.process_time() - began) / LONG * 1e6
    return costs


def rows(folder: Path) -> Iterator[Row]:
    with source(Plan(words(3), per_second=100)) as origin:
        yield Row(
            f"first token, median of {TURNS * (EACH - 1)} each",
            asyncio.run(first_tokens(origin.base_url, folder)),
        )
    with source(Plan(words(TOKENS), per_second=PER_SECOND)) as origin:
        yield Row("deviation of replayed chunks", asyncio.run(deviations(origin.base_url, folder)))
    with source(Plan(words(LONG))) as origin:
        yield Row(f"CPU of a chunk, {LONG:,} chunks", asyncio.run(per_chunk(origin.base_url, folder)))


def run() -> list[Table]:
    with tempfile.TemporaryDirectory() as folder:
        return [Table("cassettes", "recording and replaying", list(rows(Path(folder))))]
