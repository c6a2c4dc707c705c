"""The streams that the Python and the JavaScript readers both have to read alike, cut at every byte."""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pytest

from nbstream.types.events import (
    ChunkSkipped,
    Failed,
    Finished,
    ReasoningDelta,
    StreamEvent,
    TextDelta,
    UsageReported,
)
from nbstream.wire.chunks import ChunkDecoder
from nbstream.wire.response_reader import ResponseReader

FILES = sorted((Path(__file__).parent.parent / "fixtures" / "streams").glob("*.sse"))
EACH = pytest.mark.parametrize("path", FILES, ids=[path.stem for path in FILES])


def events_of(pieces: Iterable[bytes]) -> list[StreamEvent]:
    answer, events = ResponseReader(ChunkDecoder()), []
    for piece in pieces:
        events += answer.feed(piece, 0.0)
        if answer.over:
            break
    return events + answer.end(0.0)


def summary(events: list[StreamEvent]) -> dict[str, Any]:
    usages = [event.usage for event in events if isinstance(event, UsageReported)]
    ends = [event for event in events if isinstance(event, Finished | Failed)]
    assert ends == events[-1:], "an answer ends once, and nothing comes after"
    reported = isinstance(ends[0], Failed) and ends[0].error.kind == "provider"
    return {
        "text": joined(events, TextDelta),
        "reasoning": joined(events, ReasoningDelta),
        "finish_reason": ends[0].reason if isinstance(ends[0], Finished) else None,
        "complete": isinstance(ends[0], Finished),
        "skipped": sum(isinstance(event, ChunkSkipped) for event in events),
        "usage": usages[-1].as_dict() if usages else None,
        "error": {"kind": "provider"} if reported else None,
    }


def joined(events: list[StreamEvent], kind: type[TextDelta | ReasoningDelta]) -> str:
    return "".join(event.text for event in events if isinstance(event, kind) and event.choice == 0)


def check(path: Path, pieces: Iterable[bytes]) -> None:
    expected = json.loads(path.with_suffix(".json").read_text())
    found = summary(events_of(pieces))
    assert {name: found[name] for name in expected} == expected


@EACH
def test_at_once(path: Path) -> None:
    check(path, [path.read_bytes()])


@EACH
def test_cut_in_two_at_every_byte(path: Path) -> None:
    data = path.read_bytes()
    for cut in range(1, len(data)):
        check(path, [data[:cut], data[cut:]])


@EACH
def test_byte_by_byte(path: Path) -> None:
    check(path, (bytes([byte]) for byte in path.read_bytes()))


def test_the_seeds_transcript_with_its_malformed_last_chunk() -> None:
    data = next(path for path in FILES if path.stem == "seed-transcript").read_bytes()
    found = summary(events_of([data]))
    assert (found["text"], found["skipped"], found["complete"]) == ("Hello world", 1, True)
