"""The state of a reply is what its events add up to."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nbstream.errors import ProtocolError, ServerError, StreamInterruptedError
from nbstream.recording.growing_text import GrowingText
from nbstream.recording.state import ReplyState
from nbstream.types.events import (
    ChunkSkipped,
    Cited,
    Continued,
    Failed,
    Finished,
    Identified,
    ImageReceived,
    Opened,
    ReasoningDelta,
    RefusalDelta,
    Retrying,
    Routed,
    Stopped,
    StreamEvent,
    TextDelta,
    ToolCallDelta,
    ToolStep,
    UsageReported,
    Warned,
)
from nbstream.types.images import Citation
from nbstream.types.tool_calls import ToolCall
from nbstream.types.usage import Usage


def after(*events: StreamEvent) -> ReplyState:
    state = ReplyState()
    for event in events:
        state.apply(event)
    return state


@given(st.lists(st.text()), st.data())
def test_growing_text_has_a_place_for_each_reader(parts: list[str], data: st.DataObject) -> None:
    log = GrowingText()
    for number, part in enumerate(parts):
        log.parts.append(part)
        if data.draw(st.booleans()):
            assert str(log) == "".join(parts[: number + 1])
    place = data.draw(st.integers(0, len(parts)))
    assert log.since(place) == "".join(parts[place:])
    assert str(log) == "".join(parts)


def test_the_way_of_an_answer() -> None:
    state = ReplyState()
    seen = [state.status]
    for event in (
        Opened(0.1, "req-1"),
        Identified(0.2, "m-1", "id-1"),
        ReasoningDelta(0.5, "Hm."),
        TextDelta(1.5, "Hel"),
        TextDelta(2.5, "lo"),
        UsageReported(2.5, Usage(output=5)),
        Finished(3.0, "stop"),
    ):
        state.apply(event)
        seen.append(state.status)
    assert seen == [*["submitted"] * 3, *["streaming"] * 4, "finished"]
    assert (state.text, state.reasoning, state.finish_reason) == ("Hello", "Hm.", "stop")
    assert (state.request_id, state.model, state.response_id) == ("req-1", "m-1", "id-1")
    timings = state.timings
    assert (timings.ttft, timings.duration, timings.reasoning_seconds) == (0.5, 3.0, 1.0)
    assert timings.tokens_per_second is None


def test_nothing_changes_after_the_end() -> None:
    state = after(TextDelta(1, "a"), Stopped(2, "user"))
    seq, revision = state.seq, state.revision
    state.apply(TextDelta(3, "b"))
    state.apply(Failed(3, ServerError("x")))
    assert (state.text, state.status, state.error, state.seq, state.revision) == (
        "a",
        "stopped",
        None,
        seq,
        revision,
    )


def test_what_had_come_stands_with_the_error() -> None:
    state = after(TextDelta(1, "Hello"), Failed(2, StreamInterruptedError("Cut.")))
    assert state.error is not None
    assert state.error.partial == "Hello"  # type: ignore[attr-defined]
    assert after(Failed(0, ProtocolError("x"))).text == ""


def test_other_choices_are_left_out() -> None:
    state = after(
        TextDelta(1, "a"),
        TextDelta(1, "b", 1),
        ReasoningDelta(1, "c", 1),
        RefusalDelta(1, "d", 1),
        ToolCallDelta(1, 0, "e", choice=1),
    )
    assert (state.text, state.reasoning, state.refusal, state.tool_calls) == ("a", "", "", {})


def test_a_source_that_is_named_again_gets_its_title_and_keeps_its_place() -> None:
    state = ReplyState()
    for url, title in [("u", ""), ("v", "V"), ("u", "U"), ("v", ""), ("", "paper")]:
        state.apply(Cited(0.1, url, title))
    assert state.citations == (Citation("u", "U"), Citation("v", "V"), Citation("", "paper"))


def test_a_restart_lets_go_of_images_and_sources() -> None:
    state = ReplyState()
    for event in (ImageReceived(0.1, "data:,"), Cited(0.1, "u"), Continued(0.2, "restart", 0)):
        state.apply(event)
    assert (state.images, state.citations) == ([], ())


def test_fragments_of_tool_calls_are_joined() -> None:
    state = after(
        ToolCallDelta(1, 0, "a", "f", "{"), ToolCallDelta(1, 1, "b", "g"), ToolCallDelta(1, 0, arguments="}")
    )
    assert state.tool_calls == {0: ToolCall("a", "f", "{}"), 1: ToolCall("b", "g", "")}


def test_a_retry_is_shown_until_an_answer_opens() -> None:
    retrying = Retrying(1, 1, 2, 0.5, "busy")
    assert after(retrying).retrying == retrying
    assert after(retrying, Opened(2)).retrying is None
    assert after(retrying, Stopped(2)).retrying is None


def test_skipped_chunks_are_one_warning_with_their_number() -> None:
    state = after(
        ChunkSkipped(1, "bad"), Warned(2, "length", "Cut."), ChunkSkipped(3, "bad"), ChunkSkipped(4, "bad")
    )
    assert [(w.kind, w.at) for w in state.warnings] == [("length", 2), ("malformed_chunk", 1)]
    assert state.warnings[1].text == "3 malformed chunks were skipped; the answer may be missing a part."
    assert len(state.skipped) == 3


def test_a_seam_keeps_the_text_and_adds_the_tokens_up() -> None:
    state = after(
        TextDelta(1, "One "),
        UsageReported(1, Usage(input=10, output=1)),
        Continued(2, "prefix", 4),
        TextDelta(3, "two."),
        UsageReported(3, Usage(input=11)),
        UsageReported(3, Usage(input=11, output=2)),
    )
    assert (state.text, state.usage) == ("One two.", Usage(input=21, output=3))
    assert [seam.offset for seam in state.seams] == [4]


def test_a_restart_keeps_the_old_text_as_a_version() -> None:
    state = after(
        TextDelta(1, "Old"),
        ToolCallDelta(1, 0, "a"),
        Continued(2, "restart", 3),
        TextDelta(3, "New"),
        Finished(4),
    )
    assert (state.text, state.abandoned, state.tool_calls) == ("New", ["Old"], {})


def test_the_rate_is_an_estimate_without_the_servers_count() -> None:
    deltas = [TextDelta(1 + n / 10, "a") for n in range(21)]
    assert after(*deltas).timings.tokens_per_second == 10.0
    assert after(*deltas, UsageReported(3, Usage(output=41))).timings.tokens_per_second == 20.0


@pytest.mark.parametrize(
    ("tokens", "seconds", "rate"),
    [(20, 0.5, 38.0), (19, 0.5, None), (20, 0.49, None), (100_000, 0.1, None), (3, 600, None), (1, 0, None)],
)
def test_a_rate_of_too_little_is_none(tokens: int, seconds: float, rate: float | None) -> None:
    state = after(TextDelta(1, "a"), TextDelta(1 + seconds, "b"), UsageReported(2, Usage(output=tokens)))
    assert state.timings.tokens_per_second == rate


def test_the_time_to_the_first_token_counts_from_the_request() -> None:
    """Before it is sent the SDK may have to be imported, which takes a second."""
    state = after(Routed(1.4, "m", "p", "h"), TextDelta(1.9, "a"), Finished(2.4))
    assert (state.timings.ttft, state.timings.duration) == (0.5, 1.0)
    assert after(Failed(0.2, ServerError("x"))).timings.duration == 0.2


def test_waiting_for_a_word_and_for_a_function_does_not_slow_the_model() -> None:
    call = [ToolCallDelta(1, 0, "c1", "f"), *(ToolCallDelta(1 + n / 18, 0, arguments=" ") for n in range(19))]
    steps = [ToolStep(2, 0, "asking"), ToolStep(60, 0, "running"), ToolStep(90, 0, "returned", "3")]
    state = after(*call, *steps, TextDelta(100, "a"), TextDelta(101, "b"))
    assert state.timings.tokens_per_second == 10.5


def test_a_call_without_a_result_is_unfinished_at_the_end() -> None:
    calls = [ToolCallDelta(1, index, f"c{index}", "f", "{}") for index in range(3)]
    state = after(*calls, ToolStep(2, 0, "returned", "3"), ToolStep(2, 1, "running"), Stopped(3))
    assert [call.state for call in state.tool_calls.values()] == ["returned", "unfinished", "unfinished"]


@pytest.mark.parametrize("called", [False, True], ids=["text alone", "with a tool call"])
@pytest.mark.parametrize(
    "end",
    [
        Finished(3.0, "length", continuable=True),
        Failed(3.0, StreamInterruptedError("Cut."), continuable=True),
    ],
    ids=["length", "cut"],
)
def test_an_answer_with_tool_calls_cannot_be_continued(end: StreamEvent, *, called: bool) -> None:
    calls = [ToolCallDelta(2.0, 0, "c1", "add", '{"a": 1')] if called else []
    assert after(TextDelta(1.0, "Let me add"), *calls, end).continuable is not called
