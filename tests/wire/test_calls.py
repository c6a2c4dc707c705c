"""Which call a delta belongs to, as servers really write them; what cannot be read never runs."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import Any

import pytest

from nbstream import Chat
from nbstream.client.router import Router
from nbstream.config import NBStream
from tests.loopback import ByteServer, RecordedRequest, sse_response
from tests.loopback.chunks import end, says

ROME, OSLO = '{"name": "Rome"}', '{"name": "Oslo"}'


def part(**fields: Any) -> dict[str, Any]:
    """An element of ``tool_calls``; name and arguments are in its function."""
    function = {name: fields.pop(name) for name in ("name", "arguments") if name in fields}
    return {**fields, "function": function} if function else fields


def chunk(*calls: Any, **delta: Any) -> dict[str, Any]:
    """A chunk with elements of ``tool_calls``."""
    return {"choices": [{"index": 0, "delta": {"tool_calls": list(calls)} if calls else delta}]}


@dataclass(frozen=True)
class Case:
    """Chunks, and what of them runs.

    Parameters
    ----------
    id
        Says what is odd.
    chunks
        What the server sends before the end.
    runs
        The names with which the tool runs.
    failed
        What the failed calls tell the model, in order.
    finish_reason
        How the server ends the answer.
    """

    id: str
    chunks: list[dict[str, Any]]
    runs: tuple[str, ...] = ()
    failed: tuple[str, ...] = ()
    finish_reason: str = "tool_calls"


def one(arguments: Any) -> list[dict[str, Any]]:
    return [chunk(part(index=0, id="a", name="city", arguments=arguments))]


CASES = [
    Case("as the API says", [*one('{"na'), chunk(part(index=0, arguments='me": "Rome"}'))], ("Rome",)),
    Case("arguments as an object", one({"name": "Rome"}), ("Rome",)),
    Case("arguments encoded twice", one(json.dumps(ROME)), ("Rome",)),
    Case("arguments in a fence", one(f"```json\n{ROME}\n```"), ("Rome",)),
    Case("no arguments: null", one(None), ("nowhere",)),
    Case("no arguments: the text null", one("null"), ("nowhere",)),
    Case("no arguments: nothing", [chunk(part(index=0, id="a", name="city"))], ("nowhere",)),
    Case("arguments as a list", one(["Rome"]), failed=("could not be read",)),
    Case("arguments as a number", one(5), failed=("could not be read",)),
    Case("arguments as false", one(False), failed=("could not be read",)),
    Case("arguments as words", one("Rome"), failed=("could not be read",)),
    Case("arguments that are cut", one('{"name": "Ro'), failed=('could not be read.*"Ro',)),
    Case("a key twice", one('{"name": "Rome", "name": "/"}'), failed=("'name' is repeated",)),
    Case("a key twice, escaped", one('{"name": "Rome", "n\\u0061me": "/"}'), failed=("is repeated",)),
    Case("a number that is none", one('{"name": NaN}'), failed=("NaN is not JSON",)),
    Case("nested too deeply", one('{"name":' + "[" * 99_999), failed=("nested too deeply",)),
    Case("an argument that is not there", one('{"dry_run": true}'), failed=("extra_forbidden",)),
    Case("half a character", one('{"name": "\\ud83d"}'), failed=("are not valid",)),
    Case(
        "arguments that begin with {}",
        [*one("{}"), chunk(part(index=0, arguments=ROME))],
        failed=("could not be read",),
    ),
    Case("cut by length before the arguments", one(""), failed=("was cut",), finish_reason="length"),
    Case("cut by the filter", one(None), failed=("was cut",), finish_reason="content_filter"),
    Case("ended as usual", one(ROME), ("Rome",), finish_reason="stop"),
    Case("in the older form", [chunk(function_call={"name": "city", "arguments": ROME})], ("Rome",)),
    Case(
        "in the older form, in fragments",
        [
            chunk(function_call={"name": "city", "arguments": '{"name"'}),
            chunk(function_call={"arguments": ': "Rome"}'}),
        ],
        ("Rome",),
    ),
    Case("without a function around it", [chunk({"id": "a", "name": "city", "arguments": ROME})], ("Rome",)),
    Case(
        "one call that is no list", [chunk(tool_calls=part(id="a", name="city", arguments=ROME))], ("Rome",)
    ),
    Case("without a name", [chunk(part(index=0, id="a", arguments=ROME))], failed=("has no name",)),
    Case(
        "name in fragments",
        [
            chunk(part(index=0, id="a", name="ci")),
            chunk(part(index=0, name="ty")),
            chunk(part(index=0, arguments=ROME)),
        ],
        ("Rome",),
    ),
    Case(
        "name and id repeated",
        [
            chunk(part(index=0, id="a", name="city", arguments='{"name"')),
            chunk(part(index=0, id="a", name="city", arguments=': "Rome"}')),
            chunk(part(index=0, id="a", name="city", arguments="")),
        ],
        ("Rome",),
    ),
    Case(
        "each delta with an id of its own",
        [
            chunk(part(index=0, id="a", name="city", arguments='{"name"')),
            chunk(part(index=0, id="b", name="city", arguments=': "Rome"}')),
        ],
        ("Rome",),
    ),
    Case(
        "index always 0",
        [
            chunk(part(index=0, id="a", name="city", arguments=ROME)),
            chunk(part(index=0, id="b", name="city", arguments=OSLO)),
        ],
        ("Rome", "Oslo"),
    ),
    Case(
        "index always 0, in one chunk, without ids",
        [chunk(part(index=0, name="city", arguments=ROME), part(index=0, name="city", arguments=OSLO))],
        ("Rome", "Oslo"),
    ),
    Case(
        "index always 0, without arguments",
        [chunk(part(index=0, id="a", name="city")), chunk(part(index=0, id="b", name="city"))],
        ("nowhere", "nowhere"),
    ),
    Case(
        "one id for two calls",
        [
            chunk(part(index=0, id="a", name="city", arguments=ROME)),
            chunk(part(index=1, id="a", name="city", arguments=OSLO)),
        ],
        ("Rome", "Oslo"),
    ),
    Case(
        "one id for two calls, without index",
        [chunk(part(id="a", name="city", arguments=ROME)), chunk(part(id="a", name="city", arguments=OSLO))],
        ("Rome", "Oslo"),
    ),
    Case(
        "without index",
        [
            chunk(part(id="a", name="city", arguments='{"name"'), part(id="b", name="city")),
            chunk(part(id="a", arguments=': "Rome"}'), part(id="b", arguments=OSLO)),
        ],
        ("Rome", "Oslo"),
    ),
    Case(
        "without index or id",
        [
            chunk(part(name="city", arguments='{"name"')),
            chunk(part(arguments=': "Rome"}')),
            chunk(part(name="city", arguments=OSLO)),
        ],
        ("Rome", "Oslo"),
    ),
    Case(
        "without index or id, in one chunk",
        [chunk(part(name="city", arguments=ROME), part(name="city", arguments=OSLO))],
        ("Rome", "Oslo"),
    ),
    Case(
        "indices with gaps, as text",
        [
            chunk(part(index="3", id="a", name="city", arguments=ROME)),
            chunk(part(index="7", id="b", name="city", arguments='{"name"')),
            chunk(part(index="7", arguments=': "Oslo"}')),
        ],
        ("Rome", "Oslo"),
    ),
    Case(
        "the whole call repeated",
        [
            *one(ROME),
            *one(ROME),
            {"choices": [{"message": {"tool_calls": [part(id="a", name="city", arguments=ROME)]}}]},
        ],
        ("Rome",),
    ),
    Case(
        "the whole message repeated, without ids",
        [
            chunk(part(index=0, name="city", arguments=ROME), part(index=1, name="city", arguments=OSLO)),
            {
                "choices": [
                    {
                        "delta": {},
                        "message": {
                            "tool_calls": [
                                part(name="city", arguments=ROME),
                                part(name="city", arguments=OSLO),
                            ]
                        },
                    }
                ]
            },
        ],
        ("Rome", "Oslo"),
    ),
    Case("an element that is no call", [chunk("city"), *one(ROME)], ("Rome",)),
]


@pytest.fixture
def towns() -> list[str]:
    return []


def chat(server: ByteServer, towns: list[str]) -> Chat:
    def city(name: str = "nowhere") -> str:
        """Weather of a city."""
        towns.append(name)
        return f"sunny in {name}"

    router = Router(NBStream(), {"NBSTREAM_NO_PROBE": "1"})
    return Chat("m", base_url=server.base_url, router=router, tools=[city], approve="always")


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.id)
async def test_a_call_runs_with_what_was_read_or_not_at_all(case: Case, towns: list[str]) -> None:
    def answer(request: RecordedRequest) -> Any:
        if request.json["messages"][-1]["role"] == "tool":
            return says("Done.")
        return sse_response([*case.chunks, end(case.finish_reason), "[DONE]"])

    with ByteServer(answer) as server:
        reply = await chat(server, towns).send("How is it?")
        sent = server.requests[1].json["messages"]
    assert towns == list(case.runs)
    failed = [call.result for call in reply.tool_calls if call.state == "failed"]
    assert len(failed) == len(case.failed)
    for told, expected in zip(failed, case.failed, strict=True):
        assert re.search(expected, str(told))
    calls = sent[1]["tool_calls"]
    assert len({call["id"] for call in calls}) == len(calls)
    assert [call["id"] for call in calls] == [m["tool_call_id"] for m in sent[2:]]
    # Servers that parse what they sent refuse anything but an object.
    assert all(isinstance(json.loads(call["function"]["arguments"]), dict) for call in calls)


async def test_indices_with_gaps_do_not_mix_two_rounds(towns: list[str]) -> None:
    def answer(request: RecordedRequest) -> Any:
        rounds = sum(m["role"] == "assistant" for m in request.json["messages"])
        if rounds == 2:
            return says("Done.")
        calls = [part(index=5, id=f"c{rounds}", name="city", arguments=[ROME, OSLO][rounds])]
        return sse_response([chunk(*calls), end("tool_calls"), "[DONE]"])

    with ByteServer(answer) as server:
        reply = await chat(server, towns).send("How is it?")
    assert [call.result for call in reply.tool_calls] == ["sunny in Rome", "sunny in Oslo"]


async def test_an_element_that_is_no_call_is_reported(towns: list[str]) -> None:
    with ByteServer(sse_response([chunk("city"), end("stop"), "[DONE]"])) as server:
        reply = await chat(server, towns).send("How is it?")
    assert [warning.kind for warning in reply.warnings] == ["malformed_chunk", "empty"]
