"""How often a view is painted: as often as frames are cheap, and without waking the event loop for it."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from typing import cast

from nbstream.recording.state import ReplyState
from nbstream.structured.structure import Structure
from nbstream.types.events import Routed, SchemaRequested, TextDelta
from nbstream.views.base import Frame, View
from nbstream.views.pacer import Pacer
from nbstream.views.snapshot import ReplyInfo


class ManualLoop:
    """The clock and the timers of an event loop, moved on by the test."""

    def __init__(self) -> None:
        self.now = 0.0
        self.timers: list[ManualTimer] = []

    def time(self) -> float:
        return self.now

    def call_at(self, when: float, callback: Callable[[], None]) -> ManualTimer:
        timer = ManualTimer(when, callback)
        self.timers.append(timer)
        return timer

    def advance(self, seconds: float) -> None:
        self.now += seconds
        for timer in [timer for timer in self.timers if timer.when <= self.now]:
            self.timers.remove(timer)
            if not timer.cancelled:
                timer.callback()


@dataclass
class ManualTimer:
    when: float
    callback: Callable[[], None]
    cancelled: bool = False

    def cancel(self) -> None:
        self.cancelled = True


class Screen(View):
    """A view whose every frame holds the loop for so many seconds."""

    def __init__(self, loop: ManualLoop, seconds: float = 0.0) -> None:
        self.frames: list[Frame] = []
        self._loop = loop
        self._seconds = seconds

    def open(self, state: ReplyState, elapsed: float, about: ReplyInfo) -> None:
        pass

    def paint(self, frame: Frame) -> None:
        self.frames.append(frame)
        self._loop.now += self._seconds

    def close(self, state: ReplyState, about: ReplyInfo) -> None:
        pass


def frames_of_ten_seconds(cost: float) -> Screen:
    """A delta each 10 ms, on a screen whose frames cost so many seconds each."""
    loop, state = ManualLoop(), ReplyState()
    screen = Screen(loop, cost)
    pacer = Pacer(state, screen, loop.time, lambda: cast("asyncio.AbstractEventLoop", loop), ReplyInfo())
    pacer.open()
    while loop.now < 10:
        state.apply(TextDelta(loop.now, "x"))
        pacer.poke()
        loop.advance(0.01)
    return screen


def test_costly_frames_are_fewer() -> None:
    counts = [len(frames_of_ten_seconds(cost).frames) for cost in (0.0, 0.0002, 0.1)]
    assert counts == sorted(counts, reverse=True)
    assert 240 < counts[0] <= 301
    assert counts[1] < counts[0] / 1.3
    assert counts[2] > 40, "a reader still sees the answer grow"


def test_while_text_comes_no_timer_wakes_the_loop() -> None:
    loop, state = ManualLoop(), ReplyState()
    pacer = Pacer(
        state, Screen(loop), loop.time, lambda: cast("asyncio.AbstractEventLoop", loop), ReplyInfo()
    )
    pacer.open()
    fired = 0
    for _ in range(500):
        state.apply(TextDelta(loop.now, "x"))
        pacer.poke()
        fired += sum(timer.when <= loop.now + 0.01 and not timer.cancelled for timer in loop.timers)
        loop.advance(0.01)
    assert fired == 0


def test_a_change_of_status_is_painted_although_no_frame_is_due() -> None:
    loop, state = ManualLoop(), ReplyState()
    screen = Screen(loop)
    pacer = Pacer(state, screen, loop.time, lambda: cast("asyncio.AbstractEventLoop", loop), ReplyInfo())
    pacer.open()
    for event in (Routed(0.0, "m", "demo", "here", why="-m"), TextDelta(0.001, "x"), TextDelta(0.002, "y")):
        state.apply(event)
        pacer.poke()
    assert [frame.status for frame in screen.frames] == ["submitted", "streaming"]


def test_a_complete_row_waits_for_no_costly_frame() -> None:
    loop, state = ManualLoop(), ReplyState()
    state.apply(SchemaRequested(0.0, "json_schema", Structure.of(list[int])))
    screen = Screen(loop, 0.001)
    pacer = Pacer(state, screen, loop.time, lambda: cast("asyncio.AbstractEventLoop", loop), ReplyInfo())
    pacer.open()
    waited = []
    for number in range(300):
        for text in ("[" if number == 0 else " ", "1", "1", ","):
            state.apply(TextDelta(loop.now, text))
            pacer.poke()
            began = loop.now
            while text == "," and not shows(screen, number):
                loop.advance(0.001)
            waited.append(loop.now - began)
            loop.advance(0.01)
    assert max(waited) < 0.036, "rows are painted 30 times a second at most"
    assert sum(waited) < 0.1 * len(waited) * 0.036
    assert len(screen.frames) < 700


def shows(screen: Screen, row: int) -> bool:
    """Whether a row was painted; rows come alone here, so that it stands at the end of its frame."""
    return any(f.text is not None and f"| {row} | 11 |" in f.text.append for f in screen.frames[-3:])


def test_many_rows_share_a_frame() -> None:
    loop, state = ManualLoop(), ReplyState()
    state.apply(SchemaRequested(0.0, "json_schema", Structure.of(list[int])))
    screen = Screen(loop)
    pacer = Pacer(state, screen, loop.time, lambda: cast("asyncio.AbstractEventLoop", loop), ReplyInfo())
    pacer.open()
    state.apply(TextDelta(0.0, "["))
    while loop.now < 10:
        state.apply(TextDelta(loop.now, "11,"))
        pacer.poke()
        loop.advance(0.001)
    assert 240 < len(screen.frames) < 310
