"""CPU of a relay for 200 readers, beside one that passes bytes through without reading them."""

from __future__ import annotations

import asyncio
import json
import multiprocessing
import socket
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from multiprocessing.sharedctypes import Synchronized
from typing import Any

from benchmarks.report import Row, Table
from benchmarks.source import Plan, source, words

READERS = 200
TOKENS = 60
PER_SECOND = 10
ROUNDS = 3
MESSAGES = {"model": "nbstream", "messages": [{"role": "user", "content": "go"}], "stream": True}
PATHS = {
    "nbstream, /v1/chat/completions": ("nbstream", "/v1/chat/completions", MESSAGES),
    "nbstream, /chat": ("nbstream", "/chat", {"message": "go"}),
    "bytes passed through": ("pass", "/v1/chat/completions", MESSAGES),
}


@dataclass(frozen=True)
class Relay:
    """A relay in its own process."""

    port: int
    _spent: Synchronized[float]

    @property
    def cpu(self) -> float:
        """Seconds of CPU of the process."""
        time.sleep(0.5)  # it writes them four times a second
        return self._spent.value


def nbstream_app(base_url: str) -> Any:
    from nbstream import Chat
    from nbstream.relay import RelayLimits, create_app

    limits = RelayLimits(streams=500, streams_per_client=500)
    return create_app(lambda: Chat("bench", base_url=base_url), limits=limits)


def passing_app(base_url: str) -> Any:
    """As short as it can be: starlette, and the raw bytes of httpx2."""
    import httpx2
    from starlette.applications import Starlette
    from starlette.requests import Request
    from starlette.responses import StreamingResponse
    from starlette.routing import Route

    client = httpx2.AsyncClient(limits=httpx2.Limits(max_connections=1000), timeout=None, trust_env=False)

    async def complete(request: Request) -> StreamingResponse:
        sent = client.build_request(
            "POST",
            f"{base_url}/chat/completions",
            content=await request.body(),
            headers={"content-type": "application/json"},
        )
        response = await client.send(sent, stream=True)
        return StreamingResponse(response.aiter_raw(), media_type="text/event-stream")

    return Starlette(routes=[Route("/v1/chat/completions", complete, methods=["POST"])])


async def _serve(
    kind: str, base_url: str, ready: multiprocessing.Queue[int], spent: Synchronized[float]
) -> None:
    import uvicorn

    app = nbstream_app(base_url) if kind == "nbstream" else passing_app(base_url)
    listener = socket.create_server(("127.0.0.1", 0), backlog=1024)
    server = uvicorn.Server(uvicorn.Config(app, log_level="error"))
    serving = asyncio.create_task(server.serve(sockets=[listener]))
    ready.put(listener.getsockname()[1])
    while not serving.done():
        spent.value = time.process_time()
        await asyncio.sleep(0.25)


def _process(*given: Any) -> None:
    asyncio.run(_serve(*given))


@contextmanager
def relay(kind: str, base_url: str) -> Iterator[Relay]:
    context = multiprocessing.get_context("spawn")
    ready: multiprocessing.Queue[int] = context.Queue()
    spent = context.Value("d", 0.0)
    process = context.Process(target=_process, args=(kind, base_url, ready, spent), daemon=True)
    process.start()
    try:
        yield Relay(ready.get(timeout=60), spent)
    finally:
        process.terminate()
        process.join()


async def read(port: int, path: str, body: dict[str, Any]) -> tuple[float, int, bool]:
    """Read one answer: seconds to its first byte, its size, and whether it came to its end."""
    began = time.perf_counter()
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    content = json.dumps(body).encode()
    head = f"POST {path} HTTP/1.1\r\nhost: 127.0.0.1:{port}\r\ncontent-type: application/json\r\n"
    writer.write(f"{head}connection: close\r\ncontent-length: {len(content)}\r\n\r\n".encode() + content)
    await reader.readuntil(b"\r\n\r\n")
    text = await reader.read(1)
    first = time.perf_counter() - began
    text += await reader.read()
    writer.close()
    return first, len(text), b"[DONE]" in text


async def readers(port: int, path: str, body: dict[str, Any], count: int) -> list[tuple[float, int, bool]]:
    return await asyncio.gather(*(read(port, path, body) for _ in range(count)))


def measure(served: Relay, path: str, body: dict[str, Any]) -> dict[str, float]:
    asyncio.run(readers(served.port, path, body, 1))
    before = served.cpu
    answers = asyncio.run(readers(served.port, path, body, READERS))
    return {
        "CPU s per 1,000 tokens": (served.cpu - before) / (READERS * TOKENS) * 1000,
        "bytes a token": sum(size for _, size, _ in answers) / (READERS * TOKENS),
        "slowest first byte s": max(first for first, _, _ in answers),
        "whole answers": sum(whole for _, _, whole in answers),
    }


def run() -> list[Table]:
    """The ways in turns, so that all meet the same machine; the round with the least CPU of each."""
    found: dict[str, list[dict[str, float]]] = {name: [] for name in PATHS}
    for _ in range(ROUNDS):
        for name, (kind, path, body) in PATHS.items():
            with source(Plan(words(TOKENS), 1, PER_SECOND)) as origin, relay(kind, origin.base_url) as served:
                found[name].append(measure(served, path, body))
    least = partial(min, key=lambda figures: figures["CPU s per 1,000 tokens"])
    rows = [Row(name, least(rounds)) for name, rounds in found.items()]
    return [Table("relay", f"{READERS} readers, {PER_SECOND} tokens a second each", rows)]
