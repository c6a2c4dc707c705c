"""Corrections (`retries=`) of answers that call tools, with both APIs."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from typing import Any

import pytest
from pydantic import BaseModel

from nbstream.errors import FieldProblem
from nbstream.types.events import CorrectionRequested
from tests.chats import chat_on
from tests.loopback import ByteServer, Close, RecordedRequest, in_turn, json_response, sse_response
from tests.loopback.chunks import call, delta, end, says
from tests.loopback.steps import Step


class City(BaseModel):
    name: str
    people: int


ULM, BONN = City(name="Ulm", people=126000), City(name="Bonn", people=330000)
ONE_BAD = '{"rows": [{"name": "Ulm", "people": 126000}, {"name": "Bonn", "people": "many"}]}'
CORRECTED = '{"rows": [{"name": "Bonn", "people": 330000}]}'
MANY = FieldProblem(1, "people", "Input should be a valid integer, unable to parse string as an integer")


def population(city: str) -> int:
    """How many people live in a city."""
    return {"Bonn": 330000, "Ulm": 126000}[city]


def response(*values: dict[str, Any]) -> list[Step]:
    """An answer of the Responses API."""
    state = {"id": "resp_1", "object": "response", "model": "m-1"}
    begins = {"type": "response.created", "response": state | {"status": "in_progress"}}
    ends = {"type": "response.completed", "response": state | {"status": "completed"}}
    events = [value | {"sequence_number": n} for n, value in enumerate([begins, *values, ends])]
    lines = [f"event: {event['type']}\ndata: {json.dumps(event)}\n\n".encode() for event in events]
    return sse_response([*lines, Close()])


def written(text: str) -> dict[str, Any]:
    return {"type": "response.output_text.delta", "item_id": "msg_1", "output_index": 0, "delta": text}


CALL = {"type": "function_call", "call_id": "call_1", "name": "population", "arguments": '{"city": "Bonn"}'}
CALLED = {"type": "response.output_item.added", "output_index": 0, "item": CALL}


async def asked(scripts: Sequence[list[Step]], **options: Any) -> tuple[Any, list[dict[str, Any]]]:
    with ByteServer(in_turn(*scripts)) as server:
        chat = chat_on(server, tools=[population], approve="always", **options)
        reply = chat.send("Cities?", schema=list[City], retries=1)
        await reply.wait()
        return reply, [request.json for request in server.requests]


async def test_a_correction_knows_the_results_of_tools_and_calls_none() -> None:
    scripts = [
        sse_response([call("population", '{"city": "Bonn"}'), "[DONE]"]),
        says(ONE_BAD),
        says(CORRECTED),
    ]
    reply, sent = await asked(scripts)
    assert (reply.error, reply.parsed) == (None, [ULM, BONN])
    assert [call.state for call in reply.tool_calls] == ["returned"]
    messages = sent[2]["messages"]
    assert [message["role"] for message in messages] == ["user", "assistant", "tool", "assistant", "user"]
    assert (messages[2]["content"], messages[3]["content"]) == ("330000", ONE_BAD)
    assert "row 1, people: Input should be a valid integer" in messages[4]["content"]
    assert sent[2]["tool_choice"] == "none"
    assert sent[2]["tools"] == sent[0]["tools"]
    assert all(body["response_format"]["type"] == "json_schema" for body in sent)


async def test_without_calls_a_correction_has_no_tools() -> None:
    reply, sent = await asked([says(ONE_BAD), says(CORRECTED)])
    assert reply.parsed == [ULM, BONN]
    assert "tools" in sent[0]
    assert not {"tools", "tool_choice"} & sent[1].keys()


@pytest.mark.parametrize("first", [[], [delta(CORRECTED)]])
async def test_a_call_in_a_correction_is_not_run(first: list[Any]) -> None:
    again = sse_response([*first, call("population", '{"city": "Ulm"}'), "[DONE]"])
    reply, sent = await asked([says(ONE_BAD), again])
    assert (len(sent), reply.tool_calls, reply.status) == (2, (), "finished")
    assert (reply.rows, reply.row_errors) == (([ULM, BONN], []) if first else ([ULM], [MANY]))


async def test_a_second_correction_repeats_the_first_one() -> None:
    still_bad = '{"rows": [{"name": "Bonn", "people": "lots"}]}'
    with ByteServer(in_turn(says(ONE_BAD), says(still_bad), says(CORRECTED))) as server:
        reply = await chat_on(server).send("Cities?", schema=list[City], retries=2)
        last = server.requests[2].json["messages"]
    assert reply.parsed == [ULM, BONN]
    assert [message["content"] for message in last if message["role"] == "assistant"] == [ONE_BAD, still_bad]


async def test_the_responses_api_is_asked_again_in_its_terms() -> None:
    reply, sent = await asked(
        [response(CALLED), response(written(ONE_BAD)), response(written(CORRECTED))], api="responses"
    )
    assert (reply.error, reply.parsed) == (None, [ULM, BONN])
    assert [type(event) for event in reply.events].count(CorrectionRequested) == 1
    items = sent[2]["input"]
    assert items[1:4] == [
        CALL,
        {"type": "function_call_output", "call_id": "call_1", "output": "330000"},
        {"role": "assistant", "content": ONE_BAD},
    ]
    assert "row 1, people" in items[4]["content"]
    assert all(body["text"]["format"]["name"] == "City" for body in sent)
    assert sent[2]["tool_choice"] == "none"


async def test_a_continued_answer_is_corrected_with_its_beginning() -> None:
    cut = sse_response([delta(ONE_BAD[:40]), end("length"), "[DONE]"])
    answers = in_turn(cut, says(ONE_BAD[40:]), says(CORRECTED))

    def answer(request: RecordedRequest) -> Iterable[Step]:
        if request.path.endswith("/models"):
            return json_response(200, {"data": [{"id": "m", "object": "model", "owned_by": "vllm"}]})
        if "response_format" in request.json:  # with a format no server continues an answer
            return json_response(400, {"error": {"message": "response_format is not supported"}})
        return answers(request)

    with ByteServer(answer) as server:
        chat = chat_on(server)
        await chat.send("Cities?", schema=list[City], retries=1)
        continued = await chat.continue_reply()
        last = server.requests[-1].json["messages"]
    assert continued.parsed == [ULM, BONN]
    assert [message["content"] for message in last if message["role"] == "assistant"] == [ONE_BAD]
