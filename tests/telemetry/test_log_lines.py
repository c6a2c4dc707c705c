"""The log of events, for whoever listens at DEBUG."""

from __future__ import annotations

import logging

import pytest

from nbstream.recording.log import EventLog
from nbstream.telemetry.log_lines import event_logger
from tests.inspection.streams import KEY, delta, reply_of
from tests.loopback import json_response, sse_response
from tests.loopback.chunks import END

ANSWER = sse_response([delta("Hello"), f"{{broken {KEY}", delta(KEY), *END])


async def test_each_event_is_a_line(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.DEBUG, logger="nbstream"):
        reply = await reply_of(ANSWER)
    lines = [record.getMessage() for record in caplog.records if record.name == "nbstream"]
    assert len(lines) == len(reply.events)
    assert all(line.startswith(reply.inspect().id[:8]) for line in lines)
    assert [line.split()[3] for line in lines] == [
        row.type for row in reply.inspect().rows if row.event is not None
    ]
    assert "text='Hello'" in "".join(lines)


async def test_no_line_holds_a_secret(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.DEBUG, logger="nbstream"):
        await reply_of(ANSWER)
        await reply_of(json_response(401, {"error": {"message": f"Incorrect key {KEY}"}}))
    assert "Incorrect key" in caplog.text
    assert KEY not in caplog.text


async def test_without_a_listener_there_is_nothing_to_call() -> None:
    assert event_logger("id", EventLog(), str) == []
    reply = await reply_of(ANSWER)
    assert reply.done
