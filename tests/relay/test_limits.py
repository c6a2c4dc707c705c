"""The limits of a relay, each with an error that says what to do."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import httpx2
import pytest

from nbstream.errors import ConfigError
from nbstream.relay import RelayLimits
from tests.chats import chat_on
from tests.loopback import ByteServer, Hold, sse_response
from tests.loopback.chunks import delta, says
from tests.relay.conftest import Serve
from tests.relay.readers import events_in
from tests.waiting import until

ENDLESS = sse_response([delta("Hello"), Hold()])


def turns(count: int, content: str = "x") -> list[dict[str, str]]:
    roles = ["user", "assistant"] * count
    return [{"role": role, "content": content} for role in roles[:count]]


async def first_run(blocks: AsyncIterator[bytes]) -> str:
    return events_in(await anext(blocks))[0].id.partition(":")[0]


async def test_a_long_body_is_refused_before_the_model_is_asked(serve: Serve) -> None:
    with ByteServer(says("Hello")) as server:
        async with serve(chat_on(server), limits={"body_bytes": 1000}) as client:
            known = await client.post("/chat", json={"message": "x" * 1000})
            assert known.status_code == 413

            async def pieces() -> Any:
                yield b'{"message": "'
                yield b"x" * 1000
                yield b'"}'

            headers = {"content-type": "application/json"}
            chunked = await client.post("/chat", content=pieces(), headers=headers)
            assert chunked.status_code == 413
            assert "1,000 bytes" in chunked.json()["error"]["message"]
            assert (await client.post("/chat", json={"message": "x" * 900})).status_code == 200
        assert len(server.requests) == 1


async def test_answers_at_once_are_limited_for_each_client_and_for_all(serve: Serve) -> None:
    for limits, status in [({"streams_per_client": 1}, 429), ({"streams": 1}, 503)]:
        with ByteServer(ENDLESS) as server:
            async with serve(chat_on(server), limits=limits) as client:
                async with client.stream("POST", "/chat", json={"message": "Hi"}) as going_on:
                    blocks = going_on.aiter_raw()
                    run = await first_run(blocks)
                    messages = [{"role": "user", "content": "Hi"}]
                    bodies: Any = {
                        "/chat": {"message": "Hi"},
                        "/v1/chat/completions": {"model": "nbstream", "messages": messages},
                    }
                    for path, body in bodies.items():
                        refused = await client.post(path, json=body)
                        assert refused.status_code == status
                        assert refused.headers["retry-after"] == "1"
                        [limit] = limits
                        assert f"(--{limit.replace('_', '-')} 1)" in refused.json()["error"]["message"]
                    await client.delete(f"/chat/{run}")
                async with client.stream("POST", "/chat", json={"message": "Hi"}) as now:
                    assert now.status_code == 200
                    # The status and the first event are sent before the model is asked.
                    await until(lambda: len(server.requests) == 2)


async def test_readers_of_one_answer_are_limited(serve: Serve) -> None:
    with ByteServer(ENDLESS) as server:
        async with (
            serve(chat_on(server), limits={"readers": 1}) as client,
            client.stream("POST", "/chat", json={"message": "Hi"}) as going_on,
        ):
            blocks = going_on.aiter_raw()  # kept, because the response is closed together with its iterator
            run = await first_run(blocks)
            assert (await client.get(f"/chat/{run}")).status_code == 429


@pytest.mark.parametrize(
    ("limits", "expected"),
    [({"history_messages": 5}, [200, 200, 200, 413]), ({"history_chars": 12}, [200, 200, 413, 413])],
)
async def test_a_conversation_has_a_longest_length(
    serve: Serve, limits: dict[str, Any], expected: list[int]
) -> None:
    with ByteServer(says("five5")) as server:
        async with serve(chat_on(server), limits=limits) as client:
            given = await client.post("/chat", json={"message": "Hi", "conversation": turns(6, "xxx")})
            assert given.status_code == 413
            assert "Start a new one" in given.json()["error"]["message"]
            assert server.requests == []
            body: dict[str, Any] = {"message": "Hi"}
            statuses = []
            for _ in range(4):
                response = await client.post("/chat", json=body)
                statuses.append(response.status_code)
                body["conversation"] = body.get("conversation") or response.headers["x-conversation-id"]
    assert statuses == expected


@pytest.mark.parametrize("limits", [{"conversations": 2}, {"conversations_per_client": 2}])
async def test_the_conversation_longest_unused_is_forgotten(serve: Serve, limits: dict[str, int]) -> None:
    with ByteServer(says("Hello")) as server:
        async with serve(chat_on(server), limits=limits) as client:

            async def ask(conversation: str | None = None) -> httpx2.Response:
                return await client.post("/chat", json={"message": "Hi", "conversation": conversation})

            first, second = [(await ask()).headers["x-conversation-id"] for _ in range(2)]
            assert (await ask(first)).status_code == 200
            assert (await ask()).status_code == 200
            assert (await ask(second)).status_code == 404
            assert (await ask(first)).status_code == 200


def test_a_limit_of_nothing_is_refused() -> None:
    with pytest.raises(ConfigError, match="heartbeat_seconds=0"):
        RelayLimits(heartbeat_seconds=0)
