"""Questions with a schema: what is sent, what is asked again, and what a cut or refused answer leaves."""

from __future__ import annotations

import asyncio
import pickle
from collections.abc import Iterable
from typing import Annotated, Any

import pytest
from pydantic import AfterValidator, BaseModel

from nbstream.errors import ArgumentError, FieldProblem, SchemaError, StateError
from nbstream.types.events import CorrectionRequested, SchemaRequested
from tests.chats import chat_on
from tests.loopback import ByteServer, Close, Hold, json_response, sse_response
from tests.loopback.chunks import END, delta, end, says
from tests.loopback.exchanges import RecordedRequest
from tests.loopback.server import in_turn
from tests.loopback.steps import Step


class City(BaseModel):
    name: str
    people: int


ULM, BONN = City(name="Ulm", people=126000), City(name="Bonn", people=330000)
TWO = '{"rows": [{"name": "Ulm", "people": 126000}, {"name": "Bonn", "people": 330000}]}'
ONE_BAD = '{"rows": [{"name": "Ulm", "people": 126000}, {"name": "Bonn", "people": "many"}]}'
MANY = FieldProblem(1, "people", "Input should be a valid integer, unable to parse string as an integer")


async def test_a_list_is_sent_as_an_object_and_comes_back_as_a_list() -> None:
    with ByteServer(says(TWO[:30], TWO[30:])) as server:
        reply = await chat_on(server).send("Cities?", schema=list[City])
    sent = server.requests[0].json["response_format"]
    assert (sent["type"], sent["json_schema"]["name"], sent["json_schema"]["strict"]) == (
        "json_schema",
        "City",
        True,
    )
    assert sent["json_schema"]["schema"]["properties"]["rows"]["type"] == "array"
    assert reply.parsed == reply.rows == [ULM, BONN]
    assert (reply.schema_mode, reply.row_errors, reply.warnings) == ("json_schema", [], ())
    assert reply.to_frame().to_dict("list") == {"name": ["Ulm", "Bonn"], "people": [126000, 330000]}
    assert pickle.loads(pickle.dumps(reply)).parsed == [ULM, BONN]  # noqa: S301 - our own


async def test_an_object_that_does_not_match_fails_the_reply_and_keeps_its_text() -> None:
    with ByteServer(says('{"name": "Ulm"}')) as server:
        reply = chat_on(server).send("A city?", schema=City)
        with pytest.raises(SchemaError, match="people: Field required") as caught:
            await reply
    assert caught.value.errors == [FieldProblem(0, "people", "Field required")]
    assert (reply.text, reply.status) == ('{"name": "Ulm"}', "failed")


async def test_a_bad_row_is_reported_and_the_others_stay() -> None:
    with ByteServer(says(ONE_BAD)) as server:
        reply = await chat_on(server).send("Cities?", schema=list[City])
    assert (reply.status, reply.rows, reply.row_errors) == ("finished", [ULM], [MANY])
    assert [warning.kind for warning in reply.warnings] == ["schema"]
    assert list(reply.to_frame().index) == [0]
    with pytest.raises(SchemaError, match="1 of 2 rows does not match"):
        _ = reply.parsed


async def test_retries_ask_again_for_the_bad_rows_only() -> None:
    with ByteServer(in_turn(says(ONE_BAD), says('{"rows": [{"name": "Bonn", "people": 330000}]}'))) as server:
        reply = await chat_on(server).send("Cities?", schema=list[City], retries=2)
    assert reply.parsed == [ULM, BONN]
    assert len(server.requests) == 2
    messages = server.requests[1].json["messages"]
    assert [message["role"] for message in messages] == ["user", "assistant", "user"]
    assert messages[1]["content"] == ONE_BAD
    assert "row 1, people: Input should be a valid integer" in messages[2]["content"]
    assert [type(event) for event in reply.events].count(CorrectionRequested) == 1
    assert reply.warnings == ()


async def test_retries_that_run_out_leave_the_row_marked() -> None:
    with ByteServer(says(ONE_BAD)) as server:
        reply = await chat_on(server).send("Cities?", schema=list[City], retries=1)
    assert len(server.requests) == 2
    assert (reply.rows, reply.row_errors) == ([ULM], [MANY])


async def test_an_object_is_asked_for_again_as_a_whole() -> None:
    scripts = says('{"name": "Ulm"}'), says('{"name": "Ulm", "people": 126000}')
    with ByteServer(in_turn(*scripts)) as server:
        reply = await chat_on(server).send("A city?", schema=City, retries=1)
    assert reply.parsed == ULM


async def test_a_cut_stream_keeps_every_whole_row() -> None:
    with ByteServer(sse_response([delta(TWO[:-3]), Close()])) as server:
        reply = chat_on(server).send("Cities?", schema=list[City])
        await reply.wait()
    assert (reply.status, reply.rows) == ("failed", [ULM])
    with pytest.raises(SchemaError, match="1 whole rows were received"):
        _ = reply.parsed


async def test_an_answer_cut_by_its_length_says_so_and_is_not_asked_again() -> None:
    with ByteServer(sse_response([delta(TWO[:-3]), end("length"), "[DONE]"])) as server:
        reply = await chat_on(server).send("Cities?", schema=list[City], retries=3)
    assert (len(server.requests), reply.rows) == (1, [ULM])
    assert {warning.kind for warning in reply.warnings} == {"length", "schema"}


def refusing(*words: str) -> Any:
    """A server that refuses these formats as servers do."""

    def answer(request: RecordedRequest) -> Iterable[Step]:
        kind = request.json.get("response_format", {}).get("type")
        if kind in words:
            message = (
                f"Invalid parameter: 'response_format' of type '{kind}' is not supported with this model."
            )
            return json_response(400, {"error": {"message": message, "param": "response_format"}})
        return says(TWO)

    return answer


@pytest.mark.parametrize(
    ("refused", "mode", "requests"),
    [
        ((), "json_schema", 1),
        (("json_schema",), "json_object", 2),
        (("json_schema", "json_object"), "instructions", 3),
    ],
)
async def test_what_a_server_refuses_is_sent_in_a_simpler_way(refused: Any, mode: str, requests: int) -> None:
    with ByteServer(refusing(*refused)) as server:
        chat = chat_on(server, system="Be terse.")
        reply = await chat.send("Cities?", schema=list[City], alone=True)
        assert (reply.parsed, reply.schema_mode, len(server.requests)) == ([ULM, BONN], mode, requests)
        again = await chat.send("Cities?", schema=list[City], alone=True)
        assert (again.schema_mode, len(server.requests)) == (mode, requests + 1)
    last = server.requests[-1].json
    if mode != "json_schema":
        assert [message["role"] for message in last["messages"]] == ["system", "user"]
        assert last["messages"][0]["content"].startswith("Be terse.\n\nAnswer only with JSON")
    assert ("response_format" in last) == (mode != "instructions")


async def test_other_refusals_are_errors() -> None:
    with ByteServer(json_response(400, {"error": {"message": "The model is too busy."}})) as server:
        reply = chat_on(server).send("Cities?", schema=list[City])
        await reply.wait()
    assert len(server.requests) == 1
    assert "The model is too busy." in str(reply.error)


async def test_a_server_that_ignores_the_schema_is_told_in_the_prompt() -> None:
    with ByteServer(in_turn(says("Ulm and Bonn are cities."), says(TWO))) as server:
        reply = await chat_on(server).send("Cities?", schema=list[City], retries=1)
    assert (reply.parsed, reply.schema_mode) == ([ULM, BONN], "json_object")
    assert "JSON schema" in server.requests[1].json["messages"][0]["content"]


async def test_rows_arrive_while_the_answer_streams() -> None:
    with ByteServer(sse_response([delta(TWO[:45]), Hold()])) as server:
        stream = chat_on(server).rows(City, "Cities?")
        async for row in stream:
            assert row == ULM
            break
        async with asyncio.timeout(10):
            while not stream.reply.done:  # noqa: ASYNC110 - waiting for it would be reading it
                await asyncio.sleep(0.01)
    assert stream.reply.status == "stopped"


async def test_rows_raise_what_is_wrong_after_the_last_row() -> None:
    with ByteServer(says(ONE_BAD)) as server:
        found: list[City] = []

        async def collect() -> None:
            async for row in chat_on(server).rows(City, "Cities?"):
                found.append(row)  # noqa: PERF401 - the rows before the error count

        with pytest.raises(SchemaError, match="row 1, people"):
            await collect()
    assert found == [ULM]


async def test_corrected_rows_are_part_of_the_rows() -> None:
    with ByteServer(in_turn(says(ONE_BAD), says('[{"name": "Bonn", "people": 330000}]'))) as server:
        found = [row async for row in chat_on(server).rows(City, "Cities?", retries=1)]
    assert found == [ULM, BONN]


async def test_the_responses_api_takes_the_schema_as_its_text_format() -> None:
    with ByteServer(says(TWO)) as server:
        seen = await chat_on(server, api="responses").preview("Cities?", schema=list[City])
    assert seen.body["text"]["format"]["name"] == "City"
    assert "response_format" not in seen.body


async def test_misuse_says_what_to_do() -> None:
    with ByteServer([*says("Hi")]) as server:
        chat = chat_on(server)
        with pytest.raises(ArgumentError, match="retries= has no use without schema="):
            chat.send("Hi", retries=2)
        with pytest.raises(ArgumentError, match="not a number of at least 0"):
            chat.send("Hi", schema=City, retries=-1)
        reply = chat.send("Hi")
        with pytest.raises(StateError, match="asked without a schema"):
            _ = reply.parsed
        await reply
        waiting = chat.send("Hi", schema=City)
        with pytest.raises(StateError, match="has not ended"):
            _ = waiting.parsed
        await waiting.wait()


async def test_events_of_a_schema_are_json() -> None:
    from nbstream.types.event_json import from_json, to_json

    with ByteServer(sse_response([delta(TWO), *END])) as server:
        reply = await chat_on(server).send("Cities?", schema=list[City])
    event = reply.events[0]
    assert isinstance(event, SchemaRequested)
    restored = from_json(to_json(event))
    assert isinstance(restored, SchemaRequested)
    assert restored.schema["type"] == "array"


@pytest.mark.parametrize("raised", [TypeError, SystemExit, GeneratorExit, asyncio.CancelledError])
async def test_a_validator_that_fails_is_an_error_of_its_row(raised: type[BaseException]) -> None:
    def check(people: int) -> int:
        if people > 200_000:
            raise raised("too many")
        return people

    class Checked(BaseModel):
        name: str
        people: Annotated[int, AfterValidator(check)]

    with ByteServer(says(TWO)) as server:
        reply = await chat_on(server).send("Cities?", schema=list[Checked])
    assert (reply.status, [row.name for row in reply.rows]) == ("finished", ["Ulm"])
    assert reply.row_errors == [FieldProblem(1, "", f"A validator failed: {raised.__name__}: too many")]
