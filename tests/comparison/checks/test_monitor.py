"""Checks on answers that stream from a server."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from nbstream import Chat, NBStream, Reply
from nbstream.client.router import Router
from nbstream.comparison.checks import Check, Checks, Monitor, Outcome, StopWhen, as_checks
from tests.chats import chat_on
from tests.loopback import ByteServer, in_turn
from tests.loopback.chunks import delta, says
from tests.loopback.responses import sse_response
from tests.loopback.steps import Close, Hold, Pause, Reset


def alone(checks: Checks) -> dict[str, Check]:
    return {name: check for name, check in as_checks(checks).items() if isinstance(check, Check)}


async def check(
    server: ByteServer, checks: Checks, stop_when: StopWhen = "failed", **options: Any
) -> tuple[Monitor, Reply]:
    reply = chat_on(server, **options).send("Hi")
    monitor = Monitor(alone(checks), {"expected": "Oslo"}, stop_when)
    await monitor.follow(reply)
    return monitor, reply


def held(*texts: str) -> ByteServer:
    """A server that never ends its answer: only a closed stream ends the test."""
    return ByteServer(sse_response([*map(delta, texts), Hold()]))


@pytest.mark.parametrize(
    ("name", "texts"),
    [
        ("not-contains: sorry", ["I am so", "rry"]),
        ("is-json", ["Su", "re"]),
        ("max-chars: 8", ["Hello ", "World"]),
        ("equals", ["Os", "low"]),
    ],
)
async def test_stream_is_closed_once_the_outcome_is_certain(name: str, texts: list[str]) -> None:
    with held(*texts) as server:
        monitor, reply = await check(server, {"rule": name})
        assert monitor.closed
        assert (monitor.outcomes["rule"].status, monitor.outcomes["rule"].early) == ("fail", True)
        assert reply.status == "stopped"
        assert await asyncio.to_thread(server.requests[0].wait_disconnect)


async def test_silent_server_is_left_when_its_time_is_over() -> None:
    with held() as server:
        monitor, reply = await check(server, "latency: 40")
        assert monitor.outcomes["latency: 40"].reason == "It took more than 40 ms."
        assert reply.status == "stopped"


async def test_other_checks_keep_the_stream_open() -> None:
    seen = []

    def polite(reply: Reply) -> bool:
        seen.append(reply.text)
        return True

    with ByteServer(says("Sure, ", "here it is.")) as server:
        monitor, reply = await check(server, {"json": "is-json", "polite": polite})
        assert not monitor.closed
        assert reply.status == "finished"
        assert seen == ["Sure, here it is."]
        assert [monitor.outcomes[name].status for name in ("json", "polite")] == ["fail", "pass"]
        assert [monitor.outcomes[name].early for name in ("json", "polite")] == [True, False]


async def test_first_failure_closes_if_that_is_enough() -> None:
    with held("Sure") as server:
        monitor, _ = await check(server, ["is-json", "contains: Oslo"], "first failed")
        assert monitor.outcomes.keys() == {"is-json"}


async def test_passed_answer_is_closed_only_if_that_is_asked_for() -> None:
    with held("In Oslo") as server:
        monitor, _ = await check(server, "contains", "decided")
        assert monitor.outcomes["contains"] == Outcome("pass", "", 1.0, early=True)
    with ByteServer(says("In Oslo", " and elsewhere")) as server:
        _, reply = await check(server, "contains")
        assert reply.text == "In Oslo and elsewhere"
    with ByteServer(says("Sure", " thing")) as server:
        _, reply = await check(server, "is-json", "never")
        assert reply.text == "Sure thing"


async def test_check_that_raises_is_an_error_of_that_check() -> None:
    def broken(reply: Reply) -> bool:
        raise KeyError("label")

    with ByteServer(says("Oslo")) as server:
        monitor, reply = await check(
            server, {"broken": broken, "equals": "equals", "none": lambda _reply: None}
        )
        assert reply.status == "finished"
        assert monitor.outcomes["broken"] == Outcome("error", "KeyError: 'label'")
        assert monitor.outcomes["equals"].passed
        assert (
            monitor.outcomes["none"].reason == "It returned None, and not True, False or a score from 0 to 1."
        )


async def test_functions_return_scores_and_reasons_and_may_be_asynchronous() -> None:
    async def slow(reply: Reply, row: dict[str, str]) -> tuple[float, str]:
        await asyncio.sleep(0)
        return 0.25, f"{row['expected']} is far"

    with ByteServer(says("Bergen")) as server:
        monitor, _ = await check(server, slow)
        assert monitor.outcomes["slow"] == Outcome("fail", "Oslo is far", 0.25)


async def test_failed_answer_has_no_outcomes() -> None:
    with ByteServer(sse_response([delta("In Oslo"), Close()])) as server:
        monitor, reply = await check(server, "contains")
        assert reply.status == "failed"
        assert monitor.outcomes == {}


async def test_answer_that_began_again_is_checked_as_it_ended() -> None:
    cut = sse_response([delta("I am sorry to"), Pause(0.05), Reset()])
    checks = {"city": "contains", "short": "max-chars: 10", "sorry": "contains: sorry", "json": "is-json"}
    with ByteServer(in_turn(cut, says("In Oslo"))) as server:
        router = Router(NBStream(retries=1), {"NBSTREAM_NO_PROBE": "1"})
        chat = Chat("m", base_url=server.base_url, router=router, on_disconnect="restart")
        reply = chat.send("Hi")
        monitor = Monitor(alone(checks), {"expected": "Oslo"}, "never")
        await monitor.follow(reply)
    assert (reply.text, len(server.requests)) == ("In Oslo", 2)
    statuses = {name: outcome.status for name, outcome in monitor.outcomes.items()}
    assert statuses == {"city": "pass", "short": "pass", "sorry": "fail", "json": "fail"}
