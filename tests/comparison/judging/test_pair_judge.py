"""Judges that compare each answer with that of the baseline, asked over HTTP."""

from __future__ import annotations

import asyncio
import json
import re
from collections.abc import Callable, Iterable
from typing import Any

import pytest

from nbstream import NBStream
from nbstream.client.router import Router
from nbstream.comparison import Comparison, Judge, PairJudge, compare
from nbstream.errors import ArgumentError, StateError
from tests.loopback import ByteServer
from tests.loopback.chunks import delta, says
from tests.loopback.exchanges import RecordedRequest
from tests.loopback.responses import json_response, sse_response
from tests.loopback.steps import Hold, Step
from tests.waiting import until

Pick = Callable[[str, str], str | None]
ANSWERS = re.compile(r"(?:First|Second) answer, as a JSON string: (.*)")


def answers_in(request: RecordedRequest) -> list[str]:
    return [json.loads(found) for found in ANSWERS.findall(request.json["messages"][-1]["content"])]


def server_of(pick: Pick, answer: Callable[[str, str], str] | None = None) -> ByteServer:
    """Model `j` judges; other models answer with their name and the prompt."""

    def script(request: RecordedRequest) -> Iterable[Step]:
        model, text = request.json["model"], request.json["messages"][-1]["content"]
        if model != "j":
            return says((answer or "{} {}".format)(model, text))
        better = pick(*answers_in(request))
        if better is None:
            return json_response(500, {"error": {"message": "no"}})
        return says(json.dumps({"reason": f"It is {better}.", "grade": better}))

    return ByteServer(script)


def options(server: ByteServer) -> dict[str, Any]:
    router = Router(NBStream(retries=0), {"NBSTREAM_NO_PROBE": "1"})
    return {"base_url": server.base_url, "router": router}


def on(server: ByteServer, models: list[str], over: Any = None, **given: Any) -> Comparison:
    judge = PairJudge("The better one is better.", model="j", **options(server))
    prompt = "Hi" if over is None else "{{ number }}"
    return compare(prompt, models=models, over=over, judge=judge, **options(server), **given)


def good(first: str, second: str) -> str:
    """Prefers the answer that begins with `good`."""
    if first.startswith("good") == second.startswith("good"):
        return "same"
    return "first" if first.startswith("good") else "second"


async def test_each_answer_is_compared_with_the_baseline_in_both_orders() -> None:
    with server_of(good) as server:
        grid = await on(server, ["bad", "good", "worse"])
        asked = [answers_in(request) for request in server.requests if request.json["model"] == "j"]
        assert sorted(asked) == sorted(
            [["bad Hi", "good Hi"], ["good Hi", "bad Hi"], ["bad Hi", "worse Hi"], ["worse Hi", "bad Hi"]]
        )
        assert not grid.cell("bad").outcomes
        outcome = grid.cell("good").outcomes["judge"]
        assert (outcome.score, outcome.votes, outcome.against) == (1, (1, 1), "bad")
        assert grid.cell("worse").outcomes["judge"].score == 0.5
        assert [cell.passed for cell in grid.cells] == [None, None, None]


@pytest.mark.parametrize("models", [["bad", "good"], ["good", "bad"]])
async def test_judge_that_prefers_a_position_decides_nothing(models: list[str]) -> None:
    with server_of(lambda _first, _second: "first") as server:
        grid = await on(server, models, [{"number": number} for number in range(8)])
        assert {cell.outcomes["judge"].score for cell in grid.cells if cell.variant.index} == {0.5}
        (difference,) = grid.differences("judge")
        assert difference.interval.estimate == 0


async def test_wins_and_losses_add_up_to_a_difference() -> None:
    with server_of(
        good, lambda model, text: "good" if int(text) % 10 < {"a": 2, "b": 9}[model] else "x"
    ) as server:
        grid = await on(server, ["a", "b"], [{"number": number} for number in range(60)], concurrency=1)
        (difference,) = grid.differences("judge")
        assert str(difference).startswith("b \N{MINUS SIGN} a = +70 pp [")
        assert difference.decided
        assert grid.best("judge").name == "b"
        assert "judge: b \N{MINUS SIGN} a = +70 pp" in str(grid.summary())


async def test_repeated_votes_that_fail_are_left_out_and_all_of_them_are_an_error() -> None:
    picks = iter(["first", None, "same", "second"])
    with server_of(lambda _first, _second: next(picks, None)) as server:
        judge = PairJudge("Which?", model="j", repeat=2, name="which", **options(server))
        grid = await compare("Hi", models=["a", "b"], checks=[judge], baseline="b", **options(server))
        outcome = grid.cell("a").outcomes["which"]
        assert (outcome.votes, len(outcome.replies)) == ((1, 0.5, 1), 4)
        again = await compare("Hi", models=["a", "b"], checks=[judge], **options(server))
        outcome = again.cell("b").outcomes["which"]
        assert (outcome.status, len(outcome.replies)) == ("error", 4)
        assert outcome.reason.startswith("ServerError: ")
        (difference,) = again.differences("which")
        assert difference.pairs == []


async def test_race_by_a_pair_judge_keeps_the_baseline() -> None:
    rates = {"a": 1, "b": 9, "c": 0}
    with server_of(good, lambda model, text: "good" if int(text) % 10 < rates[model] else "x") as server:
        rows = [{"number": number} for number in range(200)]
        grid = await on(server, ["a", "b", "c"], rows, race="judge", concurrency=4)
        assert grid.best().name == "b"
        assert grid.summary().verdict.startswith("b is the best, after ")
        assert sum(cell.status == "skipped" for cell in grid.cells) > 200


async def test_pairs_of_a_failed_baseline_are_judged_when_it_is_requested_again() -> None:
    down = iter([True])

    def script(request: RecordedRequest) -> Iterable[Step]:
        if request.json["model"] == "j":
            return says(json.dumps({"reason": "", "grade": "first"}))
        if request.json["model"] == "a" and next(down, False):
            return json_response(500, {"error": {"message": "no"}})
        return says("ok")

    with ByteServer(script) as server:
        grid = await on(server, ["a", "b"])
        assert not grid.cell("b").outcomes
        await grid.rerun(failed=True)
        assert grid.cell("b").outcomes["judge"].score == 0.5
        assert [request.json["model"] for request in server.requests].count("b") == 1


async def test_a_baseline_is_requested_again_only_after_what_is_compared_with_it() -> None:
    def script(request: RecordedRequest) -> Iterable[Step]:
        if request.json["model"] == "a":
            return json_response(500, {"error": {"message": "no"}})
        return sse_response([delta("so far"), Hold()])

    with ByteServer(script) as server:
        grid = on(server, ["a", "b"])
        waiting = asyncio.create_task(grid.wait())
        await until(lambda: grid.cell("a").settled and grid.cell("b").text == "so far")
        with pytest.raises(StateError, match="Others are compared with this answer"):
            grid.rerun([grid.cell("a")])
        grid.stop()
        await waiting


async def test_pinning_another_baseline_uses_no_votes_about_the_first() -> None:
    with server_of(good) as server:
        grid = await on(server, ["bad", "good"])
        grid.pin("good")
        assert [difference.pairs for difference in grid.differences("judge")] == [[]]


async def test_stopping_everything_stops_what_waits_for_the_baseline() -> None:
    with server_of(good) as server:
        grid = on(server, ["a", "b"])
        grid.stop()
        await asyncio.wait_for(grid.wait(), 20)
        assert {cell.status for cell in grid.cells} == {"stopped"}


async def test_thumbs_do_not_calibrate_comparisons() -> None:
    with server_of(good) as server:
        grid = await on(server, ["bad", "good"])
        with pytest.raises(ArgumentError, match="'judge' compares answers, and thumbs rate single ones"):
            grid.calibration("judge")


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"judge": "polite"}, "judge='polite' is not a judge"),
        (
            {"judge": PairJudge("x", model="m"), "checks": {"judge": "is-json"}},
            "Two checks are called 'judge'",
        ),
        ({"judge": PairJudge("{{ town }}", model="m")}, "Row 0: The prompt cannot be filled in: town"),
        ({"judge": PairJudge("x", model="m"), "race": True}, "A race needs checks to decide by"),
        (
            {"judge": Judge("x", model="m"), "race": "jugde"},
            "There is no check 'jugde' to race for. Did you mean",
        ),
    ],
)
def test_impossible_judges_are_refused_before_anything_is_sent(given: dict[str, Any], message: str) -> None:
    with pytest.raises(ArgumentError) as caught:
        compare("Hi", models=["a", "b"], **given)
    assert message in str(caught.value)


@pytest.mark.parametrize(
    ("values", "message"), [({"rubric": ""}, "needs a rubric"), ({"rubric": "x", "repeat": 0}, "repeat=0")]
)
def test_impossible_pair_judges_are_refused(values: dict[str, Any], message: str) -> None:
    with pytest.raises(ArgumentError, match=message):
        PairJudge(**values)
