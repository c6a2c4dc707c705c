"""The log of a reply says the same after it was packed."""

from __future__ import annotations

import gc
import sys
from collections.abc import AsyncGenerator, Callable

from hypothesis import given
from hypothesis import strategies as st

from nbstream.recording.log import EventLog
from nbstream.reply import Reply
from nbstream.types.events import Finished, Opened, ReasoningDelta, StreamEvent, TextDelta, ToolCallDelta

AT = st.integers(0, 10**10).map(lambda microseconds: microseconds / 1e6)
TEXT = st.text(max_size=3) | st.just("the ")
EVENT = st.one_of(
    st.builds(TextDelta, AT, TEXT, st.sampled_from([0, 0, 0, 1])),
    st.builds(ReasoningDelta, AT, TEXT),
    st.builds(ToolCallDelta, AT, st.just(0)),
)
LOGS = st.lists(EVENT, max_size=30) | st.builds(lambda event, n: [event] * n, EVENT, st.integers(0, 6000))


@given(LOGS, st.integers(0, 6100), st.integers(1, 700), st.booleans())
def test_a_log_says_the_same_packed_or_not(
    events: list[StreamEvent], place: int, at_once: int, ended: bool
) -> None:
    log = EventLog()
    for start in range(0, len(events), at_once):
        log.extend(events[start : start + at_once])
    if ended:
        log.pack()
    assert list(log) == events
    assert len(log) == len(events)
    assert log.since(place) == events[place:]


def test_a_log_of_many_parts_is_read_from_any_place() -> None:
    kinds: list[type[TextDelta | ReasoningDelta]] = [TextDelta, ReasoningDelta] * 3
    events: list[StreamEvent] = [kind(number, "a") for number, kind in enumerate(kinds) for _ in range(10)]
    log = EventLog()
    log.extend(events)
    log.pack()
    assert not [place for place in range(62) if log.since(place) != events[place:]]


def answer(deltas: int) -> Callable[[Callable[[], float]], AsyncGenerator[list[StreamEvent], None]]:
    async def source(clock: Callable[[], float]) -> AsyncGenerator[list[StreamEvent], None]:
        yield [Opened(clock())]
        for number in range(deltas):
            yield [TextDelta(clock(), f"{number} ")]
        yield [Finished(clock(), "stop")]

    return source


async def test_who_follows_a_reply_and_who_comes_later_see_the_same() -> None:
    reply = Reply(answer(3000))
    early = [event async for event in reply.follow()]
    assert packed_size(reply) < 60 * len(early)
    assert list(reply.events) == early
    assert [event async for event in reply.follow()] == early
    assert [delta async for delta in reply] == [f"{number} " for number in range(3000)]
    assert reply.text == "".join(f"{number} " for number in range(3000))


def packed_size(reply: Reply) -> int:
    """Bytes of the objects that the log of a reply holds on to."""
    return sum(sys.getsizeof(item) for item in held_by(reply._recording.events))


def held_by(value: object) -> list[object]:
    found: dict[int, object] = {}
    left = [value]
    while left:
        item = left.pop()
        if id(item) not in found and not isinstance(item, type):
            found[id(item)] = item
            left += gc.get_referents(item)
    return list(found.values())
