"""The inspector of a reply: each event with its chunk, and what is derived from them."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import pytest

from nbstream import Chat
from nbstream.errors import ConfigError
from nbstream.inspection.comm import inspect, serve
from nbstream.inspection.pages import PAGE, SAVED, TEXT
from nbstream.protocol.command import Command, CommandError
from nbstream.reply import Reply
from nbstream.types.events import Finished, TextDelta
from nbstream.types.timings import Gaps
from nbstream.wire.raw_capture import DEBUG_BYTES, USUAL_BYTES
from tests.inspection.streams import KEY, USAGE, delta, reply_of
from tests.loopback import Pause, Piece, Script, in_turn, json_response, sse_response
from tests.loopback.chunks import STOP

WHOLE = {
    "id": "a",
    "model": "m-2026",
    "choices": [{"message": {"content": "Hello"}, "finish_reason": "stop"}],
}
MALFORMED = f"{{broken {KEY}"


def stream(*pieces: Piece) -> Script:
    return sse_response([*pieces, "[DONE]"])


def paired(reply: Reply) -> list[tuple[str, str | None]]:
    """Type of each row, and a telling piece of its chunk."""
    return [(row.type, None if row.chunk is None else row.chunk.data) for row in reply.inspect().rows]


async def test_every_event_stands_beside_its_chunk_and_every_chunk_is_there() -> None:
    reply = await reply_of(stream(delta("Hel"), delta("lo"), STOP, USAGE))
    first, second, stop, usage = (json.dumps(piece) for piece in (delta("Hel"), delta("lo"), STOP, USAGE))
    found = [
        (kind, None if raw is None else json.loads(raw) if raw[0] == "{" else raw)
        for kind, raw in paired(reply)
    ]
    assert found == [
        ("routed", None),
        ("opened", None),
        ("identified", json.loads(first)),
        ("text_delta", json.loads(first)),
        ("text_delta", json.loads(second)),
        ("chunk", json.loads(stop)),
        ("usage_reported", json.loads(usage)),
        ("chunk", "[DONE]"),
        ("finished", json.loads(stop)),
    ]
    assert [row.event for row in reply.inspect().rows if row.event is not None] == list(reply.events)


async def test_a_malformed_chunk_is_marked_and_its_secrets_are_masked() -> None:
    reply = await reply_of(stream(delta("a"), MALFORMED, delta("b"), STOP))
    skipped = next(row for row in reply.inspect().rows if row.type == "chunk_skipped")
    assert skipped.chunk is not None
    assert skipped.chunk.data == "{broken [secret]"
    inspection = reply.inspect()
    for text in (repr(inspection), inspection.to_jsonl(), json.dumps(inspection._repr_mimebundle_())):
        assert "broken [secret]" in text or "broken &#91;secret" in text
        assert KEY not in text
    assert "skipped: 1" in repr(inspection)


async def test_what_a_model_repeats_of_a_key_is_masked_here_as_well() -> None:
    reply = await reply_of(stream(delta(f"your key is {KEY}"), STOP))
    assert KEY not in reply.inspect().to_jsonl() + repr(reply.inspect())
    assert KEY not in reply.inspect().to_frame().to_csv()


async def test_an_answer_in_one_piece_stands_behind_all_of_its_events() -> None:
    reply = await reply_of(json_response(200, WHOLE), stream=False)
    behind = {row.type for row in reply.inspect().rows if row.chunk is not None}
    assert behind == {"identified", "text_delta", "finished"}
    assert {row.chunk.number for row in reply.inspect().rows if row.chunk is not None} == {0}


async def test_a_page_that_is_no_answer_stands_behind_the_error() -> None:
    page = b"<html>Log in first</html>"
    reply = await reply_of(sse_response([page], headers={"content-type": "text/html"}))
    last = reply.inspect().rows[-1]
    assert last.type == "failed"
    assert last.chunk is not None
    assert last.chunk.data == page.decode()


async def test_retries_and_attempts_are_told_apart() -> None:
    reply = await reply_of(
        in_turn(json_response(503, {}, headers={"retry-after-ms": "1"}), stream(delta("a"), STOP))
    )
    types = [row.type for row in reply.inspect().rows]
    assert types.index("retrying") < types.index("opened")
    assert reply.inspect()._summary.as_json()["retries"] == 1


async def test_a_continued_answer_has_the_chunks_of_both_responses() -> None:
    long = "The quick brown fox jumps over the lazy dog. "
    cut = sse_response([delta(long)])
    reply = await reply_of(in_turn(cut, stream(delta("A fresh answer."), STOP)), on_disconnect="restart")
    assert reply.text == "A fresh answer."
    attempts = [(row.type, row.chunk.attempt) for row in reply.inspect().rows if row.chunk is not None]
    assert ("text_delta", 1) in attempts
    assert ("text_delta", 2) in attempts
    assert "reconnects: 1" in repr(reply.inspect())


async def test_what_was_not_kept_is_said() -> None:
    big = delta("x" * USUAL_BYTES)
    reply = await reply_of(stream(delta("a"), big, delta("b"), STOP))
    assert reply.text.endswith("xb")
    rows = reply.inspect().rows
    assert [row.chunk is None for row in rows if row.type == "text_delta"] == [False, True, True]
    assert f"Only the first {USUAL_BYTES:,} of" in repr(reply.inspect())
    assert "--debug" in repr(reply.inspect())
    whole = await reply_of(stream(delta("a"), big, delta("b"), STOP), debug=True)
    assert [row.chunk is None for row in whole.inspect().rows if row.type == "text_delta"] == [False] * 3
    assert DEBUG_BYTES > USUAL_BYTES


async def test_it_grows_with_the_reply() -> None:
    reply = Chat("demo:nbstream-demo-fast").send("echo: one two three")
    inspection = reply.inspect()
    seen: list[dict[str, Any]] = []
    async for _ in reply.follow():
        page = inspection.page(len(seen))
        assert page["over"] is False or reply.done
        seen += page["rows"]
    page = inspection.page(len(seen))
    assert page["over"]
    assert [row["type"] for row in seen + page["rows"]] == [row.type for row in inspection.rows]


async def test_pages_are_bounded_and_complete() -> None:
    reply = await reply_of(stream(*(delta(f"{n} ") for n in range(2500)), delta("y" * 3 * TEXT), STOP))
    inspection = reply.inspect()
    rows: list[dict[str, Any]] = []
    while True:
        page = inspection.page(len(rows))
        assert 0 < len(page["rows"]) <= PAGE.rows
        named = {row["chunk"] for row in page["rows"]} - {None}
        assert named == {chunk["number"] for chunk in page["chunks"]}
        rows += page["rows"]
        if page["over"]:
            break
        assert page["summary"] is None
    assert page["summary"]["events"] == len(reply.events)
    assert len(rows) == len(inspection.rows)
    long = next(row for row in rows if len(str(row.get("text", ""))) > TEXT)
    assert long["text"].endswith("… (196,608 characters)")
    saved = inspection._repr_mimebundle_()["application/vnd.nbstream.inspection+json"]
    assert len(saved["rows"]) == SAVED.rows
    assert saved["over"] is False
    assert saved["summary"]["events"] == len(reply.events)


async def test_a_saved_output_stays_small_whatever_came() -> None:
    reply = await reply_of(stream(*(delta("z" * 20_000) for _ in range(200)), STOP), debug=True)
    bundle = json.dumps(reply.inspect()._repr_mimebundle_())
    assert len(bundle) < 2 * SAVED.characters


async def test_the_frame_has_a_row_for_each_event() -> None:
    reply = await reply_of(stream(delta("Hel"), Pause(0.02), delta("lo"), STOP, USAGE))
    frame = reply.inspect().to_frame()
    assert list(frame.columns) == ["at", "type", "text", "gap", "chunk", "attempt", "raw", "details"]
    assert len(frame) == len(reply.events)
    deltas = frame[frame["type"] == "text_delta"]
    assert deltas["text"].str.cat() == "Hello"
    assert deltas["gap"].isna().tolist() == [True, False]
    assert deltas["gap"].iloc[1] == pytest.approx(deltas["at"].diff().iloc[1])
    assert deltas["chunk"].tolist() == [0, 1]
    assert json.loads(deltas["raw"].iloc[0]) == delta("Hel")
    assert frame["chunk"].dtype == "Int64"


async def test_without_pandas_the_frame_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    reply = await reply_of(stream(delta("a"), STOP))
    monkeypatch.setitem(sys.modules, "pandas", None)
    with pytest.raises(ConfigError, match="pip install pandas"):
        reply.inspect().to_frame()


async def test_it_is_saved_as_json_lines(tmp_path: Path) -> None:
    reply = await reply_of(stream(delta("a"), STOP))
    reply.inspect().save(tmp_path / "stream.jsonl")
    lines = [json.loads(line) for line in (tmp_path / "stream.jsonl").read_text().splitlines()]
    assert [line["type"] for line in lines] == [row.type for row in reply.inspect().rows]
    assert json.loads(next(line["raw"] for line in lines if line["type"] == "text_delta")) == delta("a")


async def test_its_figures_are_named_by_the_conventions() -> None:
    reply = await reply_of(stream(delta("a"), STOP, USAGE), temperature=0.5)
    attributes = reply.inspect().attributes
    assert attributes["gen_ai.usage.output_tokens"] == 2
    assert attributes["gen_ai.request.temperature"] == 0.5
    assert attributes["gen_ai.response.model"] == "m-2026"
    first_chunk = attributes["gen_ai.response.time_to_first_chunk"]
    assert first_chunk > 0
    assert first_chunk <= reply.timings.ttft or first_chunk == pytest.approx(reply.timings.ttft)


async def test_a_long_reply_is_a_short_table() -> None:
    reply = await reply_of(stream(*(delta(f"{n} ") for n in range(500)), STOP))
    lines = repr(reply.inspect()).splitlines()
    assert len(lines) < 60
    assert any("more; .to_frame()" in line for line in lines)


async def test_nothing_in_the_table_drives_the_terminal() -> None:
    reply = await reply_of(stream(delta("\x1b[31mred\r\u202e"), {"x\x1b[2J": 1}, STOP))
    assert not {"\x1b", "\r", "\u202e"} & set(repr(reply.inspect()))


async def test_nothing_in_the_markdown_is_markup() -> None:
    reply = await reply_of(
        stream(delta("a"), {"error": {"message": "<script>alert(1)</script> ![x](http://x)"}})
    )
    markdown = reply.inspect()._repr_mimebundle_()["text/markdown"]
    assert "failed" in markdown
    assert "<script" not in markdown
    assert "![" not in markdown


def test_a_reply_out_of_a_file_can_be_inspected_too() -> None:
    reply = Reply(None, log=[TextDelta(0.1, "a"), TextDelta(0.3, "b"), Finished(0.4, "stop")])
    inspection = reply.inspect()
    assert [row.type for row in inspection.rows] == ["text_delta", "text_delta", "finished"]
    assert inspection.gaps.longest == 0.2
    assert "raw chunks are not available" in repr(inspection)


def test_the_kernel_answers_for_the_replies_that_it_has() -> None:
    reply = Reply(None, log=[TextDelta(0.1, "a"), Finished(0.4, "stop")])
    inspection = reply.inspect()
    serve(inspection)
    assert len(page_of(inspection.id, 0)["rows"]) == 2
    strangers: list[Any] = ["", None, 5, ["x"], "other"]
    for stranger in strangers:
        with pytest.raises(CommandError):
            page_of(stranger, 0)
    places: list[Any] = [-1, None, "0", 0.5, True]
    for wrong in places:
        with pytest.raises(CommandError, match="needs a number 'from'"):
            page_of(inspection.id, wrong)
    reply_id = inspection.id
    del reply, inspection
    with pytest.raises(CommandError, match="no longer has this answer"):
        page_of(reply_id, 0)


def page_of(reply: object, start: object) -> dict[str, Any]:
    """What a page that asks for the events of a reply is sent."""
    page = inspect(Command(1, "inspect", {"reply": reply, "from": start})).data
    assert isinstance(page, dict)
    return page


@pytest.mark.parametrize(
    ("times", "gaps"),
    [
        ([], Gaps()),
        ([1.0], Gaps()),
        ([1.0, 1.5], Gaps(1, 0.5, 0.5, 0.5, 0.5)),
        ([0.0] * 4, Gaps(3, 0.0, 0.0, 0.0, 0.0)),
        ([n / 100 for n in range(101)] + [3.0], Gaps(101, 0.01, 0.01, 0.01, 2.0)),
    ],
)
def test_percentiles_of_the_gaps(times: list[float], gaps: Gaps) -> None:
    assert Gaps.between(times) == gaps


def test_percentiles_are_those_of_numpy() -> None:
    import numpy as np

    times = np.cumsum(np.random.default_rng(7).exponential(0.03, 500))
    gaps = Gaps.between(times.tolist())
    expected = np.percentile(np.diff(times), [50, 95, 99])
    assert [gaps.p50, gaps.p95, gaps.p99] == pytest.approx(expected.tolist(), abs=2e-6)
