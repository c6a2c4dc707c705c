"""The figures below an answer: the same in a terminal as in the page (`js/reply/figures.test.ts`)."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from nbstream.recording.state import ReplyState
from nbstream.types.events import Finished, Routed, Stopped, StreamEvent, TextDelta, UsageReported, Warned
from nbstream.types.usage import Usage
from nbstream.views.figures import figures, footer
from nbstream.views.markup import remarks
from nbstream.views.snapshot import meta_of

CASES: list[dict[str, Any]] = json.loads(
    (Path(__file__).parents[1] / "fixtures/figures.json").read_text(encoding="utf-8")
)


@pytest.mark.parametrize("case", CASES, ids=[case["name"] for case in CASES])
def test_the_figures_of_the_shared_fixture(case: dict[str, Any]) -> None:
    assert figures(meta_of(ReplyState(), 0.0) | case["meta"]) == case["footer"]


def test_the_fixture_names_fields_that_a_page_receives() -> None:
    # The last two are only there where they say something.
    fields = meta_of(ReplyState(), 0.0).keys() | {"whole", "samples"}
    assert {field for case in CASES for field in case["meta"]} <= fields
    assert len(CASES) == len({case["name"] for case in CASES})


def test_a_terminal_has_a_remark_where_the_page_says_stopped() -> None:
    texts = {case["outcome"]["text"] for case in CASES if case["status"] == "stopped" and "outcome" in case}
    assert texts == set(remarks(state_of(TextDelta(0.5, "Hi"), Stopped(0.6))))


def test_the_footer_says_that_a_rate_without_usage_is_an_estimate() -> None:
    deltas = [TextDelta(1 + n / 20, "x") for n in range(21)]
    assert footer(state_of(*deltas)) == "1.00 s to first token · ≈20 tok/s"
    usage = UsageReported(2.0, Usage(input=7, output=41))
    assert footer(state_of(*deltas, usage)) == "1.00 s to first token · 40 tok/s · 41 tokens (7 in)"


def test_the_footer_names_model_and_end() -> None:
    route = Routed(0.0, "m", "local", "this machine", why="argument", badge="local · tiny")
    events = (route, TextDelta(0.5, "Hi"), Finished(0.6, "length"))
    assert (
        footer(state_of(*events)) == "local · tiny · m · 0.50 s to first token · cut off by the token limit"
    )
    notice = Warned(0.6, "length", "The answer was cut off by the token limit.")
    assert footer(state_of(*events[:2], notice, events[2])).endswith("to first token")


def test_an_absurd_count_of_a_server_costs_no_answer() -> None:
    usage = UsageReported(2.0, Usage.from_api({"prompt_tokens": 7, "completion_tokens": 10**400}))
    deltas = [TextDelta(1 + n / 20, "x") for n in range(21)]
    assert footer(state_of(*deltas, usage, Finished(2.0, "stop"))) == "1.00 s to first token · ≈20 tok/s"


def state_of(*events: StreamEvent) -> ReplyState:
    state = ReplyState()
    for event in events:
        state.apply(event)
    return state
