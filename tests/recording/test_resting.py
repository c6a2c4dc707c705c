"""Tokens are read together while only views follow an answer, and at once for everybody else."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncGenerator

import pytest

from nbstream import Chat
from nbstream.recording.recording import Recording
from nbstream.recording.resting import Patience, Resting, any_time, no_time
from nbstream.recording.task import RecordingTask
from nbstream.types.events import Clock, Events, Finished, TextDelta
from nbstream.wire.raw_capture import RawCapture
from tests.loopback import ByteServer, Pause, sse_response
from tests.loopback.chunks import STOP, delta
from tests.loopback.responses import times

TOKENS = 12


def view() -> float:
    """The patience of a view that has just been drawn."""
    return 0.05


class Reads:
    """Reads of one answer, in simulated time."""

    def __init__(self, *patience: Patience) -> None:
        self._now = 0.0
        self._patience = patience
        self._resting = Resting(lambda: self._now)

    def read(self, waited: float, events: int = 1) -> float:
        """The rest after a read."""
        self._now += waited
        rest = self._resting.after(events, self._patience)
        self._now += rest
        self._resting.read_on()
        return rest


def test_rests_once_the_answer_has_proved_slow() -> None:
    reads = Reads(view, any_time)
    rests = [reads.read(0.01) for _ in range(12)]
    assert rests == [0.0] * 7 + [0.05] * 5


def test_reads_on_while_there_may_be_more() -> None:
    reads = Reads(view)
    for _ in range(7):
        reads.read(0.01)
    assert [reads.read(0.0), reads.read(0.0), reads.read(0.01)] == [0.0, 0.0, 0.05]


def test_behind_a_rest_one_read_returns_everything() -> None:
    reads = Reads(view)
    for _ in range(8):
        reads.read(0.01)
    assert [reads.read(0.0, 5), reads.read(0.0, 5)] == [0.05, 0.05]


def test_a_burst_is_read_without_rests() -> None:
    reads = Reads(view)
    for _ in range(8):
        reads.read(0.01)
    assert [reads.read(0.002, 300) for _ in range(20)] == [0.0] * 20


@pytest.mark.parametrize("patience", [(view, no_time), (any_time,), ()])
def test_without_a_view_or_with_another_reader_it_never_rests(patience: tuple[Patience, ...]) -> None:
    reads = Reads(*patience)
    assert [reads.read(0.01) for _ in range(20)] == [0.0] * 20


async def tokens(clock: Clock) -> AsyncGenerator[Events, None]:
    for number in range(TOKENS):
        await asyncio.sleep(0.005)
        yield [TextDelta(clock(), f"{number} ")]
    yield [Finished(clock(), "stop")]


async def test_an_answer_is_whole_and_each_delta_has_its_place() -> None:
    recording = Recording()
    recording.watch(lambda: None, lambda: 0.02)
    await recording.consume(tokens)
    assert recording.state.text == "".join(f"{number} " for number in range(TOKENS))
    assert recording.state.status == "finished"


async def test_stopping_ends_a_rest() -> None:
    recording = Recording()
    eighth = asyncio.Event()
    recording.watch(lambda: eighth.set() if len(recording.events) >= 8 else None, lambda: 3600.0)
    task = RecordingTask(recording, tokens)
    task.start()
    async with asyncio.timeout(60):
        await eighth.wait()
        task.stop("user")
        await asyncio.wrap_future(recording.settled)
    assert recording.state.status == "stopped"
    assert recording.state.text.startswith("0 1 2 3 4 5 6 7 ")


async def test_once_the_answer_is_complete_its_end_is_awaited_without_rests() -> None:
    last = "".join(f"data: {json.dumps(chunk)}\n\n" for chunk in (delta("last"), STOP)).encode()
    slow = times(TOKENS, delta("more "), Pause(0.005))
    with ByteServer(sse_response([*slow, last, Pause(0.05), "[DONE]"])) as server:
        async with Chat("m", base_url=server.base_url) as chat:
            reply = chat.send("go")
            reply.watch(lambda: None, lambda: 3600.0 if reply.text.endswith("last") else 0.01)
            async with asyncio.timeout(60):
                await reply
    assert reply.status == "finished"


async def test_exact_times_need_each_chunk_at_once() -> None:
    recording = Recording(RawCapture(exact=True))
    recording.watch(lambda: None, lambda: 3600.0)
    async with asyncio.timeout(60):
        await recording.consume(tokens)
    assert recording.state.status == "finished"
