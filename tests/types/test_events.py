"""Events are values with a JSON form."""

from __future__ import annotations

import dataclasses
import json
from typing import get_args

import pytest

from nbstream import Chat
from nbstream.errors import ServerError
from nbstream.recording.state import ReplyState
from nbstream.types.event_json import from_json, to_json
from nbstream.types.events import (
    Continued,
    Failed,
    ImageReceived,
    StreamEvent,
    TextDelta,
    ToolCallDelta,
    UsageReported,
)
from nbstream.types.usage import Usage

KINDS = get_args(StreamEvent)


@pytest.mark.parametrize("kind", KINDS)
def test_every_event_is_frozen_has_a_time_and_is_understood_by_the_state(kind: type) -> None:
    assert kind.__dataclass_params__.frozen  # type: ignore[attr-defined]
    assert dataclasses.fields(kind)[0].name == "at"
    assert kind in ReplyState._handlers


@pytest.mark.parametrize(
    ("event", "value"),
    [
        (
            ImageReceived(0.5, "data:image/png;base64,iVBORw0KGgo="),
            {"type": "image_received", "at": 0.5, "url": "data:image/png;base64, 34 characters"},
        ),
        (TextDelta(0.5, "Hi"), {"type": "text_delta", "at": 0.5, "text": "Hi", "choice": 0}),
        (
            ToolCallDelta(0.5, 1, "c", "f", "{}"),
            {
                "type": "tool_call_delta",
                "at": 0.5,
                "index": 1,
                "id": "c",
                "name": "f",
                "arguments": "{}",
                "choice": 0,
                "extra": None,
            },
        ),
        (
            Continued(1, "prefix", 9, 2),
            {"type": "continued", "at": 1, "way": "prefix", "offset": 9, "repeated": 2},
        ),
        (
            UsageReported(1, Usage(input=1)),
            {
                "type": "usage_reported",
                "at": 1,
                "usage": {"input": 1, "output": None, "total": None, "cached": None, "reasoning": None},
            },
        ),
        (
            Failed(2, ServerError("Down.", status=503, advice="Wait.")),
            {
                "type": "failed",
                "at": 2,
                "error": {"type": "ServerError", "kind": "server", "message": "Down.", "advice": "Wait."},
                "continuable": False,
                "position": None,
            },
        ),
    ],
)
def test_json(event: StreamEvent, value: object) -> None:
    assert to_json(event) == value
    assert json.loads(json.dumps(to_json(event))) == value


@pytest.mark.parametrize(
    "event",
    [
        TextDelta(0.5, "Hi", 1),
        ToolCallDelta(0.5, 1, "c", "f", "{}", extra={"signature": "s"}),
        Continued(1, "prefix", 9, 2),
        UsageReported(2, Usage(input=1, output=2)),
        ImageReceived(0.5, "https://example.org/a.png"),
        Failed(3, ServerError("Down.", status=503, advice="Wait."), continuable=True, position=("r-1", 7)),
    ],
)
def test_an_event_is_read_from_its_json(event: StreamEvent) -> None:
    written = json.dumps(to_json(event) | {"chunk": None})
    read = from_json(json.loads(written))
    assert type(read) is type(event)
    assert to_json(read) == to_json(event)
    if isinstance(event, Failed):
        assert isinstance(read, Failed)
        assert (type(read.error), str(read.error), read.position) == (ServerError, "Down. Wait.", ("r-1", 7))
    else:
        assert read == event


async def test_the_lines_of_the_inspector_are_read_as_the_events_of_the_reply() -> None:
    reply = await Chat("demo:nbstream-demo-fast").send("echo: Hello")
    lines = [json.loads(line) for line in reply.inspect().to_jsonl().splitlines()]
    read = [from_json(line) for line in lines if line["type"] != "chunk"]
    assert [to_json(event) for event in read] == [to_json(event) for event in reply.events]


@pytest.mark.parametrize(
    "data", [{}, {"type": "chunk"}, {"type": "text_delta"}, {"type": "failed", "at": 1, "error": {}}]
)
def test_what_is_not_an_event_is_a_value_error(data: dict[str, object]) -> None:
    with pytest.raises(ValueError, match="event"):
        from_json(data)
