"""Images for models that do not accept them: an error before anything is sent, where the server tells."""

from __future__ import annotations

import base64
from collections.abc import Callable
from typing import Any

import pytest

from nbstream.client import catalog
from nbstream.errors import ArgumentError
from tests.chats import chat_on
from tests.loopback import ByteServer, RecordedRequest, Script, json_response
from tests.loopback.chunks import says

PNG = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
)
LISTED = {"data": [{"id": "m", "object": "model", "owned_by": "library"}]}


@pytest.fixture(autouse=True)
def patient(monkeypatch: pytest.MonkeyPatch) -> None:
    """A busy machine may not answer within the time that a question waits for what the server says."""
    monkeypatch.setattr(catalog, "ASIDE_SECONDS", 60)


def ollama(shown: Script) -> Callable[[RecordedRequest], Script]:
    """Ollama, whose own API says this of a model."""

    def answer(request: RecordedRequest) -> Script:
        if request.path == "/api/show":
            return shown
        return json_response(200, LISTED) if request.path.endswith("/models") else says("A pixel.")

    return answer


def paths(server: ByteServer) -> list[str]:
    return [request.path for request in server.requests]


async def test_ollama_says_which_models_are_text_only() -> None:
    with ByteServer(ollama(json_response(200, {"capabilities": ["completion", "tools"]}))) as server:
        chat = chat_on(server)
        for _ in range(2):
            with pytest.raises(ArgumentError, match=r"m does not accept images\. Choose another"):
                await chat.send(["What is it?", PNG])
    assert paths(server) == ["/v1/models", "/api/show"]
    assert server.requests[1].json == {"model": "m"}


@pytest.mark.parametrize(
    "shown",
    [
        json_response(200, {"capabilities": ["completion", "vision"]}),
        json_response(200, {"details": {"family": "llama"}}),
        json_response(200, ["odd"]),
        json_response(404, {"error": "model 'm' not found"}),
    ],
)
async def test_all_others_are_asked(shown: Any) -> None:
    with ByteServer(ollama(shown)) as server:
        chat = chat_on(server)
        for _ in range(2):
            assert (await chat.send(["What is it?", PNG], alone=True)).text == "A pixel."
    assert paths(server) == ["/v1/models", "/api/show", "/v1/chat/completions", "/v1/chat/completions"]


async def test_without_images_nothing_is_looked_up() -> None:
    with ByteServer(ollama(json_response(200, {"capabilities": ["completion"]}))) as server:
        assert (await chat_on(server).send("Hi")).text == "A pixel."
    assert paths(server) == ["/v1/chat/completions"]
