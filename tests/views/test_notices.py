"""Which warnings are shown as notices; `js/reply/notices.test.ts` reads the same list."""

from __future__ import annotations

import json
from pathlib import Path
from typing import get_args

import pytest

from nbstream.recording.state import ReplyState
from nbstream.types.events import (
    Continued,
    ImageReceived,
    Routed,
    StreamEvent,
    TextDelta,
    Warned,
    WarningKind,
)
from nbstream.views.beside import MOST_IMAGE_CHARS
from nbstream.views.markup import remarks
from nbstream.views.snapshot import meta_of, saved_reply

FIXTURE = Path(__file__).parents[1] / "fixtures/notices.json"
SHOWN: dict[WarningKind, str] = {}
FROM_VIEW: set[str] = set()
for entry in json.loads(FIXTURE.read_text(encoding="utf-8")):
    if entry["source"] == "stream":
        SHOWN[entry["kind"]] = entry["shown"]
    elif entry["source"] == "view":
        FROM_VIEW.add(entry["kind"])


def test_the_list_has_every_kind_of_warning() -> None:
    assert set(SHOWN) == set(get_args(WarningKind))


@pytest.mark.parametrize("kind", SHOWN)
def test_a_warning_is_a_notice_live_saved_and_in_text_or_nowhere(kind: WarningKind) -> None:
    state = state_of(TextDelta(0.1, "Hi"), Warned(0.2, kind, "A warning."))
    kinds = [] if SHOWN[kind] == "hidden" else [kind]
    assert [notice["kind"] for notice in meta_of(state, 0.3)["notices"]] == kinds
    assert [notice["kind"] for notice in saved_reply(state)["notices"]] == kinds
    assert any("A warning." in remark for remark in remarks(state)) == bool(kinds)
    assert [warning.kind for warning in state.warnings] == [kind], "the record keeps every warning"


def test_the_list_has_every_notice_that_is_no_warning() -> None:
    state = state_of(
        Routed(0.0, "m", "ollama", "127.0.0.1:11434", why="found", discovered=True, left_out=2),
        TextDelta(0.1, "Hi"),
        ImageReceived(0.2, "data:image/png;base64," + "A" * MOST_IMAGE_CHARS),
        Continued(0.3, "prefix", 2),
    )
    assert {notice["kind"] for notice in meta_of(state, 0.4)["notices"]} == FROM_VIEW


def state_of(*events: StreamEvent) -> ReplyState:
    state = ReplyState()
    for event in events:
        state.apply(event)
    return state
