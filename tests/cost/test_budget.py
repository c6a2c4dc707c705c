"""Budgets: no request is sent that could exceed one, however many are in flight."""

from __future__ import annotations

import asyncio
import pickle
import threading
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from decimal import Decimal
from typing import Any

import pytest

from nbstream import BudgetExceededError, Chat, NBStream, Reply
from nbstream.client.router import Router
from nbstream.errors import ArgumentError, SettingsError, StreamInterruptedError
from tests.loopback import ByteServer, Close, Hold, RecordedRequest, Step, json_response, sse_response
from tests.loopback.chunks import END, call, delta

PRICES = {"m": {"input": 1, "output": 10}}
Script = Callable[[RecordedRequest], Iterable[Step]]


def usage(prompt: int, answer: int) -> dict[str, Any]:
    counts = {"prompt_tokens": prompt, "completion_tokens": answer, "total_tokens": prompt + answer}
    return {"choices": [], "usage": counts}


def costing(prompt: int = 100, answer: int = 10) -> Script:
    """Answers with this usage; each costs (prompt + 10 · answer) / 1,000,000 dollars."""
    return lambda _request: sse_response([delta("Hello"), END[0], usage(prompt, answer), END[1]])


def settings(budget: float | None = None, **more: Any) -> NBStream:
    return NBStream(**{"budget": budget, "prices": PRICES, "retries": 0} | more)


def chat_of(server: ByteServer, defaults: NBStream, **options: Any) -> Chat:
    router = Router(defaults, {"NBSTREAM_NO_PROBE": "1"})
    return Chat("m", base_url=server.base_url, router=router, **{"max_tokens": 20} | options)


async def outcome(reply: Reply) -> str:
    await reply.wait()
    return type(reply.error).__name__ if reply.error else reply.status


async def test_an_answer_has_its_price_and_the_session_its_sum() -> None:
    defaults = settings()
    with ByteServer(costing()) as server:
        chat = chat_of(server, defaults)
        reply = await chat.send("Hi")
        await chat.send("Hi again")
    assert reply.cost == Decimal("0.0002")
    assert reply.to_dict()["cost"] == 0.0002
    assert defaults.ledger.spending.spent == chat.spent == Decimal("0.0004")


@pytest.mark.parametrize("whose", ["session", "chat"])
async def test_a_request_that_could_exceed_the_budget_is_not_sent(whose: str) -> None:
    with ByteServer(costing()) as server:
        # 20 tokens of output and some hundreds of input: not more than 0.0008.
        defaults, budget = (settings(0.0009), None) if whose == "session" else (settings(), 0.0009)
        chat = chat_of(server, defaults, budget=budget)
        outcomes = [await outcome(chat.send("Hi", alone=True)) for _ in range(4)]
        sent = len(server.requests)
        refused = chat.send("Hi", alone=True)
        await refused.wait()
    error = refused.error
    assert "BudgetExceededError" in outcomes
    assert outcomes.count("finished") == sent > 1
    assert isinstance(error, BudgetExceededError)
    assert (error.limit, error.spent) == (Decimal("0.0009"), sent * Decimal("0.0002"))
    assert error.reserved == 0
    assert error.spent + error.reserved + error.estimate > error.limit
    assert f"The {whose}'s budget of $0.00090 does not cover this request of up to ≈" in str(error)
    assert "(with 20 output tokens)" in str(error)
    assert "It was not sent." in str(error)
    again = pickle.loads(pickle.dumps(error))  # noqa: S301
    assert (again.spent, str(again)) == (error.spent, str(error))


async def test_a_thousand_at_once_do_not_overshoot() -> None:
    defaults = settings(0.05)
    with ByteServer(costing(prompt=14, answer=20)) as server:
        chat = chat_of(server, defaults)
        outcomes = await asyncio.gather(*(outcome(chat.send("Hi", alone=True)) for _ in range(1000)))
        sent = len(server.requests)
    spending = defaults.ledger.spending
    assert set(outcomes) == {"finished", "BudgetExceededError"}
    assert outcomes.count("finished") == sent
    assert spending.spent == sent * Decimal("0.000214") <= Decimal("0.05")
    assert spending.reserved == 0


def test_threads_with_loops_of_their_own_do_not_overshoot() -> None:
    defaults = settings(0.01)
    ready = threading.Barrier(8)

    async def ask(server: ByteServer) -> list[str]:
        chat = chat_of(server, defaults)
        ready.wait()
        return list(await asyncio.gather(*(outcome(chat.send("Hi", alone=True)) for _ in range(25))))

    with ByteServer(costing(prompt=14, answer=20)) as server, ThreadPoolExecutor(8) as pool:
        done = list(pool.map(lambda _: asyncio.run(ask(server)), range(8)))
        sent = len(server.requests)
    assert sum(outcomes.count("finished") for outcomes in done) == sent
    assert defaults.ledger.spending.spent == sent * Decimal("0.000214") <= Decimal("0.01")
    assert defaults.ledger.spending.reserved == 0


REFUSED = json_response(400, {"error": {"message": "No."}})
UNAVAILABLE = json_response(503, {"error": {"message": "Later."}}, {"retry-after": "0"})
CUT = sse_response([delta("Hel"), Close()])


@pytest.mark.parametrize(
    ("script", "counted"),
    {
        "refused": (REFUSED, False),
        "unavailable": (UNAVAILABLE, False),
        "cut": (CUT, True),
        "whole, without usage": (sse_response([delta("Hello"), *END]), True),
    }.values(),
    ids=["refused", "unavailable", "cut", "whole, without usage"],
)
async def test_what_did_not_report_its_usage(script: list[Step], counted: bool) -> None:
    defaults = settings(1)
    with ByteServer(script) as server:
        await outcome(chat_of(server, defaults).send("Hi"))
    spending, total = defaults.ledger.spending, defaults.ledger.total()
    assert spending.reserved == 0
    assert (spending.spent > 0) == counted == bool(total.requests)
    assert total.estimated == total.cost == spending.spent


async def test_a_stopped_answer_keeps_what_was_reserved() -> None:
    defaults = settings(1)
    with ByteServer(sse_response([delta("Hello"), Hold()])) as server:
        reply = chat_of(server, defaults).send("Hi")
        async for _ in reply:
            assert defaults.ledger.spending.reserved > 0
            reply.stop()
        assert reply.status == "stopped"
    assert defaults.ledger.spending.reserved == 0
    assert defaults.ledger.spending.spent >= Decimal("0.0002"), "20 tokens of output"
    assert reply.cost is None


async def test_each_retry_is_a_request() -> None:
    defaults = settings(1, retries=2)
    scripts = iter([UNAVAILABLE, list(costing()(None))])  # type: ignore[arg-type]
    with ByteServer(lambda _request: next(scripts)) as server:
        assert await outcome(chat_of(server, defaults).send("Hi")) == "finished"
    assert defaults.ledger.spending.spent == Decimal("0.0002")
    assert defaults.ledger.total().requests == 1
    assert defaults.ledger.spending.reserved == 0


def add(a: int, b: int) -> int:
    """Add."""
    return a + b


def stepping(request: RecordedRequest) -> list[Step]:
    results = [m for m in request.json["messages"] if m["role"] == "tool"]
    end: list[Any] = [delta("3"), END[0]] if results else [call("add", '{"a": 1, "b": 2}')]
    return sse_response([*end, usage(500, 20), END[1]])


async def test_each_step_of_tools_is_a_request() -> None:
    defaults = settings(1)
    with ByteServer(stepping) as server:
        reply = await chat_of(server, defaults, tools=[add], approve="always").send("Hi")
    assert reply.cost == defaults.ledger.spending.spent == Decimal("0.0014")
    assert defaults.ledger.total().requests == 2


async def test_a_step_that_the_budget_does_not_cover_ends_the_answer() -> None:
    with ByteServer(stepping) as server:
        chat = chat_of(server, settings(0.0009), tools=[add], approve="always")
        reply = chat.send("Hi")
        await reply.wait()
        sent = len(server.requests)
    assert sent == 1
    assert isinstance(reply.error, BudgetExceededError)
    assert reply.tool_calls[0].result == "3"
    assert chat.spent == Decimal("0.0007")


async def test_with_a_budget_what_has_no_price_is_refused() -> None:
    with ByteServer(costing()) as server:
        chat = chat_of(server, settings(1, prices={}))
        reply = chat.send("Hi")
        await reply.wait()
        sent = len(server.requests)
    assert not sent
    assert isinstance(reply.error, SettingsError)
    assert "No price is known for m at 127.0.0.1" in str(reply.error)
    assert "NBStream.prices" in str(reply.error)


async def test_without_a_budget_it_is_counted_as_unpriced() -> None:
    defaults = settings(prices={})
    with ByteServer(costing()) as server:
        reply = await chat_of(server, defaults).send("Hi")
    assert reply.cost is None
    assert defaults.ledger.total().unpriced == 1


async def test_a_model_on_this_machine_needs_no_budget() -> None:
    defaults = settings(0)
    reply = await Chat("demo:nbstream-demo-fast", router=Router(defaults, {}), budget=0).send("echo: Hi")
    assert reply.cost == 0
    assert defaults.ledger.total().free


async def test_forks_spend_from_one_budget() -> None:
    with ByteServer(costing()) as server:
        chat = chat_of(server, settings(), budget=1)
        await chat.fork().send("Hi")
        assert chat.spent == Decimal("0.0002")
        chat.budget = None
        assert chat.budget is None


@pytest.mark.parametrize("wrong", [-1, "two", float("nan"), True, []])
def test_what_is_no_amount(wrong: Any) -> None:
    with pytest.raises(ArgumentError, match="US dollars"):
        Chat("demo", budget=wrong)


@pytest.mark.parametrize("wrong", [-1, float("nan"), float("inf")])
def test_a_wrong_budget_of_the_session_is_an_error_where_it_is_set(wrong: float) -> None:
    with pytest.raises(ArgumentError, match="US dollars"):
        NBStream(budget=wrong)


async def test_a_refused_continuation_keeps_the_reason_for_the_cut() -> None:
    """The partial answer was paid for: its own error is shown, and that the budget ended it."""
    with ByteServer(CUT) as server:
        chat = chat_of(server, settings(0.0009, retries=2), on_disconnect="restart")
        reply = chat.send("Hi")
        await reply.wait()
        sent = len(server.requests)
    assert sent == 1
    assert reply.text == "Hel"
    assert isinstance(reply.error, StreamInterruptedError)
    assert "budget" in str(reply.error)
