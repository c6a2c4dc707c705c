"""Conversations as files: written whole, read back, and honest about damage."""

from __future__ import annotations

import copy
import json
import pickle
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nbstream import Chat
from nbstream._util.files import path_inside, write_atomically
from nbstream.client.router import Router
from nbstream.config import NBStream
from nbstream.conversation.context import estimate_tokens
from nbstream.conversation.conversation import Conversation
from nbstream.conversation.options import RequestOptions
from nbstream.conversation.transcript import (
    fine_tuning_line,
    read_transcript,
    transcript_for,
)
from nbstream.errors import ConfigError, DamagedTranscriptError
from nbstream.reply import Reply
from nbstream.types.events import (
    Finished,
    ReasoningDelta,
    Routed,
    Stopped,
    StreamEvent,
    TextDelta,
    ToolCallDelta,
    ToolRoundEnded,
    ToolStep,
)
from nbstream.types.messages import Message
from nbstream.views.snapshot import saved_version
from nbstream.views.static import bundle

DEMO = "demo:nbstream-demo-fast"


def demo_chat(**settings: Any) -> Chat:
    return Chat(DEMO, router=Router(NBStream(), {"NBSTREAM_NO_PROBE": "1"}), **settings)


async def talked() -> Chat:
    """A chat with a system message, two versions of its first turn, and a stale second one."""
    chat = demo_chat(system="Be terse.")
    await chat.send_with("echo: one", RequestOptions(owner="cell-1"))
    await chat.send_with("echo: two", RequestOptions(owner="cell-2"))
    await chat.send_with("echo: one again", RequestOptions(owner="cell-1"))
    return chat


def shape(talk: Conversation) -> list[object]:
    return [
        (
            turn.owner,
            turn.active,
            turn.stale,
            [(v.user.content, v.answer.text, v.answer.status) for v in turn.versions],
        )
        for turn in talk
    ]


async def test_a_loaded_turn_is_no_longer_stale_when_the_version_is_chosen_that_it_followed(
    tmp_path: Path,
) -> None:
    chat, path = await talked(), tmp_path / "talk.jsonl"
    await chat.send_with("echo: two again", RequestOptions(owner="cell-2"))
    chat.save(path)
    for talk in (chat.conversation, Chat.load(path).conversation):
        first, second = talk
        marks = [second.stale]
        for turn, version in ((second, 0), (first, 0), (second, 1), (first, 1)):
            talk.choose(turn, version)
            marks.append(second.stale)
        assert marks == [False, True, False, True, False]


async def test_a_turn_whose_earlier_turn_was_removed_stays_stale_in_the_file(tmp_path: Path) -> None:
    chat, path = await talked(), tmp_path / "talk.jsonl"
    chat.conversation.remove([next(iter(chat.conversation))])
    chat.save(path)
    assert [turn.stale for turn in Chat.load(path).conversation] == [True]


def test_a_file_without_what_was_followed_keeps_its_marks() -> None:
    """As older versions wrote it."""
    lines = [
        {"role": "user", "content": "a"},
        {"role": "assistant", "content": "A", "nbstream": {"turn": 1}},
        {"role": "user", "content": "b"},
        {"role": "assistant", "content": "B", "nbstream": {"turn": 2, "stale": True}},
        {"role": "user", "content": "c"},
        {"role": "assistant", "content": "C", "nbstream": {"turn": 3, "after": "?"}},
    ]
    talk = read_transcript("\n".join(map(json.dumps, lines)))
    assert [turn.stale for turn in talk] == [False, True, True]


async def test_what_is_saved_is_what_is_loaded(tmp_path: Path) -> None:
    chat, path = await talked(), tmp_path / "talk.jsonl"
    chat.save(path)
    loaded = Chat.load(path, DEMO, router=Router(NBStream(), {"NBSTREAM_NO_PROBE": "1"}))
    assert shape(loaded.conversation) == shape(chat.conversation)
    assert loaded.messages == chat.messages
    answer = next(iter(loaded.conversation)).answer
    original = next(iter(chat.conversation)).answer
    assert answer.usage == original.usage  # type: ignore[attr-defined]
    assert answer.model == "nbstream-demo-fast"  # type: ignore[attr-defined]
    reply = await loaded.send_with("and now?", RequestOptions(owner="cell-3"))
    assert "turn 3" in reply.text


async def test_every_line_is_a_message_of_the_api(tmp_path: Path) -> None:
    text = transcript_for("x.jsonl", (await talked()).conversation)
    lines = [json.loads(line) for line in text.splitlines()]
    assert [line["role"] for line in lines] == ["system", *["user", "assistant"] * 3]
    assert {"role", "content"} <= set(lines[1])


def test_messages_from_elsewhere_are_read() -> None:
    lines = [
        '{"role":"user","content":"a"}',
        '{"role":"assistant","content":"b"}',
        '{"role":"user","content":"c"}',
    ]
    talk = read_transcript("\n".join(lines))
    assert [(m.role, m.content) for m in talk.context()] == [("user", "a"), ("assistant", "b")]


async def test_a_damaged_file_says_where_and_gives_what_can_be_read(tmp_path: Path) -> None:
    chat = await talked()
    lines = transcript_for("x.jsonl", chat.conversation).splitlines()
    lines[2] = lines[2][:20]
    lines.insert(0, '{"role":"wizard","content":"x"}')
    with pytest.raises(DamagedTranscriptError, match="line 1") as caught:
        read_transcript("\n".join(lines))
    assert "line 4" in caught.value.message
    assert len(caught.value.conversation) == 2


async def test_a_stopped_answer_stays_stopped(tmp_path: Path) -> None:
    chat = demo_chat()
    reply = chat.send("long", model="demo:nbstream-demo")
    async for _ in reply:
        reply.stop()
    chat.save(tmp_path / "x.jsonl")
    (turn,) = read_transcript((tmp_path / "x.jsonl").read_text())
    assert (turn.answer.status, turn.answer.text) == ("stopped", reply.text)


async def test_markdown_and_fine_tuning_exports(tmp_path: Path) -> None:
    chat = await talked()
    await chat.send_with("echo: three", RequestOptions(owner="cell-3", params={"temperature": 0.5}))
    chat.save(tmp_path / "talk.md")
    page = (tmp_path / "talk.md").read_text()
    assert re.search(r"\*\*assistant\*\* \(nbstream-demo-fast, \d{4}-\d\d-\d\d \d\d:\d\d\)\n", page)
    assert re.search(r"\*\*assistant\*\* \(nbstream-demo-fast, [-\d :]+, temperature=0.5\)\n", page)
    assert page.startswith(
        "<!-- conversation saved by nbstream -->\n\n**system**\n\nBe terse.\n\n**user**\n\necho: one again\n"
    )
    line = json.loads(fine_tuning_line(chat.conversation))
    assert line == {"messages": chat.messages}


OTHERS = {
    "notebook": ("analysis.ipynb", '{"cells": [], "nbformat": 4, "nbformat_minor": 5, "metadata": {}}'),
    "environment": (".env", "OPENAI_API_KEY=sk-mine\n"),
    "bare messages": (
        "train.jsonl",
        '{"role": "user", "content": "a"}\n{"role": "assistant", "content": "b"}\n',
    ),
    "fine-tuning": ("tune.jsonl", '{"messages": [{"role": "user", "content": "a", "nbstream": {}}]}\n'),
    "numbers": ("rows.jsonl", "1\n2\n"),
    "not UTF-8": ("picture.jsonl", "\x89PNG"),
    "a readme": ("README.md", "# Mine\n\n**user**\n"),
    "dialogue by hand": ("talk.md", "**user**\n\nHello\n\n**assistant**\n\nHi\n"),
    "no suffix": ("Makefile", "all:\n"),
}


@pytest.mark.parametrize(("name", "text"), OTHERS.values(), ids=OTHERS)
async def test_a_file_of_another_kind_is_replaced_only_when_told_so(
    tmp_path: Path, name: str, text: str
) -> None:
    path, chat = tmp_path / name, await talked()
    path.write_bytes(text.encode("latin-1"))
    with pytest.raises(ConfigError, match="is not a conversation saved by nbstream"):
        chat.save(path)
    assert path.read_bytes() == text.encode("latin-1")
    chat.save(path, overwrite=True)
    assert "echo: one again" in path.read_text()
    chat.save(path)


@pytest.mark.parametrize("name", ["talk.jsonl", "talk.md", "talk"])
async def test_a_saved_conversation_is_saved_again(tmp_path: Path, name: str) -> None:
    path, chat = tmp_path / name, await talked()
    demo_chat().save(path)
    chat.save(path)
    await chat.send("echo: later")
    chat.save(path)
    assert "echo: later" in path.read_text()
    path.write_text(path.read_text()[1:])
    with pytest.raises(ConfigError, match="Choose another name"):
        chat.save(path)


async def test_a_conversation_of_the_other_format_is_not_replaced(tmp_path: Path) -> None:
    chat = await talked()
    (tmp_path / "talk.jsonl").write_text(transcript_for("talk.md", chat.conversation))
    (tmp_path / "talk.md").write_text(transcript_for("talk.jsonl", chat.conversation))
    for name in ("talk.jsonl", "talk.md"):
        with pytest.raises(ConfigError, match="Choose another name"):
            chat.save(tmp_path / name)


def test_a_failed_write_leaves_the_old_file(tmp_path: Path) -> None:
    path = tmp_path / "x.jsonl"
    write_atomically(path, "old")
    with pytest.raises(UnicodeEncodeError):
        write_atomically(path, "new \ud800")
    assert path.read_text() == "old"
    assert list(tmp_path.iterdir()) == [path]
    assert path.stat().st_mode & 0o077 == 0


@pytest.mark.parametrize("name", ["../x.jsonl", "/etc/passwd", "a/../../x", "..", ".", "", "link/x"])
def test_a_name_can_not_leave_the_folder(tmp_path: Path, name: str) -> None:
    folder = tmp_path / "inside"
    folder.mkdir()
    (folder / "link").symlink_to(tmp_path)
    with pytest.raises(ConfigError, match="is outside of"):
        path_inside(folder, name)


def test_a_name_inside_is_fine(tmp_path: Path) -> None:
    assert path_inside(tmp_path, "review.jsonl") == tmp_path.resolve() / "review.jsonl"


async def test_a_fork_goes_its_own_way() -> None:
    chat = await talked()
    twin = chat.fork()
    await twin.send("echo: three")
    assert (len(chat.conversation), len(twin.conversation)) == (2, 3)


@pytest.mark.parametrize("copied", [copy.copy, copy.deepcopy])
async def test_a_copy_of_a_chat_is_a_fork(copied: Callable[[Chat], Chat]) -> None:
    chat = await talked()
    twin = copied(chat)
    assert twin.messages == chat.messages
    await twin.send("echo: three")
    assert len(twin.messages) == len(chat.messages) + 2
    with pytest.raises(ConfigError, match=r"chat.save\(path\)"):
        pickle.dumps(chat)


async def test_a_limit_leaves_out_the_oldest_turns_and_says_so() -> None:
    chat = demo_chat(system="Be terse.", max_context_tokens=60)
    for number in range(5):
        reply = await chat.send(f"echo: number {number}")
    sent = await chat.preview("echo: last")
    assert sent.messages[0] == {"role": "system", "content": "Be terse."}
    assert sent.messages[-1]["content"] == "echo: last"
    assert sent.left_out > 0
    assert estimate_tokens(sent.request.messages) <= 60
    assert len(sent.messages) == 2 + 2 * (5 - sent.left_out)
    assert "left out" in str(saved_version(reply.state, reply.about)["reply"]["notices"])


async def test_a_question_has_a_limit_of_its_own() -> None:
    chat = demo_chat(system="Be terse.", max_context_tokens=1_000)
    for number in range(5):
        await chat.send(f"echo: number {number}")
    assert (await chat.preview("echo: last")).left_out == 0
    short = await chat.preview("echo: last", max_context_tokens=60)
    assert 0 < short.left_out < 5
    assert estimate_tokens(short.request.messages) <= 60
    assert "max_context_tokens" not in short.request.params


async def test_a_preview_shows_the_exact_request_and_sends_nothing() -> None:
    chat = await talked()
    seen = await chat.preview_with("echo: x", RequestOptions(owner="cell-1", params={"temperature": 0.5}))
    assert seen.messages == [
        {"role": "system", "content": "Be terse."},
        {"role": "user", "content": "echo: x"},
    ]
    assert seen.request.params == {"temperature": 0.5}
    assert "nbstream-demo-fast" in repr(seen)
    assert "Nothing was sent" in repr(seen)
    assert len(chat.conversation) == 2


async def test_line_ends_of_unicode_do_not_break_a_saved_conversation(tmp_path: Path) -> None:
    chat, path = demo_chat(), tmp_path / "talk.jsonl"
    await chat.send("echo: a\u2028b\u2029c\x85d\x1ce\x0cf")
    chat.save(path)
    loaded = Chat.load(path, DEMO, router=Router(NBStream(), {"NBSTREAM_NO_PROBE": "1"}))
    assert loaded.messages == chat.messages


@pytest.mark.parametrize("own", ['"text"', "7", "[1]", "null"])
def test_what_another_program_keeps_under_our_key_does_no_harm(own: str) -> None:
    text = f'{{"role":"user","content":"a","nbstream":{own}}}\n{{"role":"assistant","content":"b"}}'
    assert [message.content for message in read_transcript(text).context()] == ["a", "b"]


def test_the_name_decides_the_format_in_capitals_too() -> None:
    assert transcript_for("talk.MD", Conversation("Be terse.")).endswith("\n\n**system**\n\nBe terse.\n")


def hello(number: int) -> None:
    """Say hello."""


async def test_calls_of_tools_are_saved_and_loaded() -> None:
    chat = demo_chat(tools=[hello], approve="always")
    reply = await chat.send('call: hello {"number": 3}')
    (turn,) = read_transcript(transcript_for("x.jsonl", chat.conversation))
    assert isinstance(turn.answer, Reply)
    saved, loaded = bundle(reply.state, reply.about)[0], bundle(turn.answer.state, turn.answer.about)[0]
    assert loaded == saved
    assert [(call.name, call.state) for call in turn.answer.tool_calls] == [("hello", "returned")]


def tools_were_called() -> Reply:
    """An answer in three requests, with all that goes back to its API."""
    signed = {"extra_content": {"google": {"thought_signature": "s1"}}}
    log: list[StreamEvent] = [
        Routed(0.0, "m", "p", "h"),
        ReasoningDelta(0.1, "I need both."),
        TextDelta(0.2, "Let me see."),
        ToolCallDelta(0.3, 0, "c0", "city", '{"name": "Rome"}', extra=signed),
        ToolCallDelta(0.3, 1, "c1", "city", '{"name":'),
        ToolRoundEnded(0.3, "reasoning_content", {"reasoning_details": [{"index": 0, "data": "x"}]}),
        ToolStep(0.4, 0, "returned", "sunny " * 5000),
        ToolStep(0.4, 1, "failed", "The arguments could not be read"),
        TextDelta(0.4, "\n\n"),
        ReasoningDelta(0.5, "Once more."),
        ToolCallDelta(0.6, 2, "c2", "city", '{"name": "Oslo"}'),
        ToolRoundEnded(0.6, "reasoning_content"),
        ToolStep(0.7, 2, "refused", "The user refused this call."),
        ReasoningDelta(0.8, "Enough."),
        TextDelta(0.9, "It is sunny."),
        Finished(1.0, "stop", reasoning_field="reasoning_content"),
    ]
    return Reply(None, log=log)


def test_calls_and_results_stay_in_the_conversation() -> None:
    chat = Chat("m")
    reply = tools_were_called()
    chat.conversation.record(Message("user", "Weather?"), reply)
    user, calls, first, second, again, refused, last = chat.messages
    assert user["content"] == "Weather?"
    assert [call["id"] for call in calls["tool_calls"]] == ["c0", "c1"]
    assert calls["tool_calls"][0]["extra_content"] == {"google": {"thought_signature": "s1"}}
    assert calls["content"] == "Let me see."
    assert [m["reasoning_content"] for m in (calls, again, last)] == [
        "I need both.",
        "Once more.",
        "Enough.",
    ]
    assert calls["reasoning_details"] == [{"index": 0, "data": "x"}]
    assert [m["tool_call_id"] for m in (first, second, refused)] == ["c0", "c1", "c2"]
    assert last["content"] == "It is sunny."
    loaded = read_transcript(transcript_for("x.jsonl", chat.conversation))
    assert [m.as_dict() for m in loaded.context()] == chat.messages
    (turn,) = loaded
    assert isinstance(turn.answer, Reply)
    assert (turn.answer.text, turn.answer.reasoning) == (reply.text, reply.reasoning)
    assert [(c.name, c.state, c.result) for c in turn.answer.tool_calls] == [
        (c.name, c.state, c.result) for c in reply.tool_calls
    ]


def test_calls_from_elsewhere_are_read_with_or_without_an_answer() -> None:
    call = {"id": "a", "type": "function", "function": {"name": "city", "arguments": "{}"}}
    bare: list[dict[str, Any]] = [
        {"role": "user", "content": "Weather?"},
        {"role": "assistant", "content": None, "tool_calls": [call]},
        {"role": "tool", "tool_call_id": "a", "content": "sunny"},
        {"role": "user", "content": "And now?"},
        {"role": "assistant", "content": "Sunny."},
    ]
    talk = read_transcript("\n".join(map(json.dumps, bare)))
    assert [m.role for m in talk.context()] == [m["role"] for m in bare]
    assert talk.context()[2].content == "sunny"


def test_a_result_without_its_call_is_reported() -> None:
    bare = [
        {"role": "user", "content": "Weather?"},
        {"role": "tool", "tool_call_id": "a", "content": "sunny"},
        {"role": "assistant", "content": "", "tool_calls": [{"id": "a"}]},
    ]
    with pytest.raises(DamagedTranscriptError, match=r"a result without a call.*does not have the API"):
        read_transcript("\n".join(map(json.dumps, bare)))


def test_calls_that_have_no_result_are_not_sent() -> None:
    log: list[StreamEvent] = [
        ToolCallDelta(0.3, 0, "c0", "city", "{}"),
        ToolStep(0.4, 0, "asking"),
        Stopped(0.5),
    ]
    chat = Chat("m")
    chat.conversation.record(Message("user", "Weather?"), Reply(None, log=log))
    assert chat.messages == []


async def test_provenance_survives_saving() -> None:
    chat = demo_chat(seed=7)
    reply = await chat.send("echo: one")
    (turn,) = read_transcript(transcript_for("x.jsonl", chat.conversation))
    assert isinstance(turn.answer, Reply)
    before, after = (saved_version(r.state, r.about)["nbstream"] for r in (reply, turn.answer))
    kept = ("created", "params", "usage", "model", "model_resolved", "response_id")
    assert {name: after[name] for name in kept} == {name: before[name] for name in kept}


@pytest.mark.parametrize("break_", ["\u2028", "\u2029", "\x85", "\r", "\x0b", "\x0c"])
async def test_line_breaks_of_other_kinds_stay_in_their_message(break_: str) -> None:
    chat = demo_chat()
    await chat.send(f"echo: a{break_}b")
    loaded = read_transcript(transcript_for("x.jsonl", chat.conversation))
    assert [message.as_dict() for message in loaded.context()] == chat.messages


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.text(max_size=5), inner, max_size=2),
    max_leaves=5,
)
LINE = {
    "role": "assistant",
    "content": "b",
    "nbstream": {
        "turn": 1,
        "active": True,
        "owner": "c",
        "stale": False,
        "reply": {
            "status": "finished",
            "reasoning": "r",
            "finish_reason": "stop",
            "error": {},
            "tools": [{}],
        },
        "nbstream": {
            "model": "m",
            "model_resolved": "m",
            "created": "2026-01-01",
            "params": {},
            "usage": {"input": 1},
            "timings": {"ttft": 1.0, "duration": 2.0},
        },
    },
}


CALLS = {
    "role": "assistant",
    "content": "c",
    "reasoning_content": "r",
    "tool_calls": [
        {"id": "a", "function": {"name": "f", "arguments": "{}", "signature": "s"}, "extra_content": {}},
        {"id": "b", "function": {"name": "f", "arguments": "{}"}},
    ],
    "nbstream": {"turn": 1, "reasoning": "r"},
}
RESULT = {"role": "tool", "tool_call_id": "a", "content": "d", "nbstream": {"turn": 1, "state": "failed"}}
ANSWER_LINES = [CALLS, RESULT, LINE]


def places(value: object, path: tuple[object, ...] = ()) -> Iterator[tuple[object, ...]]:
    pairs = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, inner in pairs:
        yield (*path, key)
        yield from places(inner, (*path, key))


@given(st.sampled_from([place for place in places(ANSWER_LINES) if len(place) > 1]), JSON)
def test_a_file_with_anything_in_it_is_read_or_called_damaged(path: tuple[Any, ...], value: object) -> None:
    lines: Any = copy.deepcopy(ANSWER_LINES)
    inner = lines
    for key in path[:-1]:
        inner = inner[key]
    inner[path[-1]] = value
    text = '{"role":"user","content":"a","nbstream":{"turn":1}}\n' + "\n".join(map(json.dumps, lines))
    try:
        talk = read_transcript(text)
    except DamagedTranscriptError as damaged:
        talk = damaged.conversation
    for turn in talk:
        assert isinstance(turn.answer, Reply)
        json.dumps(bundle(turn.answer.state, turn.answer.about))
        turn.answer.showing.snapshot()
        turn.messages()
    read_transcript(transcript_for("x.jsonl", talk))
