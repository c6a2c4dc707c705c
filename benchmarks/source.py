"""A deterministic OpenAI-compatible source in a process of its own: prebuilt bytes, sent at a chosen pace."""

from __future__ import annotations

import asyncio
import json
import multiprocessing
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

TOKEN = "abc "
HEAD = b"HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ntransfer-encoding: chunked\r\n\r\n"


@dataclass(frozen=True)
class Plan:
    """What the source sends.

    Parameters
    ----------
    tokens
        Number of 4-character tokens, one chunk each.
    per_write
        Chunks in one write, and in one HTTP chunk.
    per_second
        Tokens a second; None for as fast as they are taken.
    """

    tokens: int
    per_write: int = 1
    per_second: float | None = None


def event(content: dict[str, object]) -> bytes:
    return f"data: {json.dumps(content)}\n\n".encode()


def chunk(delta: dict[str, str], reason: str | None = None) -> dict[str, object]:
    return {
        "id": "chatcmpl-bench",
        "object": "chat.completion.chunk",
        "created": 1706745600,
        "model": "bench",
        "service_tier": "default",
        "system_fingerprint": "fp",
        "choices": [{"index": 0, "delta": delta, "logprobs": None, "finish_reason": reason}],
        "usage": None,
    }


def writes(plan: Plan) -> list[bytes]:
    """The body, as it is written: HTTP chunks of `per_write` events, then the end."""
    events = [event(chunk({"content": TOKEN}))] * plan.tokens
    bodies = [b"".join(events[at : at + plan.per_write]) for at in range(0, plan.tokens, plan.per_write)]
    usage = {
        "id": "chatcmpl-bench",
        "choices": [],
        "usage": {"prompt_tokens": 1, "completion_tokens": plan.tokens},
    }
    bodies.append(event(chunk({}, "stop")) + event(usage) + b"data: [DONE]\n\n")
    return [b"%x\r\n%b\r\n" % (len(body), body) for body in bodies] + [b"0\r\n\r\n"]


async def _serve(plan: Plan, ready: multiprocessing.Queue[int]) -> None:
    parts = writes(plan)

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while True:
                head = await reader.readuntil(b"\r\n\r\n")
                length = [
                    int(line.split(b":")[1])
                    for line in head.lower().split(b"\r\n")
                    if b"content-length" in line
                ]
                await reader.readexactly(length[0] if length else 0)
                writer.write(HEAD)
                for part in parts:
                    writer.write(part)
                    await writer.drain()
                    if plan.per_second:
                        await asyncio.sleep(plan.per_write / plan.per_second)
        except (asyncio.IncompleteReadError, ConnectionError):
            writer.close()

    server = await asyncio.start_server(answer, "127.0.0.1", 0)
    ready.put(server.sockets[0].getsockname()[1])
    await server.serve_forever()


def _process(plan: Plan, ready: multiprocessing.Queue[int]) -> None:
    asyncio.run(_serve(plan, ready))


@contextmanager
def source(plan: Plan) -> Iterator[int]:
    """Run the source; gives its port on 127.0.0.1."""
    context = multiprocessing.get_context("spawn")
    ready = context.Queue()
    process = context.Process(target=_process, args=(plan, ready), daemon=True)
    process.start()
    try:
        yield ready.get(timeout=30)
    finally:
        process.terminate()
        process.join()
