"""A run: one answer, read over HTTP by any number of readers, each at its own position."""

from __future__ import annotations

import asyncio
import math
from collections.abc import AsyncGenerator, Callable, Iterator
from contextlib import aclosing, contextmanager

from fastapi.sse import KEEPALIVE_COMMENT

from nbstream.relay.chunks import ChunkEncoder
from nbstream.relay.limits import RelayLimits
from nbstream.relay.problems import FailureMessage
from nbstream.reply import Reply
from nbstream.types.events import Opened

__all__ = ["Run"]

# Maximum size of one write to a connection: a slow reader must not receive everything at once.
_BLOCK_BYTES = 1 << 16

# How long to wait for the first reader: from the request to the start of its response.
_ARRIVAL_SECONDS = 1.0


class Run:
    """One answer, encoded once into a log that readers follow.

    The model fills the log at its own speed: a slow reader delays nobody and keeps no copy. The
    log ends with the answer, or at its size limit.

    Parameters
    ----------
    run_id
        Id of the run in event ids and URLs. Anyone who knows it can read the answer.
    client
        Who asked.
    reply
        The answer.
    encoder
        Encodes the reply's events as server-sent events.
    limits
        Size of the log, and seconds between heartbeats.
    grace
        Seconds for which the answer keeps running without a reader.
    on_end
        Called once, when the answer has ended.
    """

    def __init__(
        self,
        run_id: str,
        client: str,
        reply: Reply,
        encoder: ChunkEncoder,
        limits: RelayLimits,
        *,
        grace: float,
        on_end: Callable[[], None],
    ) -> None:
        self.id = run_id
        self.client = client
        self.size = 0
        self.readers = 0
        self.failure: FailureMessage | None = None
        self.ended_at = math.inf
        self._limits = limits
        self._grace = grace
        self._on_end = on_end
        self._loop = asyncio.get_running_loop()
        self._log: list[bytes] = []
        self._more = asyncio.Event()
        self._opened = asyncio.Event()
        self._ended = asyncio.Event()
        self._stop: Callable[[], None] = reply.stop
        self._leaving = self._loop.call_later(max(grace, _ARRIVAL_SECONDS), self._stop)
        self._task = asyncio.create_task(self._fill(reply, encoder), name="nbstream-relay-run")

    def __len__(self) -> int:
        """Number of events so far."""
        return len(self._log)

    @property
    def ended(self) -> bool:
        """Whether it has ended."""
        return self._ended.is_set()

    @contextmanager
    def reader(self) -> Iterator[None]:
        """Count as a reader inside the block."""
        self.readers += 1
        self._leaving.cancel()
        try:
            yield
        finally:
            self.readers -= 1
            if not self.readers and not self.ended:
                self._leaving = self._loop.call_later(self._grace, self._stop)

    async def follow(self, place: int = 0) -> AsyncGenerator[bytes, None]:
        """The events after the first `place`, as they arrive; comments in between as heartbeats."""
        while place < len(self._log) or not self.ended:
            if place < len(self._log):
                events = self._block(place)
                place += len(events)
                yield b"".join(events)
            elif not await self._grows():
                yield KEEPALIVE_COMMENT

    async def opened(self) -> None:
        """Wait until the model's server has accepted the request, or the answer has ended before."""
        await self._opened.wait()

    async def wait(self) -> None:
        """Wait until the answer has ended."""
        await self._ended.wait()

    async def aclose(self) -> None:
        """Stop the model and wait for its end. Readers get an error as the last event."""
        self._stop()
        await asyncio.wait({self._task})

    async def _fill(self, reply: Reply, encoder: ChunkEncoder) -> None:
        self._append(encoder.start())
        try:
            async with aclosing(reply.follow()) as events:
                async for event in events:
                    self._append(encoder.encode(event))
                    if isinstance(event, Opened):
                        self._opened.set()
                    if self.size > self._limits.answer_bytes and not encoder.ended:
                        self._append([encoder.error("The answer is longer than this relay allows.", "limit")])
                    if encoder.ended:
                        break
        finally:
            reply.stop()
            self.failure = encoder.failure
            self._end()

    def _append(self, events: list[bytes]) -> None:
        self._log += events
        self.size += sum(map(len, events))
        self._wake()

    def _end(self) -> None:
        self.ended_at = self._loop.time()
        self._stop = _nothing  # it would keep the reply in memory, many times the size of the log
        self._leaving.cancel()
        self._ended.set()
        self._opened.set()
        self._wake()
        self._on_end()

    def _wake(self) -> None:
        self._more.set()
        self._more = asyncio.Event()

    async def _grows(self) -> bool:
        """Wait for more events; False when a heartbeat is due."""
        more = self._more
        try:
            async with asyncio.timeout(self._limits.heartbeat_seconds):
                await more.wait()
        except TimeoutError:
            return False
        return True

    def _block(self, place: int) -> list[bytes]:
        """Events from `place` on: at least one, and then as many as one write may hold."""
        end, size = place, 0
        while end < len(self._log) and size < _BLOCK_BYTES:
            size += len(self._log[end])
            end += 1
        return self._log[place:end]


def _nothing() -> None:
    """Stop an answer that has ended."""
