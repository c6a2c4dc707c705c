"""Grids of answers from a real server."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Iterable
from typing import Any

import pandas as pd
import polars as pl
import pytest

from nbstream import NBStream, Prompt, Reply
from nbstream.client.router import Router
from nbstream.comparison import Comparison, compare
from nbstream.errors import ArgumentError, ServerError, StateError
from tests.loopback import ByteServer
from tests.loopback.chunks import END, delta, says
from tests.loopback.exchanges import RecordedRequest
from tests.loopback.gate import Gate
from tests.loopback.responses import json_response, sse_response
from tests.loopback.steps import Hold, Step
from tests.waiting import until

CITIES = [{"city": "Oslo", "expected": "Norway"}, {"city": "Rome", "expected": "Italy"}]


def on(server: ByteServer, prompt: Any = None, **options: Any) -> Comparison:
    """A comparison that asks this server, once each."""
    router = Router(NBStream(retries=0), {"NBSTREAM_NO_PROBE": "1"})
    return compare(prompt, base_url=server.base_url, **{"models": "m", "router": router, **options})


def asked(request: RecordedRequest) -> str:
    text: str = request.json["messages"][-1]["content"]
    return text


def by_model(**scripts: Any) -> Callable[[RecordedRequest], Iterable[Step]]:
    """Each model has its own script."""
    return lambda request: scripts[request.json["model"]]


def knows(**right: int) -> Callable[[RecordedRequest], Iterable[Step]]:
    """Model `name` answers rightly where the number in its prompt, modulo ten, is below its figure."""
    return lambda request: says("yes" if int(asked(request)) % 10 < right[request.json["model"]] else "no")


async def test_grid_has_a_reply_for_each_combination() -> None:
    with ByteServer(lambda request: says(asked(request).upper())) as server:
        grid = await on(
            server,
            prompts={"short": "{{ city }}", "long": Prompt("The city {{ city }}")},
            models=["a", "b"],
            temperature=[0, 0.5],
            over=CITIES,
            max_tokens=9,
        )
        assert [variant.name for variant in grid.variants][:3] == [
            "short, a, temperature=0",
            "short, a, temperature=0.5",
            "short, b, temperature=0",
        ]
        assert len(grid.replies) == len(server.requests) == 2 * 2 * 2 * 2
        assert all(isinstance(reply, Reply) for reply in grid.replies)
        assert grid.cell("long, b, temperature=0.5", row=1).text == "THE CITY ROME"
        bodies = {(r.json["model"], r.json["temperature"], r.json["max_tokens"]) for r in server.requests}
        assert bodies == {("a", 0, 9), ("a", 0.5, 9), ("b", 0, 9), ("b", 0.5, 9)}


async def test_without_rows_a_prompt_is_sent_as_it_is() -> None:
    with ByteServer(says("ok")) as server:
        await on(server, "{{ city }}", system=["Be kind.", None], n=2, seed=7)
        messages = [[message["content"] for message in r.json["messages"]] for r in server.requests]
        assert sorted(messages) == [["Be kind.", "{{ city }}"]] * 2 + [["{{ city }}"]] * 2
        assert sorted(r.json["seed"] for r in server.requests) == [7, 7, 8, 8]


@pytest.mark.parametrize("table", [pd.DataFrame(CITIES, index=["x", "y"]), pl.DataFrame(CITIES), CITIES])
async def test_rows_come_from_tables_too(table: object) -> None:
    with ByteServer(lambda request: says(asked(request))) as server:
        grid = await on(server, "{{ city }}", over=table)
        assert [cell.text for cell in grid.cells] == ["Oslo", "Rome"]
        assert [row.label for row in grid.rows] == (["x", "y"] if isinstance(table, pd.DataFrame) else [0, 1])


async def test_one_that_fails_does_not_spoil_the_others() -> None:
    broken = json_response(500, {"error": {"message": "no"}})
    with ByteServer(by_model(good=says("yes"), bad=broken)) as server:
        grid = await on(server, "Hi", models=["bad", "good"], checks="equals: yes")
        assert [cell.status for cell in grid.cells] == ["failed", "finished"]
        assert isinstance(grid.cell("bad").error, ServerError)
        assert [cell.passed for cell in grid.cells] == [None, True]
        with pytest.raises(ServerError):
            await on(server, "Hi", models=["bad", "good"], strict=True)
        with pytest.raises(ServerError):
            await on(server, "Hi", models="bad", n=2)


async def test_variant_without_an_endpoint_fails_alone() -> None:
    with ByteServer(says("yes")) as server:
        grid = await on(server, "Hi", models="m", params=[{"base_url": "http://127.0.0.1:9/v1"}, {}])
        assert [cell.status for cell in grid.cells] == ["failed", "finished"]


async def test_failed_ones_are_requested_again() -> None:
    states = iter(["down"])

    def script(request: RecordedRequest) -> Iterable[Step]:
        if request.json["model"] == "b" and next(states, "up") == "down":
            return json_response(500, {"error": {"message": "no"}})
        return says("yes")

    with ByteServer(script) as server:
        grid = await on(server, "Hi", models=["a", "b"])
        first = grid.cell("a").reply
        assert grid.cell("b").status == "failed"
        await grid.rerun(failed=True)
        assert [cell.status for cell in grid.cells] == ["finished", "finished"]
        assert grid.cell("a").reply is first
        assert len(server.requests) == 3


async def test_failed_one_is_requested_again_while_others_stream() -> None:
    states, gate = iter(["down"]), Gate()

    def script(request: RecordedRequest) -> Iterable[Step]:
        if request.json["model"] == "slow":
            return gate.script([delta("slow ")], [delta("yes"), *END])
        if next(states, "up") == "down":
            return json_response(500, {"error": {"message": "no"}})
        return says("yes")

    with ByteServer(script) as server:
        grid = on(server, "Hi", models=["bad", "slow"], checks={"yes": "contains: yes"}, race=True)
        waiting = asyncio.create_task(grid.wait())
        await until(lambda: grid.cell("bad").settled and grid.cell("slow").text == "slow ")
        assert grid.cell("bad").status == "failed"
        grid.rerun(failed=True)
        await until(lambda: grid.cell("bad").status == "finished")
        assert grid.cell("slow").status == "streaming"
        with pytest.raises(StateError, match="still streaming"):
            grid.rerun([grid.cell("slow")])
        gate.open()
        await waiting
        assert [cell.text for cell in grid.cells] == ["yes", "slow yes"]
        assert len(server.requests) == 3
        assert grid.done


async def test_no_more_are_sent_at_a_time_than_allowed() -> None:
    open_now, most, lock = 0, 0, threading.Lock()
    gate = Gate()

    def script(_request: RecordedRequest) -> Iterable[Step]:
        nonlocal open_now, most
        with lock:
            open_now += 1
            most = max(most, open_now)
        yield from gate.script(
            [delta("a")],
            [delta("b"), {"choices": [{"index": 0, "delta": {}, "finish_reason": "stop"}]}, "[DONE]"],
        )
        with lock:
            open_now -= 1

    with ByteServer(script) as server:
        grid = on(server, "Hi", n=12, concurrency=8, per_host=3)
        await asyncio.to_thread(server.wait_requests, 3)
        assert sum(cell.status == "waiting" for cell in grid.cells) == 9
        gate.open()
        await grid
        assert most == 3
        assert len(server.requests) == 12


async def test_stop_ends_what_streams_and_what_waits() -> None:
    with ByteServer(sse_response([delta("Once"), Hold()])) as server:
        grid = on(server, "Hi", n=5, concurrency=2)
        requests = await asyncio.to_thread(server.wait_requests, 2)
        grid.stop()
        await grid
        assert {cell.status for cell in grid.cells} == {"stopped"}
        assert len(server.requests) == 2
        assert all([await asyncio.to_thread(request.wait_disconnect) for request in requests])


async def test_one_column_or_one_cell_is_stopped_alone() -> None:
    held = sse_response([delta("Once"), Hold()])
    with ByteServer(by_model(a=held, b=held, c=says("yes"))) as server:
        grid = on(server, "Hi", models=["a", "b", "c"])
        await asyncio.to_thread(server.wait_requests, 3)
        grid.stop("a")
        grid.cell("b").end("stopped")
        await grid
        assert [cell.status for cell in grid.cells] == ["stopped", "stopped", "finished"]


async def test_cancelled_cell_stops_its_answers() -> None:
    with ByteServer(sse_response([delta("Once"), Hold()])) as server:
        grid = on(server, "Hi")
        task = asyncio.ensure_future(grid)
        await asyncio.to_thread(server.wait_requests, 1)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        await grid.wait()
        assert grid.cell(0).status == "stopped"


async def test_checks_close_streams_and_what_is_saved_is_counted() -> None:
    usage = {"prompt_tokens": 5, "completion_tokens": 40, "total_tokens": 45}
    whole = sse_response(
        [
            delta("fine " * 40),
            {"choices": [{"index": 0, "delta": {}, "finish_reason": "stop"}], "usage": usage},
            "[DONE]",
        ]
    )
    closed = sse_response([delta("I am sorry"), Hold()])
    with ByteServer(lambda request: whole if asked(request) == "Oslo" else closed) as server:
        grid = await on(server, "{{ city }}", over=CITIES, checks={"polite": "not-contains: sorry"})
        assert [cell.status for cell in grid.cells] == ["finished", "closed"]
        assert [cell.passed for cell in grid.cells] == [True, False]
        (standing,) = grid.summary().standings
        assert (standing.output_tokens, standing.saved_tokens) == (40, 38)
        assert standing.passed is not None
        assert standing.passed.estimate == 0.5


async def test_costs_are_counted_where_prices_are_known() -> None:
    usage = {"prompt_tokens": 1000, "completion_tokens": 500, "total_tokens": 1500}
    finish = {"choices": [{"index": 0, "delta": {}, "finish_reason": "stop"}], "usage": usage}
    prices = {"dear": {"input": 10, "output": 40}, "cheap": {"input": 1, "output": 4}}
    with ByteServer(sse_response([delta("ok"), finish, "[DONE]"])) as server:
        router = Router(NBStream(retries=0, prices=prices), {"NBSTREAM_NO_PROBE": "1"})
        models = ["dear", "cheap", "unknown"]
        grid = await on(server, "Hi", models=models, router=router, checks={"low": "cost: 0.01"}, n=2)
        assert [standing.cost for standing in grid.summary().standings] == [0.06, 0.006, None]
        assert [cell.passed for cell in grid.cells] == [False, False, True, True, None, None]
        assert grid.cells[0].outcomes["low"].reason == "It cost $0.03."
        assert grid.cells[4].outcomes["low"].reason == "The price of the answer is not known."
        assert grid.to_frame()["cost"].tolist()[:4] == [0.03, 0.03, 0.003, 0.003]
        assert grid.best("cost").name == "cheap"


async def test_frame_has_a_row_per_answer() -> None:
    with ByteServer(says("Norway")) as server:
        grid = await on(
            server,
            "{{ city }}",
            temperature=[0, 1],
            over=CITIES,
            checks={"right": "equals"},
            stop_when="never",
        )
        table = grid.to_frame()
        assert table["variant"].tolist() == ["temperature=0", "temperature=1"] * 2
        assert table["temperature"].tolist() == [0, 1, 0, 1]
        assert table["city"].tolist() == ["Oslo", "Oslo", "Rome", "Rome"]
        assert table["check_right"].tolist() == [True, True, False, False]
        assert table["check_right_reason"].tolist()[2] == "It is not 'Italy'."
        assert table["status"].unique().tolist() == ["finished"]
        summary = grid.summary().to_frame()
        assert summary.loc["temperature=1", "passed"] == 0.5


async def test_differences_are_paired_with_the_baseline() -> None:
    with ByteServer(knows(a=9, b=2)) as server:
        rows = [{"number": number} for number in range(60)]
        grid = await on(server, "{{ number }}", models=["b", "a"], over=rows, checks={"right": "equals: yes"})
        (difference,) = grid.differences()
        assert str(difference).startswith("a \N{MINUS SIGN} b = +70 pp [")
        assert difference.decided
        assert difference.counts is not None
        assert (difference.counts.first, difference.counts.second) == (42, 0)
        assert difference.p_value == pytest.approx(2 / 2**42)
        assert grid.best().name == "a"
        assert grid.best("right").name == "a"
        assert grid.best(lambda standing: -standing.variant.index).name == "b"
        (other,) = (
            await on(server, "{{ number }}", models=["b", "a"], over=rows[:4], checks="equals: yes")
        ).differences()
        assert not other.decided
        assert "undecided: about" in str(other)


async def test_race_stops_paying_for_what_is_worse() -> None:
    with ByteServer(knows(a=9, b=2, c=1)) as server:
        rows = [{"number": number} for number in range(100)]
        grid = await on(
            server,
            "{{ number }}",
            models=["a", "b", "c"],
            over=rows,
            checks="equals: yes",
            race=True,
            concurrency=4,
        )
        assert grid.best().name == "a"
        assert len(server.requests) < 150
        assert grid.summary().verdict.startswith("a is the best, after ")
        skipped = sum(cell.status == "skipped" for cell in grid.cells)
        assert skipped >= 150
        assert grid.done


async def test_race_that_is_undecided_says_so() -> None:
    with ByteServer(knows(a=6, b=5)) as server:
        rows = [{"number": number} for number in range(20)]
        grid = await on(
            server,
            "{{ number }}",
            models=["a", "b"],
            over=rows,
            checks="equals: yes",
            race="equals: yes",
            concurrency=2,
        )
        assert grid.summary().verdict.startswith("Undecided after ")
        assert len(server.requests) < 40


async def test_only_what_changed_is_requested_again() -> None:
    with ByteServer(lambda request: says(asked(request))) as server:
        prompts = {"one": "{{ city }}", "two": "In {{ expected }}"}
        first = await on(server, prompts=prompts, over=CITIES, checks="contains: Norway")
        edited = prompts | {"one": "{{ city }}, {{ expected }}"}
        later = await on(server, prompts=edited, over=CITIES, checks="contains: Norway", since=first)
        assert len(server.requests) == 4 + 2
        assert later.cell("two").reply is first.cell("two").reply
        assert [cell.reused for cell in later.cells] == [False, True, False, True]
        changes = later.changes(first)
        assert [cell.row.label for cell in changes.good] == [0]
        assert (changes.bad, changes.unchanged) == ([], 3)
        assert changes.prompts == ["- {{ city }}", "+ {{ city }}, {{ expected }}"]
        assert str(changes).endswith("1 turned good, 0 turned bad, 3 unchanged")


async def test_chat_continues_from_an_adopted_answer() -> None:
    with ByteServer(lambda request: says(asked(request).upper())) as server:
        grid = await on(server, "{{ city }}", system="Be kind.", models=["a", "b"], over=CITIES)
        chat = grid.adopt(grid.cell("b", row=1))
        await chat.send("more")
        sent = server.requests[-1].json
        assert sent["model"] == "b"
        assert [message["content"] for message in sent["messages"]] == ["Be kind.", "Rome", "ROME", "more"]


def test_script_waits_with_result() -> None:
    with ByteServer(says("ok")) as server:
        grid = on(server, "Hi", n=3)
        assert server.requests == []
        assert [cell.text for cell in grid.result().cells] == ["ok"] * 3
        assert asyncio.run(on(server, "Hi")).done


async def test_result_does_not_block_a_running_loop() -> None:
    with ByteServer(says("ok")) as server:
        grid = on(server, "Hi")
        with pytest.raises(StateError, match="await comparison"):
            grid.result()
        with pytest.raises(StateError, match="still streaming"):
            grid.rerun([grid.cell(0)])
        with pytest.raises(StateError, match="no whole answer"):
            grid.adopt(grid.cell(0))
        await grid
        with pytest.raises(StateError, match="nothing to compare by"):
            grid.best()


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({}, "takes one prompt, or prompts=[…]"),
        ({"prompt": "a", "prompts": ["b"]}, "takes one prompt"),
        ({"prompt": "a", "models": ["m", "m"]}, "m is given twice"),
        ({"prompts": ["a", "a"]}, "Two variants are the same: prompt 2"),
        ({"prompts": []}, "nothing to compare"),
        ({"prompt": "a", "params": [3]}, "params=3 is not a dict"),
        ({"prompt": "a", "n": 0}, "n=0 is not a number of at least 1"),
        ({"prompt": "a", "over": []}, "over=… has no rows"),
        ({"prompt": "a", "over": "abc"}, "not str"),
        ({"prompt": "a", "over": ["abc"]}, "not str"),
        ({"prompt": "{{ town }}", "over": CITIES}, "Row 0: The prompt cannot be filled in: town"),
        ({"prompt": "a", "over": [{"x": 1}], "checks": "equals"}, "Row 0: The check 'equals' has nothing"),
        ({"prompt": "a", "race": True}, "at least two variants"),
        ({"prompt": "a", "models": ["a", "b"], "race": True}, "A race needs checks"),
        ({"prompt": "a", "models": ["a", "b"], "checks": "is-json", "race": "x"}, "no check 'x'"),
        ({"prompt": "a", "baseline": "x"}, "There is no variant 'x'"),
        ({"prompt": "a", "stop_when": "soon"}, "stop_when='soon' is not valid"),
        ({"prompt": "a", "temprature": 1}, "compare() has no keyword 'temprature'"),
        ({"prompt": "a", "chekcs": "is-json"}, "compare() has no keyword 'chekcs'. Did you mean 'checks'?"),
        ({"prompt": "a", "params": {"temprature": 1}}, "has no keyword 'temprature'"),
    ],
)
def test_impossible_arguments_are_refused_before_anything_is_sent(
    options: dict[str, Any], message: str
) -> None:
    with pytest.raises(ArgumentError) as caught:
        compare(**options)
    assert message in str(caught.value)


async def test_a_host_that_refuses_gets_fewer_at_a_time() -> None:
    """It accepts two at a time: the refusals of a 429 cost no answer, and are few."""
    busy, refused, lock, gate = 0, 0, threading.Lock(), Gate()

    def script(_request: RecordedRequest) -> Iterable[Step]:
        nonlocal busy, refused
        with lock:
            if busy >= 2:
                refused += 1
                yield from json_response(429, {"error": {"message": "too many"}}, {"retry-after-ms": "1"})
                return
            busy += 1
        yield from gate.script(
            [delta("a")], [{"choices": [{"index": 0, "delta": {}, "finish_reason": "stop"}]}]
        )
        with lock:
            busy -= 1

    with ByteServer(script) as server:
        grid = on(server, "Hi", n=20, concurrency=8, per_host=8)
        await asyncio.to_thread(server.wait_requests, 8)
        gate.open()
        await grid
        assert [cell.status for cell in grid.cells] == ["finished"] * 20
        assert 1 <= refused < 40
