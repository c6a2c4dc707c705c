"""What a long conversation costs: CPU of one more question, against the SDK and the HTTP library alone."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from statistics import median
from typing import Any

from benchmarks.kernel import measured, open_page
from benchmarks.report import Row, Table
from benchmarks.source import Plan, Source, source, words

SIZES = (0, 100, 400, 1000)
ROUNDS = 7
CELLS = 500
PER_CELL = 10
"""Cells that are measured together, since one is too short."""

Send = Callable[[], Awaitable[object]]
Way = Callable[[Source, list[dict[str, Any]]], AbstractAsyncContextManager[Send]]


@asynccontextmanager
async def nbstream(origin: Source, messages: list[dict[str, Any]]) -> AsyncIterator[Send]:
    from nbstream import Chat

    earlier, question = messages[:-1], messages[-1]["content"]
    async with Chat("bench", base_url=origin.base_url, api_key="none", messages=earlier) as chat:

        async def send() -> object:
            return await chat.fork().send(question)

        yield send


@asynccontextmanager
async def openai_sdk(origin: Source, messages: list[dict[str, Any]]) -> AsyncIterator[Send]:
    from openai import AsyncOpenAI

    async with AsyncOpenAI(base_url=origin.base_url, api_key="none") as client:

        async def send() -> object:
            stream = await client.chat.completions.create(  # type: ignore[call-overload]
                model="bench", messages=messages, stream=True
            )
            return [chunk async for chunk in stream]

        yield send


@asynccontextmanager
async def httpx2_alone(origin: Source, messages: list[dict[str, Any]]) -> AsyncIterator[Send]:
    import httpx2

    async with httpx2.AsyncClient() as client:

        async def send() -> object:
            body = {"model": "bench", "messages": messages, "stream": True}
            async with client.stream("POST", f"{origin.base_url}/chat/completions", json=body) as response:
                return await response.aread()

        yield send


WAYS: dict[str, Way] = {"nbstream": nbstream, "SDK's loop": openai_sdk, "httpx2": httpx2_alone}


async def least(way: Way, origin: Source, size: int) -> float:
    """CPU milliseconds of one request after `size` messages of 1,000 characters; the least of some."""
    roles = ("user", "assistant")
    messages = [{"role": roles[number % 2], "content": words(250)} for number in range(size)]
    async with way(origin, [*messages, {"role": "user", "content": "go"}]) as send:
        await send()
        times = []
        for _ in range(ROUNDS):
            began = time.process_time()
            await send()
            times.append(time.process_time() - began)
    return min(times) * 1000


def sends(origin: Source) -> Table:
    rows = []
    for size in SIZES:
        figures = {f"{name} ms": asyncio.run(least(way, origin, size)) for name, way in WAYS.items()}
        rows.append(Row(f"{size:,} messages", figures))
    return Table("history", "CPU of one request after messages of 1,000 characters", rows)


def cells() -> Table:
    """CPU of a `%%chat` cell in a conversation that grows by each: answers of 2 KB, as fast as they come."""
    with source(Plan(words(500), 64)) as origin, measured() as kernel:
        open_page(kernel)
        figures: list[float] = []
        for number in range(CELLS):
            kernel.run("cpu_of()")
            prompt = f"%%chat --base-url {origin.base_url} -m bench\ngo"
            kernel.run(prompt, cell=f"cell-{number}", deletedCells=[])
            figures.append(kernel.value("cpu_of()")[0] * 1000)
    rows = [
        Row(f"cell {last}", {"main-thread CPU ms": median(figures[last - PER_CELL : last])})
        for last in (25, 100, 250, CELLS)
    ]
    first, last = (rows[at].figures["main-thread CPU ms"] for at in (0, -1))
    rows.append(Row("last ÷ first", {"main-thread CPU ms": last / first}))
    return Table("history", "a conversation of cells, answers of 2 KB, medians of ten cells", rows)


def run() -> list[Table]:
    with source(Plan(words(3))) as origin:
        table = sends(origin)
    return [table, cells()]
