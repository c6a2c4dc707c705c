"""CPU of a request in a batch of 1,000 at 50 at a time, and memory per row, against loops by hand and a peer.

Only nbstream keeps the answers: each is in an SQLite file before it counts.
"""

from __future__ import annotations

import asyncio
import json
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Awaitable, Callable
from pathlib import Path

from benchmarks.answers import answers
from benchmarks.report import Row, Table

ROWS = 1000
CONCURRENCY = 50
SECONDS = 0.02
ROUNDS = 5

Way = Callable[[str, list[str]], Awaitable[list[str]]]


async def nbstream(url: str, prompts: list[str]) -> list[str]:
    import nbstream as nb

    with tempfile.TemporaryDirectory() as folder:
        table = await nb.batch(
            "{{ prompt }}",
            [{"prompt": prompt} for prompt in prompts],
            model="bench",
            base_url=url,
            api_key="none",
            store=Path(folder, "answers.sqlite"),
            concurrency=CONCURRENCY,
            progress=False,
        )
    return [row["answer"] for row in table]


async def openai_sdk(url: str, prompts: list[str]) -> list[str]:
    from openai import AsyncOpenAI

    async with AsyncOpenAI(base_url=url, api_key="none") as client:

        async def ask(prompt: str) -> str:
            said = await client.chat.completions.create(
                model="bench", messages=[{"role": "user", "content": prompt}]
            )
            return said.choices[0].message.content or ""

        return await at_a_time(ask, prompts)


async def httpx2_loop(url: str, prompts: list[str]) -> list[str]:
    import httpx2

    async with httpx2.AsyncClient(headers={"authorization": "Bearer none"}) as client:

        async def ask(prompt: str) -> str:
            body = {"model": "bench", "messages": [{"role": "user", "content": prompt}]}
            said = await client.post(f"{url}/chat/completions", json=body)
            return str(said.json()["choices"][0]["message"]["content"])

        return await at_a_time(ask, prompts)


async def chatlas(url: str, prompts: list[str]) -> list[str]:
    from chatlas import ChatOpenAICompletions, parallel_chat_text

    chat = ChatOpenAICompletions(base_url=url, api_key="none", model="bench")
    found = await parallel_chat_text(chat, list(prompts), max_active=CONCURRENCY, rpm=10**9)
    return [str(text) for text in found]


async def at_a_time(ask: Callable[[str], Awaitable[str]], prompts: list[str]) -> list[str]:
    gate = asyncio.Semaphore(CONCURRENCY)

    async def one(prompt: str) -> str:
        async with gate:
            return await ask(prompt)

    return await asyncio.gather(*map(one, prompts))


WAYS: dict[str, Way] = {
    "nbstream, with its store": nbstream,
    "SDK's loop": openai_sdk,
    "httpx2's loop": httpx2_loop,
    "chatlas": chatlas,
}


async def measure(way: Way, url: str) -> dict[str, float]:
    """CPU and memory of this process for all requests, after some to warm up."""
    await way(url, [f"warm {number}" for number in range(CONCURRENCY)])
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    began, start = time.perf_counter(), time.process_time()
    prompts = [f"{way.__name__} {number}" for number in range(ROWS)]
    found = await way(url, prompts)
    spent, took = time.process_time() - start, time.perf_counter() - began
    assert all(text.startswith(f"{prompt}:") for text, prompt in zip(found, prompts, strict=True))
    grown = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before
    return {"CPU s per 1,000": spent * 1000 / ROWS, "wall s": took, "grown KiB per row": grown / ROWS}


def in_own_process(name: str, url: str) -> dict[str, float]:
    made = subprocess.run(
        [sys.executable, "-m", "benchmarks.batch", name, url], capture_output=True, text=True, check=False
    )
    if made.returncode:
        sys.exit(made.stderr)
    figures: dict[str, float] = json.loads(made.stdout.splitlines()[-1])
    return figures


def run() -> list[Table]:
    with answers(SECONDS) as server:
        rounds = [
            {name: in_own_process(name, server.base_url) for name in WAYS if is_installed(name)}
            for _ in range(ROUNDS)
        ]
    rows = []
    for name in rounds[0]:
        least = min((found[name] for found in rounds), key=lambda figures: figures["CPU s per 1,000"])
        rows.append(Row(name, least))
    title = (
        f"{ROWS:,} requests, {CONCURRENCY} at a time, answers of 200 characters after {SECONDS * 1000:g} ms"
    )
    return [Table("batch", title, rows)]


def is_installed(name: str) -> bool:
    from importlib.util import find_spec

    return name != "chatlas" or find_spec("chatlas") is not None


if __name__ == "__main__":
    print(json.dumps(asyncio.run(measure(WAYS[sys.argv[1]], sys.argv[2]))))
