"""The join of two answers: nothing twice, nothing lost."""

from __future__ import annotations

from collections.abc import Iterable

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from nbstream.wire.continuation_joiner import ContinuationJoiner

BEFORE = "One sentence about foxes. Another about dogs, and "
WORDS = st.text(st.sampled_from("abc ,.\n"), max_size=30)


def joined(seam: ContinuationJoiner, pieces: Iterable[str]) -> str:
    return "".join(seam.join(piece) for piece in pieces) + seam.flush()


@given(before=WORDS, after=st.lists(WORDS.filter(bool), max_size=5))
def test_only_what_was_there_already_is_left_out(before: str, after: list[str]) -> None:
    seam = ContinuationJoiner(before)
    text = joined(seam, after)
    whole = "".join(after)
    assume(not seam.restarted)
    assert text == whole[seam.repeated :]
    left_out = whole[: seam.repeated]
    space_at_the_end = before[len(before.rstrip()) :]  # which a server is not sent
    assert before.endswith(left_out) or space_at_the_end.startswith(left_out)


@given(after=st.text(min_size=1), cut=st.integers(0, len(BEFORE) - 1), data=st.data())
def test_a_repeated_end_stands_once(after: str, cut: int, data: st.DataObject) -> None:
    repeated = BEFORE[cut:]
    assume(len(repeated) >= 16)
    assume(after[0] not in BEFORE)
    said = repeated + after
    place = data.draw(st.integers(1, len(said)))
    assert BEFORE + joined(ContinuationJoiner(BEFORE), [said[:place], said[place:]]) == BEFORE + after


@pytest.mark.parametrize("chance", ["and ", "dogs, and ", "--- | --- | --- | "])
def test_a_short_or_dull_repetition_may_be_meant(chance: str) -> None:
    before = BEFORE + chance
    assert joined(ContinuationJoiner(before), [chance + "more"]) == chance + "more"


def test_an_answer_that_begins_again_is_found_out() -> None:
    seam = ContinuationJoiner(BEFORE)
    assert joined(seam, ["One sentence about ", "foxes. And something else."]) == ""
    assert seam.restarted


def test_text_is_held_back_no_longer_than_it_may_be_a_repetition() -> None:
    seam = ContinuationJoiner(BEFORE)
    assert seam.join("Another about") == ""
    before = seam.decided
    assert seam.join(" cats") == "Another about cats"
    assert (before, seam.decided) == (False, True)
    assert seam.join(" and so on") == " and so on"


def test_white_space_at_the_end_is_not_doubled() -> None:
    assert joined(ContinuationJoiner("A list:\n\n"), ["\n", "\n- one"]) == "- one"
    assert joined(ContinuationJoiner("A list:"), ["\n\n- one"]) == "\n\n- one"
