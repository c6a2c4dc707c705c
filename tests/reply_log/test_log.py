"""Every reply of a chat is in the log, with what was asked and how it ended."""

from __future__ import annotations

import gc
import json
import uuid
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

import nbstream
from nbstream import ArgumentError, Chat, FileError, Reply, StateError
from nbstream.reply_log import Log, LogEntry
from nbstream.reply_log.journal import journal
from nbstream.reply_log.row import saved_of
from nbstream.reply_log.table import markdown_table, plain_table
from tests.chats import chat_on
from tests.loopback import ByteServer, Reset, sse_response
from tests.loopback.chunks import delta
from tests.views.hostile import payloads

FAST = "demo:nbstream-demo-fast"
KEY = "sk-mark-0123456789abcdef"


@pytest.fixture
def mark() -> str:
    """A word that no other reply of this process has."""
    return f"m{uuid.uuid4().hex}"


def asked(prompt: str, **options: Any) -> Reply:
    return Chat(FAST, **options).send(prompt).result()


def only(log: Log) -> LogEntry:
    [entry] = log
    return entry


def test_a_reply_is_logged_with_its_figures(mark: str) -> None:
    before = datetime.now(UTC) - timedelta(seconds=1)
    reply = asked(f"echo: {mark}", seed=7, extra={"my_api_key": "x-secret-value"})
    entry = only(nbstream.log(mark))
    assert reply.usage
    assert before <= entry.time <= datetime.now(UTC)
    assert (entry.id, entry.model, entry.provider) == (reply.state.id, "nbstream-demo-fast", "demo")
    assert (entry.prompt, entry.text, entry.status) == (f"echo: {mark}", reply.text, "finished")
    assert entry.params == {"seed": 7, "my_api_key": "[secret]"}
    assert (entry.input_tokens, entry.output_tokens) == (reply.usage.input, reply.usage.output)
    assert (entry.ttft, entry.duration) == (reply.timings.ttft, reply.timings.duration)
    assert entry.reply() is reply


def test_equal_prompts_have_equal_hashes(mark: str) -> None:
    for text in ("a", "a", "b"):
        asked(f"echo: {mark} {text}")
    first, second, third = nbstream.log(mark, since="1h").to_frame().sort_index()["prompt_hash"]
    assert first == second != third


async def test_one_that_streams_failed_or_was_stopped_is_logged(mark: str) -> None:
    chat = Chat("demo")
    reply = chat.send(f"{mark} Tell me a long story")
    async for _ in reply:
        if not reply.done:
            assert only(nbstream.log(mark)).status == "unfinished"
            reply.stop()
    assert only(nbstream.log(mark)).status == "stopped"
    failed = chat.send(f"demo:error-500 {mark}")
    await failed.wait()
    assert only(nbstream.log(mark, status="failed")).error == str(failed.error)


def test_one_that_was_never_sent_is_not_logged(mark: str) -> None:
    reply = Chat(FAST).send(f"echo: {mark}")
    with pytest.warns(nbstream.NotSentWarning):
        assert reply.text == ""
    assert len(nbstream.log(mark)) == 0


async def test_no_key_is_in_the_log(mark: str) -> None:
    script = sse_response([delta(f"{mark} your key is {KEY}"), Reset()])
    with ByteServer(script) as server:
        reply = chat_on(server, api_key=KEY).send(f"{mark} my key is {KEY}")
        await reply.wait()
    reply.rate(-1, f"It repeats {KEY}")
    entry = only(nbstream.log(mark))
    assert entry.text == f"{mark} your key is [secret]"
    assert KEY not in json.dumps(entry.as_dict()) + repr(entry) + repr(nbstream.log(mark))
    assert KEY not in json.dumps(saved_of(entry))


def test_a_rating_is_kept_changed_and_removed(mark: str) -> None:
    reply = asked(f"echo: {mark}")
    reply.rate(+1, note=" Well done. ")
    assert (only(nbstream.log(mark)).rating, only(nbstream.log(mark, rating=1)).note) == (1, "Well done.")
    only(nbstream.log(mark)).rate(-1)
    assert reply.rating
    assert (reply.rating.score, reply.rating.note) == (-1, "")
    assert len(nbstream.log(mark, rating=1)) == 0
    reply.rate(0)
    assert reply.state.rating is None
    assert only(nbstream.log(mark, rating=0)).rating is None


@pytest.mark.parametrize(
    ("score", "note"), [(2, ""), (True, ""), ("up", ""), (0.5, ""), (None, ""), (1, None), (1, "x" * 2001)]
)
def test_what_is_not_a_rating_is_refused(score: Any, note: Any, mark: str) -> None:
    reply = asked(f"echo: {mark}")
    with pytest.raises(ArgumentError):
        reply.rate(score, note)
    assert reply.rating is None


async def test_only_an_answer_that_has_ended_is_rated() -> None:
    reply = Chat("demo").send("Tell me a long story")
    with pytest.raises(StateError, match="has not ended"):
        reply.rate(1)
    reply.stop()
    await reply.wait()
    reply.rate(1)


def test_an_entry_whose_reply_is_gone_restores_and_rates_it(mark: str) -> None:
    text = asked(f"echo: {mark} **bold**").text
    gc.collect()
    entry = only(nbstream.log(mark))
    assert journal.live(entry.id) is None
    restored = entry.reply()
    assert (restored.text, restored.status, restored.state.id) == (text, "finished", entry.id)
    entry.rate(-1, "Dull.")
    assert (only(nbstream.log(mark)).rating, only(nbstream.log(mark)).note) == (-1, "Dull.")


@pytest.mark.parametrize("since", ["yesterday", "2 days", 5, "1e999d", "99999999999999w"])
def test_what_is_no_time_is_refused(since: Any) -> None:
    with pytest.raises(ArgumentError, match="neither an age nor a date"):
        nbstream.log(since=since)


def test_it_is_a_table_in_text_markdown_and_pandas(mark: str) -> None:
    chat = Chat(FAST)
    for number in range(22):
        chat.send(f"echo: {mark} | {number}", alone=True).result()
    log = nbstream.log(since="1h", chat="")
    assert len(log.latest()) == 20
    assert f"The latest 20 of {len(log):,} replies." in repr(log)
    assert f"{mark} &#124; 21" in log._repr_markdown_()
    frame = log.to_frame()
    assert list(frame.index) == [entry.number for entry in log]
    assert str(frame["time"].dtype).startswith("datetime64[")
    assert str(frame["rating"].dtype) == "Int64"
    assert list(nbstream.log(f"{mark} nowhere").to_frame()["prompt"]) == []
    assert repr(nbstream.log(f"{mark} nowhere")) == "No reply matches."


def test_it_is_exported_as_json_lines(mark: str, tmp_path: Path) -> None:
    asked(f"echo: {mark} ä\u2028b")
    path = tmp_path / "log.jsonl"
    assert nbstream.log(mark).to_jsonl(path) == 1
    assert path.stat().st_mode & 0o777 == 0o600
    [line] = path.read_text("utf-8").split("\n")[:-1]
    assert json.loads(line) == only(nbstream.log(mark)).as_dict()
    with pytest.raises(FileError, match="already"):
        nbstream.log(mark).to_jsonl(path)
    nbstream.log(mark).to_jsonl(path, overwrite=True)
    with pytest.raises(FileError, match="cannot be written"):
        nbstream.log(mark).to_jsonl(tmp_path / "missing" / "log.jsonl")


def test_what_a_model_or_reader_wrote_is_text() -> None:
    for payload in payloads().values():
        entry = LogEntry(
            number=1, id="i", time=datetime.now(UTC), prompt=payload, note=payload, rating=1, model=payload
        )
        assert not {"<", "[", "`"} & set(markdown_table([entry])), payload
        assert not {"\x1b", "\u202e", "\ud800"} & {*plain_table([entry]), *repr(entry)}, payload


def test_a_rating_survives_a_copy_and_a_file_of_the_conversation(tmp_path: Path) -> None:
    chat = Chat(FAST)
    reply = chat.send("echo: Hello").result()
    reply.rate(-1, "Dull.")
    chat.save(tmp_path / "talk.jsonl")
    loaded = Chat.load(tmp_path / "talk.jsonl", FAST)
    [turn] = loaded.conversation
    assert isinstance(turn.answer, Reply)
    assert turn.answer.rating == reply.rating
    assert reply.to_dict()["rating"] == {"score": -1, "note": "Dull."}


def test_a_misspelt_keyword_is_an_error_with_the_nearest_name() -> None:
    with pytest.raises(ArgumentError, match=r"log\(\) has no keyword 'modle'. Did you mean 'model'\?"):
        nbstream.log("winter", modle="smollm2")  # type: ignore[call-arg]
