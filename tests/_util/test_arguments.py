"""Invalid arguments are clear errors, and nothing is sent."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from openai import OpenAI

from nbstream import Chat, Limits, NBStream, Timeouts
from nbstream.client.router import Router
from nbstream.errors import ConfigError
from tests.faults.chunks import ANSWER
from tests.loopback import ByteServer, sse_response


@pytest.fixture
def server() -> Iterator[ByteServer]:
    with ByteServer(sse_response([ANSWER])) as running:
        yield running


def chat_with(**settings: Any) -> Chat:
    return Chat("m", router=Router(NBStream(retries=0), {"NBSTREAM_NO_PROBE": "1"}), **settings)


def cyclic() -> list[Any]:
    found: list[Any] = []
    found.append(found)
    return found


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        ({"api": "morse"}, "'chat', 'responses'"),
        ({"on_disconnect": "panic"}, "'keep', 'continue', 'restart'"),
        ({"approve": "never"}, "'ask', 'always'"),
        ({"timeouts": 5}, "nbstream.Timeouts"),
        ({"limits": {"event_bytes": 5}}, "nbstream.Limits"),
    ],
)
def test_settings(settings: dict[str, Any], said: str) -> None:
    with pytest.raises(ConfigError, match=said):
        chat_with(**settings)


@pytest.mark.parametrize("value", ["5", 0, -1, float("nan"), True, [5]])
def test_timeouts_are_positive_numbers_of_seconds(value: Any) -> None:
    with pytest.raises(ConfigError, match="not a positive number of seconds"):
        Timeouts(idle=value)


@pytest.mark.parametrize("value", ["5", 0, None, True])
def test_limits_are_positive_numbers(value: Any) -> None:
    with pytest.raises(ConfigError, match="not a number of at least 1"):
        Limits(answer_chars=value)


@pytest.mark.parametrize(
    "content", [None, 5, b"bytes", [5], [None], {1, 2}], ids=lambda value: type(value).__name__
)
@pytest.mark.parametrize("api", ["chat", "responses"])
async def test_content(server: ByteServer, content: Any, api: Any) -> None:
    with pytest.raises(ConfigError, match="text or a list of content parts"):
        await chat_with(base_url=server.base_url, api=api).send(content)
    assert server.requests == []


@pytest.mark.parametrize("api", ["chat", "responses"])
@pytest.mark.parametrize(
    "params",
    [{"x": object()}, {"x": float("nan")}, {"x": cyclic()}, {"x": b"bytes"}],
    ids=["object", "nan", "cyclic", "bytes"],
)
async def test_parameters(server: ByteServer, params: dict[str, Any], api: Any) -> None:
    with pytest.raises(ConfigError, match=r"JSON|Circular"):
        await chat_with(base_url=server.base_url, api=api).send("Hi", extra=params)
    assert server.requests == []


async def test_parts(server: ByteServer) -> None:
    with pytest.raises(ConfigError, match="cannot be sent as JSON"):
        await chat_with(base_url=server.base_url).send([{"type": "text", "text": b"bytes"}])
    assert server.requests == []


@pytest.mark.parametrize(
    "url",
    [
        "ftp://127.0.0.1/v1",
        "127.0.0.1:8000/v1",
        "http://127.0.0.1:99999/v1",
        "http://[::1/v1",
        "http:///v1",
        "http://127.0.0.1/\x00v1",
        f"http://{'ü' * 80}.example/v1",
    ],
)
async def test_addresses(url: str) -> None:
    with pytest.raises(ConfigError, match="base URL"):
        await chat_with(base_url=url).send("Hi")


async def test_a_client_that_can_not_be_awaited(server: ByteServer) -> None:
    with (
        OpenAI(base_url=server.base_url, api_key="a-key") as own,
        pytest.raises(ConfigError, match="AsyncOpenAI"),
    ):
        await chat_with(client=own).send("Hi")
    assert server.requests == []


async def test_a_key_that_no_header_can_hold(server: ByteServer) -> None:
    with pytest.raises(ConfigError, match="characters that cannot be sent") as told:
        await chat_with(base_url=server.base_url, api_key="schlüssel-für-alles").send("Hi")
    assert told.value.kind == "auth"
    assert "schlüssel" not in str(told.value)
