"""`%%chat -m A,B`: what is sent to several models, and what becomes of their answers."""

from __future__ import annotations

from typing import Any

import pytest

from nbstream import NBStream
from nbstream.errors import ArgumentError
from nbstream.magic.args import ChatOptions
from nbstream.magic.comparing import models_of
from nbstream.magic.session import Session
from nbstream.tools.function import as_tools
from tests.loopback import ByteServer
from tests.loopback.chunks import says
from tests.loopback.responses import json_response


def weather(city: str) -> str:
    """The weather."""
    return city


def by_model(request: Any) -> Any:
    """Model `broken` fails, and the others say their name."""
    model = request.json["model"]
    return json_response(400, {"error": {"message": "broken"}}) if model == "broken" else says(model)


def options_of(server: ByteServer, model: str, **options: Any) -> ChatOptions:
    return ChatOptions(model=model, base_url=server.base_url, **options)


@pytest.mark.parametrize(
    ("named", "models"),
    [(None, []), ("m", ["m"]), ("a,b", ["a", "b"]), (" a , ollama:b,", ["a", "ollama:b"])],
)
def test_models_are_separated_by_commas(named: str | None, models: list[str]) -> None:
    assert models_of(ChatOptions(model=named)) == models


async def test_all_models_receive_settings_and_earlier_turns_of_the_chat() -> None:
    session = Session(NBStream(retries=0))
    with ByteServer(by_model) as server:
        await session.ask("Before", options_of(server, "first", system="Be terse."))
        session.chat().set_params(temperature=0.5)
        params = {"seed": 7, "top_k": 3, "models": ["x"], "other": 1}
        grid = await session.compare("Now", options_of(server, "a,b", owner="cell", n=2, params=params))
        bodies = (request.json for request in server.requests[1:])
        sent = sorted(bodies, key=lambda body: (body["model"], body["seed"]))
    assert [(body["model"], body["seed"]) for body in sent] == [("a", 7), ("a", 8), ("b", 7), ("b", 8)]
    for body in sent:
        assert [message["content"] for message in body["messages"]] == ["Be terse.", "Before", "first", "Now"]
        assert (body["temperature"], body["top_k"], body["other"], body["models"]) == (0.5, 3, 1, ["x"])
    assert [cell.text for cell in grid.cells] == ["a", "a", "b", "b"]


async def test_chat_continues_from_the_first_model_that_finished() -> None:
    session = Session(NBStream(retries=0))
    with ByteServer(by_model) as server:
        for _ in range(2):
            options = options_of(server, "broken,b,c", owner="cell")
            session.adopt(await session.compare("Hi", options), options)
    [turn] = session.chat().conversation
    assert [message.content for message in turn.messages()] == ["Hi", "b"]
    assert len(turn.versions) == 2, "the cell ran twice"


async def test_answers_that_stand_alone_are_in_no_conversation() -> None:
    session = Session(NBStream(retries=0))
    with ByteServer(by_model) as server:
        await session.ask("Before", options_of(server, "first"))
        options = options_of(server, "a,b", alone=True)
        session.adopt(await session.compare("Hi", options), options)
        assert [message["content"] for message in server.requests[-1].json["messages"]] == ["Hi"]
    assert len(session.chat().conversation) == 1


async def test_stopping_the_session_stops_comparisons() -> None:
    session = Session(NBStream(retries=0))
    grid = session.compare("Tell me a long story", ChatOptions(model="demo:nbstream-demo,demo", n=20))
    session.stop()
    await grid.wait()
    assert {cell.status for cell in grid.cells} == {"stopped"}


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"background": True}, "--background works with one model only"),
        ({"dry_run": True}, "--dry-run works with one model only"),
        ({"debug": True}, "--debug works with one model only"),
        ({"tools": as_tools([weather])}, "cannot be approved while models are compared"),
    ],
)
async def test_options_of_one_answer_are_refused_before_anything_is_sent(
    given: dict[str, Any], message: str
) -> None:
    with ByteServer(by_model) as server:
        with pytest.raises(ArgumentError, match=message):
            Session().compare("Hi", options_of(server, "a,b", **given))
        assert not server.requests
