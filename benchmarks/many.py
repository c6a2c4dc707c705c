"""200 streams at once in one kernel, 40 of them in view: what they cost, and how late they make others."""

from __future__ import annotations

from statistics import median

from benchmarks.kernel import outputs, rate, wire_bytes
from benchmarks.probes import CALLBACKS, CPU, longest_figures
from benchmarks.report import Row, Table
from benchmarks.source import Plan, source, words
from tests.kernel.driver import Kernel, loaded

STREAMS = 200
IN_VIEW = 40
TOKENS = 100
PER_SECOND = 10

LATE = """
import asyncio

async def late(every=0.01):
    delays = []
    try:
        while True:
            began = time.perf_counter()
            await asyncio.sleep(every)
            delays.append(time.perf_counter() - began - every)
    finally:
        delays.sort()
        lateness[:] = [delays[len(delays) // 2], delays[len(delays) * 99 // 100], delays[-1]]

lateness, firsts = [], []
watch = asyncio.create_task(late())
"""
CELL = """
from nbstream import Chat

chat = Chat("bench", base_url="{url}")
replies = [chat.fork().send("go") for _ in range({streams})]
for reply in replies[:{in_view}]:
    reply.show(awaited=True)
await asyncio.gather(*(reply.wait() for reply in replies))
watch.cancel()
whole = sum(reply.status == "finished" and len(reply.text) == {size} for reply in replies)
slowest = max(reply.timings.duration for reply in replies)
deltas = ((event.at for event in reply.events if type(event).__name__ == "TextDelta") for reply in replies)
firsts += map(next, deltas)
"""
SDK = """
from openai import AsyncOpenAI

async def one(client, began):
    text = ""
    stream = await client.chat.completions.create(
        model="bench", messages=[{{"role": "user", "content": "go"}}], stream=True)
    async for chunk in stream:
        if chunk.choices and (token := chunk.choices[0].delta.content):
            if not text:
                firsts.append(time.perf_counter() - began)
            text += token
    return time.perf_counter() - began, len(text)

async with AsyncOpenAI(base_url="{url}", api_key="none") as client:
    began = time.perf_counter()
    ended = await asyncio.gather(*(one(client, began) for _ in range({streams})))
watch.cancel()
whole = sum(size == {size} for _, size in ended)
slowest = max(seconds for seconds, _ in ended)
"""


def measure(kernel: Kernel, streams: int, in_view: int, way: str = CELL) -> dict[str, float]:
    text = words(TOKENS)
    with source(Plan(text, 1, PER_SECOND)) as origin:
        cell = LATE + way.format(url=origin.base_url, streams=streams, in_view=in_view, size=len(text))
        kernel.run("cpu_of(); longest_callback()")
        execution = kernel.run(cell, cell="bench")
    assert execution.status == "ok", execution.reply
    main, _ = kernel.value("cpu_of()")
    middle, rare, worst = kernel.value("lateness")
    sent = outputs(execution)
    return {
        "whole answers": kernel.value("whole"),
        "slowest s": kernel.value("slowest"),
        "first token p50 s": median(kernel.value("firsts")),
        "main-thread CPU ms per 1,000 tokens": main * 1e6 / (streams * TOKENS),
        "iopub messages": len(sent),
        "most a second": rate(sent) if sent else 0,
        "iopub KiB": wire_bytes(execution) / 1024,
        **longest_figures(kernel.value("longest_callback()")),
        "timer late p50 ms": middle * 1000,
        "timer late p99 ms": rare * 1000,
        "timer late most ms": worst * 1000,
    }


def run() -> list[Table]:
    with loaded() as kernel:
        kernel.run(CPU + CALLBACKS)
        kernel.run("%%chat -m demo:nbstream-demo-fast --alone\nhello", cell="warm")
        rows = [
            Row("1 stream, in view", measure(kernel, 1, 1)),
            Row(f"{STREAMS} streams, none in view", measure(kernel, STREAMS, 0)),
            Row(f"{STREAMS} streams, {IN_VIEW} in view", measure(kernel, STREAMS, IN_VIEW)),
            Row(f"{STREAMS} streams, the SDK's loop", measure(kernel, STREAMS, 0, SDK)),
        ]
    return [Table("many", f"{TOKENS} tokens each, {PER_SECOND} a second", rows)]
