"""Each capability that sends requests: recorded once, replayed with the same result, and nothing is sent."""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pytest

from nbstream import CassetteMissError, record, replay
from nbstream.batching.provider import job_run
from nbstream.comparison import Judge, PairJudge, compare
from tests.batching.provider.fake_provider import FakeProvider
from tests.batching.whole_answers import echoes
from tests.cassettes.playing import chatting
from tests.chats import chat_on
from tests.faults.shapes import PICTURE
from tests.faults.test_responses import HELLO, Background
from tests.loopback import ByteServer, RecordedRequest, Step, in_turn, json_response, sse_response
from tests.loopback.chunks import call, says

TIMES = ["ttft", "duration", "tokens_per_second"]
CITIES = [{"city": "Oslo"}, {"city": "Rome"}, {"city": "Lima"}, {"city": "Oslo"}]


@pytest.mark.parametrize("concurrency", [1, 8])
async def test_a_batch(tmp_path: Path, concurrency: int) -> None:
    file = tmp_path / "batch.jsonl"

    async def answers(rows: list[dict[str, str]]) -> list[str]:
        async with chat_on(server) as chat:
            options: dict[str, Any] = {"store": False, "progress": False, "concurrency": concurrency}
            return [row["answer"] for row in await chat.batch("Where is {{ city }}?", rows, **options)]

    with ByteServer(echoes) as server:
        with record(file):
            live = await answers(CITIES)
        assert len(server.requests) == 3
        with replay(file, pace=0) as tape:
            assert await answers(CITIES) == live == [f"Where is {row['city']}?" for row in CITIES]
        assert tape.replayed == len(server.requests) == 3


async def test_a_row_that_is_not_recorded_fails_alone(tmp_path: Path) -> None:
    file = tmp_path / "batch.jsonl"
    options: dict[str, Any] = {"store": False, "progress": False}
    with ByteServer(echoes) as server:
        async with chat_on(server) as chat:
            with record(file):
                await chat.batch("{{ city }}", CITIES[:2], **options)
            with replay(file, pace=0):
                table = await chat.batch("{{ city }}", CITIES[:3], **options)
        assert len(server.requests) == 2
    assert [row["status"] for row in table] == ["finished", "finished", "failed"]
    assert "has no answer to this request" in table[2]["error"]


async def test_a_job_of_a_provider(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(job_run, "FIRST_POLL", 0.01)
    file = tmp_path / "jobs.jsonl"

    async def answers(store: str) -> list[str]:
        async with chat_on(provider.server) as chat:
            options: dict[str, Any] = {"store": tmp_path / store, "progress": False, "via": "batch-api"}
            return [row["answer"] for row in await chat.batch("{{ city }}", CITIES, **options)]

    with FakeProvider() as provider:
        with record(file):
            live = await answers("live.sqlite")
        sent = len(provider.log)
        with replay(file, pace=0):
            assert await answers("again.sqlite") == live == [row["city"] for row in CITIES]
        assert len(provider.log) == sent


def _models(request: RecordedRequest) -> Iterable[Step]:
    """Two models that answer, one that grades and one that chooses."""
    prompt = request.json["messages"][-1]["content"]
    match request.json["model"]:
        case "judge":
            return says(json.dumps({"reason": "It is a city.", "grade": "Rome" not in prompt}))
        case "chooser":
            return says(json.dumps({"reason": "The first is better.", "choice": "A"}))
        case model:
            return says(f"{model} ", "about ", prompt)


async def test_a_comparison_with_judges(tmp_path: Path) -> None:
    file = tmp_path / "grid.jsonl"

    async def outcomes() -> tuple[list[str], Any]:
        async with chatting(server) as chat:
            shared: dict[str, Any] = {"base_url": server.base_url, "router": chat._router}
            grade = Judge("Names a city.", model="judge", base_url=server.base_url)
            better = PairJudge("Which is better?", model="chooser", base_url=server.base_url)
            checks: dict[str, Any] = {"city": grade, "better": better}
            grid = await compare(
                "{{ city }}", models=["m", "n"], over=CITIES[:2], n=2, checks=checks, **shared
            )
            table = grid.to_frame()
            return [reply.text for reply in grid.replies], table.drop(columns=TIMES)

    with ByteServer(_models) as server:
        with record(file):
            texts, table = await outcomes()
        sent = len(server.requests)
        with replay(file, pace=0) as tape:
            again, table_again = await outcomes()
        assert tape.replayed == len(server.requests) == sent
    assert again == texts
    assert table_again.equals(table)
    assert sorted(set(table["check_city"])) == [False, True]


async def test_an_image_over_the_responses_api(tmp_path: Path) -> None:
    file = tmp_path / "responses.jsonl"
    asked = ["What is it?", PICTURE]
    with ByteServer(Background(HELLO, breaks=[])) as server:
        async with chatting(server, api="responses") as chat:
            with record(file):
                live = await chat.send(asked)
        sent = len(server.requests)
        async with chatting(server, api="responses") as chat:
            with replay(file, pace=0):
                again = await chat.send(asked)
                with pytest.raises(CassetteMissError):
                    await chat.fork().send(["What is that?", PICTURE])
        assert len(server.requests) == sent
    assert (again.text, again.usage) == (live.text, live.usage)


async def test_a_tool_that_returns_another_result_is_a_miss(tmp_path: Path) -> None:
    file = tmp_path / "tools.jsonl"
    readings = iter([21, 21, 22])

    def temperature(city: str) -> int:
        """The temperature of a city."""
        return next(readings)

    def script(request: RecordedRequest) -> list[Step]:
        if request.method == "GET":  # does the model accept images?
            return json_response(404, {})
        if len(request.json["messages"]) > 1:
            return says("21 degrees")
        return sse_response([call("temperature", '{"city": "Oslo"}'), "[DONE]"])

    async def answer() -> str:
        async with chatting(server, tools=[temperature], approve="always") as chat:
            return (await chat.send(["How warm is it here?", PICTURE])).text

    with ByteServer(script) as server:
        with record(file):
            live = await answer()
        sent = len(server.requests)
        with replay(file, pace=0):
            assert await answer() == live == "21 degrees"
        with replay(file, pace=0), pytest.raises(CassetteMissError, match="22"):
            await answer()
        assert len(server.requests) == sent


async def test_a_schema_that_a_server_refuses_is_refused_again(tmp_path: Path) -> None:
    file = tmp_path / "schema.jsonl"
    schema = {"type": "object", "properties": {"city": {"type": "string"}}, "required": ["city"]}
    refused = json_response(400, {"error": {"message": "response_format json_schema is not supported"}})

    async def mode() -> tuple[Any, str | None]:
        async with chatting(server) as chat:
            reply = await chat.send("Where?", schema=schema)
            return reply.parsed, reply.schema_mode

    with ByteServer(in_turn(refused, says('{"city": ', '"Oslo"}'))) as server:
        with record(file):
            live = await mode()
        sent = len(server.requests)
        with replay(file, pace=0):
            assert await mode() == live
        assert len(server.requests) == sent
    assert live[0] == {"city": "Oslo"}
