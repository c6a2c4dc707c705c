"""Functions that a model may call: described, approved, run, answered."""

from __future__ import annotations

import asyncio
import itertools
import threading
from collections.abc import Callable
from typing import Any, Literal

import pytest

from nbstream import Chat
from nbstream.client.router import Router
from nbstream.config import NBStream
from nbstream.errors import ConfigError, ProtocolError, ToolFailed
from nbstream.reply import Reply
from nbstream.tools.function import Tool
from nbstream.types.events import ToolStep
from tests.loopback import ByteServer, Close, Pause, Piece, RecordedRequest, in_turn, sse_response
from tests.loopback.chunks import delta, end, says


def weather(city: str, unit: Literal["C", "F"] = "C") -> dict[str, object]:
    """Weather in a city,
    now.

    Long text that the model need not read.
    """
    return {"city": city, "degrees": 21, "unit": unit, "main thread": threading.current_thread().name}


async def slow_add(a: int, b: int) -> int:
    """Add."""
    await asyncio.sleep(0)
    return a + b


def breaks(x: int) -> int:
    """Break."""
    raise ValueError(f"no {x}")


def call(name: str, *fragments: str, call_id: str = "call-1", index: int = 0) -> list[dict[str, Any]]:
    first = {"index": index, "id": call_id, "function": {"name": name, "arguments": ""}}
    rest = [{"index": index, "function": {"arguments": fragment}} for fragment in fragments]
    return [{"choices": [{"index": 0, "delta": {"tool_calls": [part]}}]} for part in [first, *rest]]


def model(*calls: list[dict[str, Any]]) -> Callable[[RecordedRequest], Any]:
    """A model that makes these calls in its first request, and then repeats their results."""

    def answer(request: RecordedRequest) -> Any:
        results = [m["content"] for m in request.json["messages"] if m["role"] == "tool"]
        if results:
            return says(" | ".join(results))
        return sse_response([delta("Let me see."), *itertools.chain(*calls), end("tool_calls"), "[DONE]"])

    return answer


def chat(server: ByteServer, *tools: Callable[..., Any], approve: Any = "always", **settings: Any) -> Chat:
    router = Router(NBStream(), {"NBSTREAM_NO_PROBE": "1"})
    return Chat("m", base_url=server.base_url, router=router, tools=tools, approve=approve, **settings)


def test_the_schema_comes_from_signature_and_docstring() -> None:
    described = Tool.of(weather).as_dict()["function"]
    assert described["name"] == "weather"
    assert described["description"] == "Weather in a city, now."
    properties = described["parameters"]["properties"]
    assert properties["city"]["type"] == "string"
    assert properties["unit"]["enum"] == ["C", "F"]
    assert described["parameters"]["required"] == ["city"]


def test_what_can_not_be_described_is_refused() -> None:
    def untyped(x):  # type: ignore[no-untyped-def]
        return x

    def variadic(*xs: int) -> None: ...

    functions: list[tuple[Callable[..., Any], str]] = [
        (untyped, "no type"),
        (variadic, "xs"),
        (lambda: 1, "named"),
    ]
    for function, told in functions:
        with pytest.raises(ConfigError, match=told):
            Tool.of(function)
    with pytest.raises(ConfigError, match="Two tools"):
        Chat("m", tools=[weather, weather])


async def test_arguments_are_checked_before_the_function_runs() -> None:
    with pytest.raises(ToolFailed, match="are not valid"):
        await Tool.of(weather).call('{"city": 3}')
    with pytest.raises(ToolFailed, match=r'could not be read.*\{"city": "x"'):
        await Tool.of(weather).call('{"city": "x"')


async def test_a_call_runs_and_its_result_goes_back() -> None:
    calls = [
        call("weather", '{"ci', 'ty": "Ro', 'me"}'),
        call("slow_add", '{"a":1,"b":2}', call_id="c2", index=1),
    ]
    with ByteServer(model(*calls)) as server:
        reply = await chat(server, weather, slow_add).send("How is it?")
        first, second = (request.json for request in server.requests)
    assert [tool["function"]["name"] for tool in first["tools"]] == ["weather", "slow_add"]
    assert [m["role"] for m in second["messages"]] == ["user", "assistant", "tool", "tool"]
    assert second["messages"][1]["tool_calls"][0]["function"]["arguments"] == '{"city": "Rome"}'
    assert [m["tool_call_id"] for m in second["messages"][2:]] == ["call-1", "c2"]
    assert reply.text.startswith("Let me see.\n\n")
    assert reply.text.endswith(" | 3")
    assert "MainThread" in reply.text  # a plain function may use what the notebook made
    assert [(c.name, c.state) for c in reply.tool_calls] == [
        ("weather", "returned"),
        ("slow_add", "returned"),
    ]
    assert reply.finish_reason == "stop"
    assert reply.warnings == ()


async def test_a_failing_tool_tells_the_model_how_it_failed() -> None:
    calls = [call("breaks", '{"x": 1}'), call("unknown", "{}", call_id="c2", index=1)]
    with ByteServer(model(*calls)) as server:
        reply = await chat(server, breaks).send("x")
    assert reply.text.endswith("ValueError: no 1 | There is no tool named unknown.")
    assert [c.state for c in reply.tool_calls] == ["failed", "failed"]


async def asked(reply: Reply) -> None:
    async for event in reply.follow():
        if isinstance(event, ToolStep) and event.state == "asking":
            return


@pytest.mark.parametrize(("allow", "state"), [(True, "returned"), (False, "refused")])
async def test_a_call_waits_for_approval(allow: bool, state: str) -> None:
    with ByteServer(model(call("slow_add", '{"a":1,"b":2}'))) as server:
        reply = chat(server, slow_add, approve="ask").send("x")
        await asked(reply)
        assert len(server.requests) == 1
        with pytest.raises(KeyError):
            reply.approve("another")
        reply.approve("call-1", allow=allow)
        await reply
    assert [c.state for c in reply.tool_calls] == [state]
    assert reply.text.endswith("3" if allow else "The user refused this call.")


async def test_stop_ends_the_loop_while_it_waits() -> None:
    with ByteServer(model(call("slow_add", '{"a":1,"b":2}'))) as server:
        reply = chat(server, slow_add, approve="ask").send("x")
        await asked(reply)
        reply.stop()
        await reply
        assert reply.status == "stopped"
        assert len(server.requests) == 1


async def test_calls_without_end_are_stopped() -> None:
    endless = sse_response([*call("slow_add", '{"a":1,"b":2}'), end("tool_calls"), "[DONE]"])
    with ByteServer(endless) as server:
        with pytest.raises(ProtocolError, match="called tools 3 times") as caught:
            await chat(server, slow_add, tool_steps=3).send("x")
        assert len(server.requests) == 4
    assert caught.value.kind == "limit"


@pytest.mark.parametrize("steps", [0, 1, 3])
async def test_calls_beyond_the_limit_do_not_run(steps: int) -> None:
    ran = []

    def count() -> int:
        """Count."""
        ran.append(1)
        return len(ran)

    endless = sse_response([*call("count", "{}"), end("tool_calls"), "[DONE]"])
    with ByteServer(endless) as server:
        reply = chat(server, count, tool_steps=steps).send("x")
        with pytest.raises(ProtocolError, match="tool_steps"):
            await reply
        assert len(server.requests) == steps + 1
    assert len(ran) == steps
    assert [c.state for c in reply.tool_calls] == ["returned"] * steps + ["failed"]
    assert "Not run" in str(reply.tool_calls[-1].result)


async def test_a_fresh_answer_in_a_later_round_keeps_the_rounds_before_it() -> None:
    first: list[Piece] = [delta("One."), *call("slow_add", '{"a":1,"b":2}'), end("tool_calls"), "[DONE]"]
    cut: list[Piece] = [delta("Two, and then it broke."), *call("slow_add", '{"a":'), Pause(0.01), Close()]
    again: list[Piece] = [delta("Two."), *call("slow_add", '{"a":3,"b":4}'), end("tool_calls"), "[DONE]"]
    scripts = [sse_response(first), sse_response(cut), sse_response(again), says("Done.")]
    with ByteServer(in_turn(*scripts)) as server:
        talk = chat(server, slow_add, on_disconnect="restart")
        reply = await talk.send("x")
        sent = server.requests[3].json["messages"]
    assert reply.text == "One.\n\nTwo.\n\nDone."
    assert reply.state.abandoned == ["Two, and then it broke."]
    assert [(c.state, c.result) for c in reply.tool_calls] == [("returned", "3"), ("returned", "7")]
    assert talk.messages[: len(sent)] == sent


async def test_calls_that_cannot_run_ask_nobody() -> None:
    calls = [call("slow_add", '{"a":1'), call("slow_add", '{"a":"x","b":2}', call_id="c2", index=1)]
    with ByteServer(model(*calls)) as server:
        reply = await chat(server, slow_add, approve="ask").send("x")
    assert [c.state for c in reply.tool_calls] == ["failed", "failed"]
    assert not any(isinstance(e, ToolStep) and e.state == "asking" for e in reply.events)


async def test_a_function_in_a_thread_leaves_the_loop_free() -> None:
    free = threading.Event()

    def waits() -> str:
        """Wait."""
        return f"{free.wait(30)} {threading.current_thread() is threading.main_thread()}"

    def stops() -> str:
        """Stop."""
        return next(iter(()))

    asyncio.get_running_loop().call_later(0.01, free.set)
    assert await Tool.of(waits, thread=True).call("{}") == "True False"
    with pytest.raises(ToolFailed, match="StopIteration"):
        await Tool.of(stops, thread=True).call("{}")


async def test_calls_with_one_id_are_approved_one_by_one() -> None:
    calls = [call("slow_add", '{"a":1,"b":2}'), call("slow_add", '{"a":3,"b":4}', index=1)]
    with ByteServer(model(*calls)) as server:
        reply = chat(server, slow_add, approve="ask").send("x")
        waiting = []
        async for event in reply.follow():
            if isinstance(event, ToolStep) and event.state == "asking":
                (asking,) = [c.id or "" for c in reply.tool_calls if c.state == "asking"]
                waiting.append(asking)
                reply.approve(asking)
                with pytest.raises(KeyError):
                    reply.approve(asking)
        sent = [m["tool_call_id"] for m in server.requests[1].json["messages"] if m["role"] == "tool"]
    assert waiting == ["call-1", "call-1_1"]
    assert sent == waiting
    assert reply.text.endswith("3 | 7")
