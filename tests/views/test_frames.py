"""Frames are patches: they add up to the text, in offsets that JavaScript understands."""

from __future__ import annotations

import asyncio

from hypothesis import given
from hypothesis import strategies as st

from nbstream.recording.state import ReplyState
from nbstream.types.events import (
    Cited,
    Finished,
    ImageReceived,
    ReasoningDelta,
    Retrying,
    TextDelta,
    ToolCallDelta,
    ToolStep,
    UsageReported,
)
from nbstream.types.usage import Usage
from nbstream.views.base import Frame, FrameMaker, View
from nbstream.views.pacer import Pacer
from nbstream.views.snapshot import ReplyInfo

TEXTS = st.lists(st.text(st.characters(exclude_categories=["Cs"]), min_size=1), max_size=20)


def utf16(text: str) -> bytes:
    return text.encode("utf-16-le")


@given(st.lists(TEXTS, max_size=8))
def test_patches_rebuild_the_text_by_utf16_offsets(batches: list[list[str]]) -> None:
    state, built = ReplyState(), b""
    frames = FrameMaker(state)
    for batch in batches:
        for text in batch:
            state.apply(TextDelta(0.1, text))
        frame = frames.next(0.1)
        if frame is not None and frame.text is not None:
            assert frame.text.offset * 2 == len(built)
            built += utf16(frame.text.append)
    assert built.decode("utf-16-le") == state.text


def test_images_are_sent_once_and_sources_when_one_is_added() -> None:
    state = ReplyState()
    frames = FrameMaker(state)
    sent = []
    for event in (
        ImageReceived(0.1, "data:image/png;base64,AAAA"),
        ImageReceived(0.2, "data:image/png;base64,BBBB"),
        Cited(0.3, "https://a.example"),
        Finished(0.4, "stop"),
    ):
        state.apply(event)
        frame = frames.next(event.at)
        assert frame is not None
        message = frame.as_message()
        sent.append((message.get("images"), message.get("citations")))
    assert sent == [
        ([0, ["data:image/png;base64,AAAA"]], None),
        ([1, ["data:image/png;base64,BBBB"]], None),
        (None, [{"url": "https://a.example", "title": ""}]),
        (None, None),
    ]


@given(st.lists(TEXTS, max_size=5), st.lists(TEXTS, max_size=5))
def test_patches_rebuild_the_arguments_of_calls(first: list[list[str]], second: list[list[str]]) -> None:
    state = ReplyState()
    frames = FrameMaker(state)
    built: dict[int, bytes] = {}
    for index, batches in enumerate([first, second]):
        for batch in batches:
            for text in batch:
                state.apply(ToolCallDelta(0.1, index, f"c{index}", "f", text))
            frame = frames.next(0.1)
            for patch in frame.tools if frame else ():
                before = built.setdefault(patch.at, b"")
                assert patch.arguments.offset * 2 == len(before)
                built[patch.at] = before + utf16(patch.arguments.append)
    assert [text.decode("utf-16-le") for _, text in sorted(built.items())] == [
        call.arguments for call in state.tool_calls.values()
    ]


def test_only_the_call_that_changed_is_sent() -> None:
    state = ReplyState()
    frames = FrameMaker(state)
    for index in range(2):
        state.apply(ToolCallDelta(0.1, index, f"c{index}", "f", "{}"))
    frames.next(0.1)
    state.apply(ToolStep(0.2, 1, "returned", "3"))
    frame = frames.next(0.2)
    assert frame is not None
    assert frame.as_message()["tools"] == [
        {
            "at": 1,
            "id": "c1",
            "name": "f",
            "state": "returned",
            "result": "3",
            "shown": None,
            "arguments": [2, ""],
        }
    ]
    state.apply(UsageReported(0.3, Usage(output=5)))
    frame = frames.next(0.3)
    assert frame is not None
    assert "tools" not in frame.as_message()


def test_nothing_new_makes_no_frame() -> None:
    state = ReplyState()
    frames = FrameMaker(state)
    assert frames.next(0.0) is not None
    assert frames.next(0.0) is None
    state.apply(TextDelta(0.1, "x"))
    assert frames.next(0.1) is not None
    assert frames.next(0.1) is None


def test_meta_travels_when_it_changes_and_once_a_second_while_text_comes() -> None:
    state = ReplyState()
    frames = FrameMaker(state)
    frames.next(0.0)
    sent = []
    for at in [0.1, 0.2, 0.9, 1.2, 1.3]:
        state.apply(TextDelta(at, "x"))
        frame = frames.next(at)
        sent.append(frame is not None and frame.meta is not None)
    assert sent == [True, False, False, True, False]
    state.apply(UsageReported(1.4, Usage(output=5)))
    frame = frames.next(1.4)
    assert frame is not None
    assert frame.meta is not None
    assert frame.meta["usage"]["output"] == 5


def test_a_message_holds_only_what_changed() -> None:
    state = ReplyState()
    frames = FrameMaker(state)
    frames.next(0.0)
    state.apply(Retrying(0.1, 1, 2, 0.5, "busy"))
    frame = frames.next(0.1)
    assert frame is not None
    message = frame.as_message()
    assert set(message) == {"t", "seq", "status", "meta"}
    assert message["meta"]["retrying"] == {"attempt": 1, "attempts": 2, "wait": 0.5, "reason": "busy"}
    state.apply(ReasoningDelta(0.2, "hm"))
    state.apply(ReasoningDelta(0.3, "!"))
    frames.next(0.3)
    state.apply(ReasoningDelta(0.4, "?"))
    frame = frames.next(0.4)
    assert frame is not None
    assert frame.as_message() == {
        "t": "frame",
        "seq": state.seq,
        "status": "streaming",
        "reasoning": [3, "?"],
    }


class Screen(View):
    def __init__(self) -> None:
        self.frames: list[Frame] = []
        self.closed = 0

    def open(self, state: ReplyState, elapsed: float, about: ReplyInfo) -> None:
        pass

    def paint(self, frame: Frame) -> None:
        self.frames.append(frame)

    def close(self, state: ReplyState, about: ReplyInfo) -> None:
        self.closed += 1


async def test_the_first_delta_is_painted_at_once_and_a_burst_is_gathered() -> None:
    state, screen = ReplyState(), Screen()
    pacer = Pacer(state, screen, lambda: 0.1, asyncio.get_running_loop, ReplyInfo())
    pacer.open()
    for number in range(1000):
        state.apply(TextDelta(0.1, "x"))
        pacer.poke()
        if number == 0:
            assert [frame.text.append for frame in screen.frames if frame.text] == ["x"]
    assert len(screen.frames) == 1
    state.apply(Finished(0.2, "stop"))
    pacer.finish()
    assert len(screen.frames) == 2
    assert screen.frames[-1].status == "finished"
    assert sum(len(frame.text.append) for frame in screen.frames if frame.text) == 1000
    assert screen.closed == 1


async def test_what_came_within_an_interval_is_painted_at_its_end() -> None:
    state, screen = ReplyState(), Screen()
    pacer = Pacer(state, screen, lambda: 0.1, asyncio.get_running_loop, ReplyInfo())
    pacer.open()
    for text in "ab":
        state.apply(TextDelta(0.1, text))
        pacer.poke()
    while len(screen.frames) < 2:  # noqa: ASYNC110 - what is waited for tells nobody
        await asyncio.sleep(0.01)
    assert [frame.text.append for frame in screen.frames if frame.text] == ["a", "b"]


async def test_an_idle_pacer_has_no_timer() -> None:
    loop = asyncio.get_running_loop()
    state, screen = ReplyState(), Screen()
    pacer = Pacer(state, screen, lambda: 0.1, lambda: loop, ReplyInfo())
    pacer.open()
    state.apply(TextDelta(0.1, "a"))
    pacer.poke()
    while loop._scheduled:  # type: ignore[attr-defined]  # noqa: ASYNC110 - a timer tells nobody
        await asyncio.sleep(0)
    assert len(screen.frames) == 1
