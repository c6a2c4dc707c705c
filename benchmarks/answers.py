"""An OpenAI-compatible server in a separate process that answers in one piece and counts what it was asked.

``GET /counts`` returns how often each prompt was answered, and the most requests that were open at a time.
"""

from __future__ import annotations

import asyncio
import json
import multiprocessing
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from urllib.request import urlopen

from benchmarks.source import words

ANSWER_TOKENS = 50
_HEAD = b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: %d\r\n\r\n%b"


@dataclass(frozen=True)
class Counts:
    """What the server was asked.

    Parameters
    ----------
    answered
        How often each prompt was answered.
    open, most_open
        How many requests are open, and the most that were at a time.
    """

    answered: Counter[str]
    open: int
    most_open: int

    @property
    def paid_twice(self) -> int:
        return sum(count - 1 for count in self.answered.values())


@dataclass(frozen=True)
class AnswerServer:
    port: int

    @property
    def base_url(self) -> str:
        return f"http://127.0.0.1:{self.port}/v1"

    def counts(self) -> Counts:
        with urlopen(f"http://127.0.0.1:{self.port}/counts") as response:
            found = json.load(response)
        return Counts(Counter(found["answered"]), found["open"], found["most_open"])

    def idle_counts(self) -> Counts:
        """The counts once no request is open: a server answers also those whose client was killed."""
        while (found := self.counts()).open:
            time.sleep(0.05)
        return found


@dataclass
class _Server:
    seconds: float
    answered: Counter[str] = field(default_factory=Counter)
    open: int = 0
    most_open: int = 0

    async def talk(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while True:
                head = await reader.readuntil(b"\r\n\r\n")
                sizes = [
                    int(line.split(b":")[1])
                    for line in head.lower().split(b"\r\n")
                    if b"content-length:" in line
                ]
                asked = await reader.readexactly(sizes[0] if sizes else 0)
                body = self.counts() if head.startswith(b"GET") else await self.answer(json.loads(asked))
                writer.write(_HEAD % (len(body), body))
                await writer.drain()
        except (asyncio.IncompleteReadError, ConnectionError):
            writer.close()

    def counts(self) -> bytes:
        found = {"answered": self.answered, "open": self.open, "most_open": self.most_open}
        return json.dumps(found).encode()

    async def answer(self, asked: dict[str, object]) -> bytes:
        self.open += 1
        self.most_open = max(self.most_open, self.open)
        await asyncio.sleep(self.seconds)
        self.open -= 1
        said = asked.get("messages") or asked.get("input")
        assert isinstance(said, list)
        content = said[-1]["content"]
        prompt = content if isinstance(content, str) else content[0]["text"]
        self.answered[prompt] += 1
        return completion(prompt)


def completion(prompt: str) -> bytes:
    text = f"{prompt}: {words(ANSWER_TOKENS)}"
    message = {"role": "assistant", "content": text, "refusal": None}
    usage = {"prompt_tokens": 20, "completion_tokens": ANSWER_TOKENS, "total_tokens": 20 + ANSWER_TOKENS}
    return json.dumps(
        {
            "id": "chatcmpl-BkZ9pHkTLqVbkYfhYb3X2vJv1Qw2e",
            "object": "chat.completion",
            "created": 1706745600,
            "model": "bench",
            "choices": [{"index": 0, "message": message, "logprobs": None, "finish_reason": "stop"}],
            "usage": usage,
        }
    ).encode()


async def _serve(seconds: float, ready: multiprocessing.Queue[int]) -> None:
    server = await asyncio.start_server(_Server(seconds).talk, "127.0.0.1", 0, backlog=1024)
    ready.put(server.sockets[0].getsockname()[1])
    await server.serve_forever()


def _process(seconds: float, ready: multiprocessing.Queue[int]) -> None:
    asyncio.run(_serve(seconds, ready))


@contextmanager
def answers(seconds: float) -> Iterator[AnswerServer]:
    """Run a server that takes so long for an answer."""
    context = multiprocessing.get_context("spawn")
    ready: multiprocessing.Queue[int] = context.Queue()
    process = context.Process(target=_process, args=(seconds, ready), daemon=True)
    process.start()
    try:
        yield AnswerServer(ready.get(timeout=30))
    finally:
        process.terminate()
        process.join()
