"""What views are sent of an answer with data: lines that only grow, its JSON, and the value that is open."""

from __future__ import annotations

import io
from contextlib import redirect_stdout
from typing import Any

import pytest
from pydantic import BaseModel

from nbstream.recording.state import ReplyState
from nbstream.structured.structure import Structure
from nbstream.types.events import (
    CorrectionRequested,
    Finished,
    PromptFilled,
    SchemaRequested,
    StreamEvent,
    TextDelta,
)
from nbstream.types.rendered import FilledVariable, RenderedPrompt
from nbstream.views.base import FrameMaker
from nbstream.views.packing import packed_reply, unpacked_reply
from nbstream.views.shown_text import shown_text
from nbstream.views.snapshot import ReplyInfo, saved_reply, snapshot
from nbstream.views.terminal import TerminalView


class City(BaseModel):
    name: str
    people: int


class Country(BaseModel):
    capital: City
    languages: list[str]


HEAD = "| row | name | people |\n| ---: | --- | ---: |"
NOT_A_NUMBER = "Input should be a valid integer, unable to parse string as an integer"
ROWS = '[{"name": "Ulm", "people": 126000}, {"name": "Bonn", "people": "many"}]'
OBJECT = '{"capital": {"name": "Bern", "people": "many"}, "languages": ["de", "fr"]}'
TREE = f"""- **capital**
  - **name**: Bern
  - **people**: many ⚠ ({NOT_A_NUMBER})
- **languages**
  - **0**: de
  - **1**: fr"""


def asked(schema: Any, *events: StreamEvent, shows_text: bool = False) -> ReplyState:
    state = ReplyState()
    state.extend([SchemaRequested(0.0, "json_schema", Structure.of(schema), shows_text)])
    state.extend(events)
    return state


def replayed(state: ReplyState, text: str, size: int) -> dict[str, Any]:
    """What a page holds that takes every frame."""
    frames = FrameMaker(state)
    held: dict[str, Any] = {"text": "", "json": "", "open": ""}
    events: list[StreamEvent] = [TextDelta(0.1, text[at : at + size]) for at in range(0, len(text), size)]
    for event in [*events, Finished(0.2, "stop")]:
        state.apply(event)
        frame = frames.next(0.1)
        message = frame.as_message() if frame else {}
        if "state" in message:
            held = {name: message["state"].get(name, "") for name in ("text", "json", "open")}
        for name in ("text", "json"):
            offset, added = message.get(name, (len(held[name]), ""))
            assert offset == len(held[name])
            held[name] += added
        held["open"] = message.get("open", held["open"])
    return held


@pytest.mark.parametrize("size", [1, 5, 1000])
@pytest.mark.parametrize(
    ("schema", "text"), [(list[City], ROWS), (Country, OBJECT), (City, '{"name": "a"} x')]
)
def test_frames_add_up_to_the_state(schema: Any, text: str, size: int) -> None:
    state = asked(schema)
    held = replayed(state, text, size)
    assert held == {"text": shown_text(state), "json": text, "open": ""}


def test_rows_are_numbered_as_in_their_errors() -> None:
    state = asked(list[City], TextDelta(0.1, ROWS))
    bad = f"| ⚠ 1 | Bonn | many ({NOT_A_NUMBER}) |"
    assert shown_text(state) == f"{HEAD}\n| 0 | Ulm | 126000 |\n{bad}"
    assert state.structured is not None
    assert [error.row for error in state.structured.errors] == [1]


def test_an_object_is_a_tree_with_its_errors() -> None:
    state = asked(Country, TextDelta(0.1, OBJECT), Finished(0.2, "stop"))
    assert shown_text(state) == TREE
    missing = asked(City, TextDelta(0.1, '{"name": "Ulm", "extra": null}'), Finished(0.2, "stop"))
    assert shown_text(missing).splitlines() == [
        "- **name**: Ulm",
        "- **extra**: null",
        "- ⚠ people: Field required",
    ]


def test_the_open_value_stands_behind_the_others() -> None:
    rows = snapshot(asked(list[City], TextDelta(0.1, '[{"name": "Ulm", "people": 1}, {"name": "B*')), 1.0)
    assert rows["text"] == f"{HEAD}\n| 0 | Ulm | 1 |"
    assert rows["open"] == "| 1 | B&#42;… |  |"
    tree = snapshot(asked(Country, TextDelta(0.1, '{"capital": {"name": "B')), 1.0)
    assert (tree["text"], tree["open"], tree["tree"]) == ("", "- **capital**\n  - **name**: B…", True)
    unnamed = snapshot(asked(list[dict[str, int]], TextDelta(0.1, '[{"a": 1, "b": 2')), 1.0)
    assert unnamed["open"] == "| row | a | b |\n| ---: | --- | --- |\n| 0 | 1 | 2… |"
    values = snapshot(asked(list[str], TextDelta(0.1, '["one", "tw')), 1.0)
    assert values["open"] == "| 1 | tw… |"


def test_json_is_sent_where_something_else_is_shown() -> None:
    shown = asked(list[City], TextDelta(0.1, ROWS), shows_text=True)
    assert "json" not in snapshot(shown, 1.0)
    shown.apply(Finished(0.2, "stop"))
    assert snapshot(shown, 1.0)["json"] == ROWS
    prose = asked(list[City], TextDelta(0.1, "No."), Finished(0.2, "stop"))
    assert prose.text == snapshot(prose, 1.0)["text"]
    assert "json" not in snapshot(prose, 1.0)


def test_json_is_kept_line_by_line_in_the_file() -> None:
    text = ROWS.replace(", ", ",\n")
    state = asked(list[City], TextDelta(0.1, text), Finished(0.2, "stop"))
    reply = saved_reply(state)
    form = packed_reply(reply, reply["text"])
    assert form["json"] == text.split("\n")
    assert unpacked_reply(form, reply["text"])["json"] == text


def test_a_corrected_row_replaces_the_table() -> None:
    state = asked(list[City], TextDelta(0.1, ROWS))
    frames = FrameMaker(state)
    frames.next(0.1)
    correction = CorrectionRequested(0.2, 1, 1, "1 of 2 rows does not match the schema.")
    state.extend([correction, TextDelta(0.3, '[{"name": "Bonn", "people": 7}]'), Finished(0.4, "stop")])
    frame = frames.next(0.4)
    assert frame is not None
    assert frame.snapshot is not None
    assert frame.snapshot["text"].endswith("| 1 | Bonn | 7 |")


class _Nobody:
    def stop(self, by: str = "user") -> None: ...

    def rate(self, score: int, note: str = "") -> None: ...

    def approve(self, call: str, *, allow: bool = True) -> None: ...

    def inspect(self) -> Any: ...


def test_a_terminal_writes_the_texts_themselves() -> None:
    prompt = RenderedPrompt("{{ n }}", "1", (FilledVariable("n"),))
    state = asked(list[City], PromptFilled(0.0, prompt))
    view, frames = TerminalView(_Nobody(), asks=False), FrameMaker(state)
    with redirect_stdout(io.StringIO()) as written:
        view.open(state, 0.0, ReplyInfo())
        for event in (TextDelta(0.1, '[{"name": "a|*b*", "people": 1}]'), Finished(0.2, "stop")):
            state.apply(event)
            if (frame := frames.next(0.1)) is not None:
                view.paint(frame)
        view.close(state, ReplyInfo())
    assert "| 0 | a|*b* | 1 |" in written.getvalue()
    assert "[Filled in: n.]" in written.getvalue()
    assert "connection" not in written.getvalue()
