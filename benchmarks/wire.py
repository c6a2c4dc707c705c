"""CPU per chunk from bytes to a Reply without a view, against the SDK's own iterator and the floor."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import Awaitable, Callable

from benchmarks.report import Row, Table
from benchmarks.source import HEAD, Plan, source

ROUNDS = 5
BODY = {"model": "bench", "messages": [{"role": "user", "content": "go"}], "stream": True}


async def nbstream(port: int) -> int:
    from nbstream import Chat
    from nbstream.config import NBStream
    from nbstream.routing import Router

    chat = Chat("bench", base_url=f"http://127.0.0.1:{port}/v1", router=Router(NBStream(), {}))
    return len((await chat.send("go")).text)


async def openai_sdk(port: int) -> int:
    from openai import AsyncOpenAI

    size = 0
    async with AsyncOpenAI(base_url=f"http://127.0.0.1:{port}/v1", api_key="none") as client:
        stream = await client.chat.completions.create(**BODY)  # type: ignore[call-overload]
        async for chunk in stream:
            if chunk.choices and chunk.choices[0].delta.content:
                size += len(chunk.choices[0].delta.content)
    return size


async def floor(port: int) -> int:
    """Socket read, split, one JSON parse: less can not be done."""
    import jiter

    reader, writer = await asyncio.open_connection("127.0.0.1", port)
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


def cpu_per_chunk(way: Callable[[int], Awaitable[int]], plan: Plan) -> float:
    """Microseconds of CPU per chunk: the least of several rounds, without the start-up."""

    async def rounds(port: int) -> float:
        best = float("inf")
        for _ in range(ROUNDS):
            start = time.process_time()
            size = await way(port)
            best = min(best, time.process_time() - start)
            assert size == plan.tokens * 4, size
        return best

    with source(plan) as port:
        whole = asyncio.run(rounds(port))
    short = Plan(plan.per_write, plan.per_write)
    with source(short) as port:

        async def start_up() -> float:
            best = float("inf")
            for _ in range(ROUNDS):
                start = time.process_time()
                await way(port)
                best = min(best, time.process_time() - start)
            return best

        empty = asyncio.run(start_up())
    return (whole - empty) / (plan.tokens - short.tokens) * 1e6


def run() -> list[Table]:
    plans = {"256 events a write": Plan(51_200, 256), "1 event a write": Plan(10_240, 1)}
    rows = []
    for name, plan in plans.items():
        ours, sdk, least = (cpu_per_chunk(way, plan) for way in (nbstream, openai_sdk, floor))
        rows.append(
            Row(
                name,
                {
                    "nbstream µs": ours,
                    "SDK iterator µs": sdk,
                    "floor µs": least,
                    "SDK ÷ nbstream": sdk / ours,
                },
            )
        )
    return [Table("wire", "CPU per chunk, bytes to a whole Reply without a view", rows)]
