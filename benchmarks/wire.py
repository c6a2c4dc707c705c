"""CPU per chunk from bytes to a Reply without a view, against the SDK's own iterator and the floor."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import Awaitable, Callable

from benchmarks.report import Row, Table
from benchmarks.source import HEAD, Plan, Source, source, words

ROUNDS = 5
BODY = {"model": "bench", "messages": [{"role": "user", "content": "go"}], "stream": True}

Way = Callable[[Source], Awaitable[int]]


async def nbstream(origin: Source) -> int:
    from nbstream import Chat
    from nbstream.client.router import Router
    from nbstream.config import NBStream

    chat = Chat("bench", base_url=origin.base_url, router=Router(NBStream(), {}))
    return len((await chat.send("go")).text)


async def openai_sdk(origin: Source) -> int:
    """The loop that its documentation shows."""
    from openai import AsyncOpenAI

    size = 0
    async with AsyncOpenAI(base_url=origin.base_url, api_key="none") as client:
        stream = await client.chat.completions.create(**BODY)  # type: ignore[call-overload]
        async for chunk in stream:
            if chunk.choices and chunk.choices[0].delta.content:
                size += len(chunk.choices[0].delta.content)
    return size


async def floor(origin: Source) -> int:
    """Socket read, split, one JSON parse."""
    import jiter

    reader, writer = await asyncio.open_connection("127.0.0.1", origin.port)
    body = json.dumps(BODY).encode()
    writer.write(b"POST / HTTP/1.1\r\nhost: x\r\ncontent-length: %d\r\n\r\n%b" % (len(body), body))
    size, rest = 0, b""
    await reader.readexactly(len(HEAD))
    while True:
        *lines, rest = (rest + await reader.read(65536)).split(b"\n")
        for line in lines:
            if line[:7] == b"data: {":
                choices = jiter.from_json(line[6:])["choices"]
                size += len(choices[0]["delta"].get("content", "")) if choices else 0
            elif line[:12] == b"data: [DONE]":
                writer.close()
                return size


async def least_cpu(way: Way, origin: Source, size: int) -> float:
    """Seconds of CPU for one answer: the least of several rounds."""
    spent = []
    for _ in range(ROUNDS):
        start = time.process_time()
        found = await way(origin)
        spent.append(time.process_time() - start)
        assert found == size, f"{way.__name__} found {found} characters of {size}"
    return min(spent)


def cpu_per_chunk(way: Way, plan: Plan) -> float:
    """Microseconds of CPU per chunk, without what an answer of one write costs."""
    short = Plan(words(plan.per_write), plan.per_write, padded=plan.padded)
    whole, empty = (_cpu(way, sent) for sent in (plan, short))
    return (whole - empty) / (plan.tokens - short.tokens) * 1e6


def _cpu(way: Way, plan: Plan) -> float:
    with source(plan) as origin:
        return asyncio.run(least_cpu(way, origin, len(plan.text)))


PLANS = {
    "256 events a write": Plan(words(51_200), 256),
    "256 events a write, each padded": Plan(words(51_200), 256, padded=True),
    "1 event a write": Plan(words(10_240), 1),
}


def run() -> list[Table]:
    rows = []
    for name, plan in PLANS.items():
        ours, sdk, least = (cpu_per_chunk(way, plan) for way in (nbstream, openai_sdk, floor))
        figures = {
            "nbstream µs": ours,
            "SDK's loop µs": sdk,
            "floor µs": least,
            "SDK ÷ nbstream": sdk / ours,
        }
        rows.append(Row(name, figures))
    return [Table("wire", "CPU per chunk, from bytes to a whole Reply without a view", rows)]
