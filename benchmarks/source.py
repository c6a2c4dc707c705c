"""A deterministic OpenAI-compatible source in a separate process: prebuilt bytes, sent at a chosen pace."""

from __future__ import annotations

import asyncio
import json
import multiprocessing
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from multiprocessing.sharedctypes import Synchronized
from random import Random

TOKEN = 4
"""Characters of a token, and of a chunk's text."""
_WORDS = ["a", "stream", "of", "tokens", "comes", "from", "the", "server", "and", "kernel", "reads", "each"]
_WORDS += ["chunk", "decodes", "it", "then", "shows", "what", "was", "added", "while", "other", "cells"]
_WORDS += ["wait", "for", "their", "turn", "memory", "grows", "with", "text", "numbers", "like", "42"]
HEAD = b"HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ntransfer-encoding: chunked\r\n\r\n"


@dataclass(frozen=True)
class Plan:
    """What the source sends.

    Parameters
    ----------
    text
        The answer; each chunk carries one token of it.
    per_write
        Chunks in one write, and in one HTTP chunk.
    per_second
        Tokens a second; None for as fast as they are taken.
    padded
        Whether every chunk ends with a different padding, as OpenAI's do.
    """

    text: str
    per_write: int = 1
    per_second: float | None = None
    padded: bool = False

    @property
    def tokens(self) -> int:
        return -(-len(self.text) // TOKEN)


def words(tokens: int) -> str:
    """Text of so many tokens, the same in every run: words as they come, a new paragraph now and then."""
    chosen = Random(7).choices(_WORDS, k=tokens)
    return " ".join(chosen).replace("kernel ", "kernel.\n\n")[: tokens * TOKEN]


@dataclass(frozen=True)
class Source:
    """A running source.

    Parameters
    ----------
    port
        On 127.0.0.1.
    """

    port: int
    _last: Synchronized[float]

    @property
    def base_url(self) -> str:
        return f"http://127.0.0.1:{self.port}/v1"

    @property
    def last_sent(self) -> float:
        """When the last byte of the last answer was sent, in seconds since the epoch."""
        return self._last.value


def event(content: dict[str, object]) -> bytes:
    return f"data: {json.dumps(content, separators=(',', ':'))}\n\n".encode()


def chunk(delta: dict[str, str], reason: str | None = None) -> dict[str, object]:
    """A chunk with the fields that OpenAI's have when token counts are asked for."""
    return {
        "id": "chatcmpl-BkZ9pHkTLqVbkYfhYb3X2vJv1Qw2e",
        "object": "chat.completion.chunk",
        "created": 1706745600,
        "model": "bench",
        "service_tier": "default",
        "system_fingerprint": "fp_07871e2ad8",
        "choices": [{"index": 0, "delta": delta, "logprobs": None, "finish_reason": reason}],
        "usage": None,
    }


def events(plan: Plan) -> list[bytes]:
    """One event for each token."""
    tokens = [plan.text[at : at + TOKEN] for at in range(0, len(plan.text), TOKEN)]
    padding = [{"obfuscation": f"{number:09x}"} if plan.padded else {} for number in range(len(tokens))]
    return [event(chunk({"content": token}) | pad) for token, pad in zip(tokens, padding, strict=True)]


def writes(plan: Plan) -> list[bytes]:
    """The body, as it is written: HTTP chunks of `per_write` events, then the end."""
    parts, step = events(plan), plan.per_write
    bodies = [b"".join(parts[at : at + step]) for at in range(0, len(parts), step)]
    usage = {"prompt_tokens": 1, "completion_tokens": plan.tokens, "total_tokens": plan.tokens + 1}
    counts = chunk({}) | {"choices": [], "usage": usage}
    bodies.append(event(chunk({}, "stop")) + event(counts) + b"data: [DONE]\n\n")
    return [b"%x\r\n%b\r\n" % (len(body), body) for body in bodies]


async def _request(reader: asyncio.StreamReader) -> None:
    head = await reader.readuntil(b"\r\n\r\n")
    sizes = [int(line.split(b":")[1]) for line in head.lower().split(b"\r\n") if b"content-length" in line]
    await reader.readexactly(sizes[0] if sizes else 0)


async def _serve(plan: Plan, ready: multiprocessing.Queue[int], last: Synchronized[float]) -> None:
    parts = writes(plan)
    loop = asyncio.get_running_loop()

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while True:
                await _request(reader)
                writer.write(HEAD)
                began = loop.time()
                for number, part in enumerate(parts):
                    if plan.per_second:
                        await asyncio.sleep(began + number * plan.per_write / plan.per_second - loop.time())
                    writer.write(part)
                    await writer.drain()
                last.value = time.time()
                writer.write(b"0\r\n\r\n")
        except (asyncio.IncompleteReadError, ConnectionError):
            writer.close()

    server = await asyncio.start_server(answer, "127.0.0.1", 0, backlog=1024)
    ready.put(server.sockets[0].getsockname()[1])
    await server.serve_forever()


def _process(plan: Plan, ready: multiprocessing.Queue[int], last: Synchronized[float]) -> None:
    asyncio.run(_serve(plan, ready, last))


@contextmanager
def source(plan: Plan) -> Iterator[Source]:
    """Run the source."""
    context = multiprocessing.get_context("spawn")
    ready: multiprocessing.Queue[int] = context.Queue()
    last = context.Value("d", 0.0)
    process = context.Process(target=_process, args=(plan, ready, last), daemon=True)
    process.start()
    try:
        yield Source(ready.get(timeout=30), last)
    finally:
        process.terminate()
        process.join()
