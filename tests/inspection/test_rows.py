"""Rows of every stream among the fixtures, however it was cut: nothing lost, nothing in a wrong place."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nbstream.inspection.rows import EventRows
from nbstream.recording.log import EventLog
from nbstream.types.events import ReasoningDelta, RefusalDelta, TextDelta, ToolCallDelta
from nbstream.wire.chunks import ChunkDecoder
from nbstream.wire.raw_capture import RawCapture
from nbstream.wire.response_reader import ResponseReader

STREAMS = sorted((Path(__file__).parent.parent / "fixtures/streams").glob("*.sse"))
DELTAS = (TextDelta, ReasoningDelta, RefusalDelta, ToolCallDelta)


@pytest.mark.parametrize("path", STREAMS, ids=lambda path: path.stem)
@given(data=st.data())
@settings(max_examples=20, deadline=None)
def test_rows_are_the_log_and_all_chunks_in_the_order_of_time(path: Path, data: st.DataObject) -> None:
    body = path.read_bytes()
    cuts = sorted(data.draw(st.lists(st.integers(0, len(body)), max_size=5)))
    answer, capture = ResponseReader(ChunkDecoder()), RawCapture()
    log = EventLog()
    ended = False
    rows = EventRows(log, capture, lambda: ended)
    capture.begin(ChunkDecoder, str)
    for number, (start, end) in enumerate(zip([0, *cuts], [*cuts, len(body)], strict=True)):
        if answer.over:
            break
        capture.write(body[start:end], number)
        log.extend(answer.feed(body[start:end], number))
        if data.draw(st.booleans()):
            rows.read()
    capture.end(99)
    log.extend(answer.end(99))
    ended = True
    if data.draw(st.booleans()):
        log.pack()
        while capture.pack_some():
            pass
    found = rows.read()

    assert rows.complete
    assert [row.event for row in found if row.event is not None] == list(log)
    assert [row.at for row in found] == sorted(row.at for row in found)
    assert all(row.chunk is not None for row in found if isinstance(row.event, DELTAS))
    numbers = list(dict.fromkeys(row.chunk.number for row in found if row.chunk is not None))
    assert numbers == list(range(len(numbers)))
