"""What cannot be sent is refused where it is given."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from nbstream.errors import ConfigError
from nbstream.views.snapshot import saved_version
from tests.chats import chat_on
from tests.loopback import ByteServer
from tests.loopback.chunks import says


@pytest.fixture
def server() -> Iterator[ByteServer]:
    with ByteServer(says("Hello")) as running:
        yield running


@pytest.mark.parametrize(
    "content",
    [
        None,
        5,
        b"text",
        {"role": "user", "content": "x"},
        [{"role": "user", "content": "x"}],
        [5],
        [],
        "\ud800",
    ],
)
async def test_what_is_no_message_is_refused_before_anything_is_sent(
    server: ByteServer, content: Any
) -> None:
    chat = chat_on(server)
    with pytest.raises(ConfigError):
        chat.send(content)
    with pytest.raises(ConfigError):
        await chat.preview(content)
    assert (len(chat.conversation), server.requests) == (0, [])


async def test_parts_may_come_from_any_iterable(server: ByteServer) -> None:
    part = {"type": "text", "text": "Hi"}
    reply = chat_on(server).send(dict(part) for _ in range(2))  # type: ignore[arg-type]
    await reply
    assert server.requests[0].json["messages"] == [{"role": "user", "content": [part, part]}]


@pytest.mark.parametrize(
    ("name", "value", "says"),
    [
        ("stop", {"a"}, "not JSON serializable"),
        ("seed", complex(1), "not JSON serializable"),
        ("temperature", float("nan"), "not JSON compliant"),
        ("messages", [], "Chat.load"),
        ("api_key", "very-secret-key", r"Chat\(api_key=…\)"),
        ("system", "Be terse.", r"Chat\(system=…\)"),
        ("extra_headers", {"x": "y"}, r"AsyncOpenAI"),
    ],
)
async def test_what_is_no_parameter_is_named_and_not_sent(
    server: ByteServer, name: str, value: Any, says: str
) -> None:
    chat = chat_on(server)
    with pytest.raises(ConfigError, match=says) as caught:
        chat.send("one", **{name: value})
    assert name in str(caught.value)
    assert "very-secret-key" not in str(caught.value)
    assert server.requests == []


@pytest.mark.parametrize(("tokens", "kinds"), [(100_000, []), (100_001, ["large_prompt"])])
async def test_a_very_long_prompt_is_sent_and_named(
    server: ByteServer, tokens: int, kinds: list[str]
) -> None:
    reply = await chat_on(server).send("four" * tokens)
    assert reply.text == "Hello"
    assert [warning.kind for warning in reply.warnings] == kinds
    notices = str(saved_version(reply.state, reply.about)["reply"].get("notices", ""))
    assert ("about 100,001 tokens" in notices) == bool(kinds)
