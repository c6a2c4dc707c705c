"""Messages that a chat begins with: sent before every turn, and part of its conversation for good."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from nbstream import Chat, Message
from nbstream.chat_widget.saved import CHAT_MIMETYPE, conversation_from, saved_chat
from nbstream.errors import ConfigError
from tests.chats import chat_on
from tests.loopback import ByteServer
from tests.loopback.chunks import says

SYSTEM = {"role": "system", "content": "Translate to French."}
PAIR = [{"role": "user", "content": "sea"}, {"role": "assistant", "content": "mer"}]
CALLED = [
    {"role": "user", "content": "weather?"},
    {
        "role": "assistant",
        "content": "",
        "tool_calls": [{"id": "c", "type": "function", "function": {"name": "weather", "arguments": "{}"}}],
    },
    {"role": "tool", "content": "sunny", "tool_call_id": "c"},
    {"role": "assistant", "content": "It is sunny.", "reasoning_content": "hm"},
]


@pytest.fixture
def server() -> Iterator[ByteServer]:
    with ByteServer(says("Hello")) as running:
        yield running


@pytest.mark.parametrize(
    "messages",
    [
        PAIR,
        [SYSTEM, *PAIR],
        [*PAIR, *PAIR],
        [{"role": "assistant", "content": "Hello! What shall I translate?"}],
        [{"role": "user", "content": [{"type": "text", "text": "sea"}]}, PAIR[1]],
        CALLED,
        [SYSTEM],
    ],
)
async def test_they_are_sent_first_and_survive(
    server: ByteServer, tmp_path: Path, messages: list[dict[str, Any]]
) -> None:
    chat = chat_on(server, messages=messages)
    await chat.send("one")
    assert server.requests[0].json["messages"] == [*messages, {"role": "user", "content": "one"}]
    assert (len(chat.conversation), len(chat.messages)) == (1, len(messages) + 2)
    chat.save(tmp_path / "talk.jsonl")
    loaded = Chat.load(tmp_path / "talk.jsonl", "demo")
    data, provenance = saved_chat(chat.conversation, 400)
    kept = conversation_from(data[CHAT_MIMETYPE], provenance["nbstream"], data["text/markdown"])
    for again in (loaded.conversation, kept, chat.fork().conversation):
        assert (again.context(), len(again)) == (chat.conversation.context(), 1)
    chat.save(tmp_path / "talk.jsonl")  # is replaced, so it is known as a file of ours
    chat.reset()
    assert chat.messages == messages


async def test_a_limit_does_not_leave_them_out(server: ByteServer) -> None:
    chat = chat_on(server, messages=PAIR)
    await chat.send("long " * 100)
    seen = await chat.preview("last", max_context_tokens=20)
    assert (seen.left_out, seen.messages[:2]) == (1, PAIR)


def test_they_may_be_messages_of_nbstream() -> None:
    chat = Chat("demo", system="s", messages=[Message("user", "a"), Message("assistant", "b")])
    assert [message["content"] for message in chat.messages] == ["s", "a", "b"]


def test_the_markdown_of_a_conversation_has_them(tmp_path: Path) -> None:
    Chat("demo", messages=PAIR).save(tmp_path / "talk.md")
    assert "**user**\n\nsea\n\n**assistant**\n\nmer" in (tmp_path / "talk.md").read_text()


def test_what_is_given_to_load_has_precedence(tmp_path: Path) -> None:
    path = tmp_path / "talk.jsonl"
    Chat("demo", system="file", messages=PAIR).save(path)
    assert Chat.load(path, "demo").system == "file"
    other = [{"role": "assistant", "content": "other"}]
    loaded = Chat.load(path, "demo", system="given", messages=other)
    assert loaded.messages == [{"role": "system", "content": "given"}, *other]
    assert Chat.load(path, "demo", messages=[SYSTEM, *other]).messages == [SYSTEM, *other]


@pytest.mark.parametrize(
    ("messages", "says"),
    [
        ([PAIR[0]], r"user message that has no answer.*chat\.send"),
        ([*PAIR, PAIR[0]], "user message that has no answer"),
        (CALLED[:2], "assistant message that has no answer"),
        (CALLED[:3], "tool message that has no answer"),
        ([*PAIR, SYSTEM], "not the first message"),
        ("sea", "not a list of messages"),
        (PAIR[0], "not a list of messages"),
        (5, "not a list of messages"),
        (["sea"], r"messages\[0\] is not a message"),
        ([*PAIR, {"content": "x"}], r"messages\[2\] is not a message"),
        ([{"role": "robot", "content": "x"}], "system, developer, user, assistant, tool"),
        ([{"role": "assistant", "content": None}], "text or a list of content parts"),
    ],
)
def test_what_is_no_example_is_refused_at_once(messages: Any, says: str) -> None:
    with pytest.raises(ConfigError, match=says):
        Chat("demo", messages=messages)


def test_there_is_one_system_message() -> None:
    with pytest.raises(ConfigError, match="two system messages"):
        Chat("demo", system="s", messages=[SYSTEM])
