"""Every case of the table of bodies, from its bytes alone."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nbstream.recording.state import ReplyState
from nbstream.wire.chunks import ChunkDecoder
from nbstream.wire.response_reader import ResponseReader
from tests.faults.bodies import BODIES
from tests.faults.body import Body
from tests.faults.outcome import Outcome, words_of

CASES = [pytest.param(body, id=name) for name, body in BODIES.items()]


def read(body: Body, pieces: Iterable[bytes]) -> Outcome:
    """The result of a body in these pieces."""
    answer, state = ResponseReader(ChunkDecoder(), content_type=body.content_type), ReplyState()
    for piece in pieces:
        for event in answer.feed(piece, 0.0):
            state.apply(event)
        if answer.over:
            break
    for event in answer.end(0.0):
        state.apply(event)
    assert body.says in words_of(state)
    return Outcome.of(state)


@pytest.mark.parametrize("body", CASES)
def test_at_once(body: Body) -> None:
    assert read(body, [body.data] if body.data else []) == body.outcome


@pytest.mark.parametrize("body", CASES)
def test_byte_by_byte(body: Body) -> None:
    assert read(body, (body.data[i : i + 1] for i in range(len(body.data)))) == body.outcome


@given(name=st.sampled_from(sorted(BODIES)), data=st.data())
def test_cut_anywhere(name: str, data: st.DataObject) -> None:
    body = BODIES[name]
    cuts = sorted(data.draw(st.lists(st.integers(0, len(body.data)), max_size=5)))
    edges = [0, *cuts, len(body.data)]
    pieces = [body.data[a:b] for a, b in pairwise(edges) if a < b]
    assert read(body, pieces) == body.outcome
