"""Races, played many times with fixed seeds: how often they are wrong, and how many calls they save."""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import pytest

from nbstream.comparison.statistics import Race
from nbstream.errors import ArgumentError

ROWS = 200


@dataclass(frozen=True)
class Outcome:
    winner: int | None
    calls: int
    most: int


def play(
    rates: Sequence[float], draw: random.Random, look: Callable[[Race[int]], None], rows: int = ROWS
) -> Outcome:
    """One race of independent variants, looked at after every answer."""
    race, calls = Race(range(len(rates)), rows), 0
    for row in range(rows):
        for variant in race.racing:
            race.add(row, variant, draw.random() < rates[variant])
            calls += 1
            look(race)
        if race.over:
            break
    return Outcome(race.winner, calls, rows * len(rates))


def test_equal_variants_rarely_have_a_winner_although_every_answer_is_looked_at() -> None:
    draw, false = random.Random(16), 0  # noqa: S311
    for _ in range(2000):
        seen: set[int | None] = set()
        play([0.7, 0.7], draw, lambda race: seen.add(race.winner), rows=100)  # noqa: B023  used in this round alone
        false += seen != {None}
    assert 0 < false <= 0.05 * 2000


def test_equal_scores_rarely_have_a_winner() -> None:
    draw, false = random.Random(21), 0  # noqa: S311
    for _ in range(300):
        race = Race("ab", 60, binary=False)
        for row in range(60):
            for variant in "ab":
                race.add(row, variant, draw.choice([0, 0.25, 0.5, 0.75, 1, 1]))
            if race.over:
                break
        false += race.winner is not None
    assert false <= 0.05 * 300


def test_four_equal_variants_rarely_have_a_winner() -> None:
    draw = random.Random(17)  # noqa: S311
    winners = [play([0.5] * 4, draw, _not_looking).winner for _ in range(100)]
    assert sum(winner is not None for winner in winners) <= 0.05 * 100


@pytest.mark.parametrize(
    ("rates", "runs", "least"), [((0.8, 0.7), 1000, 0.22), ((0.9, 0.7, 0.6, 0.5), 200, 0.65)]
)
def test_calls_are_saved_and_the_winner_is_the_best(
    rates: tuple[float, ...], runs: int, least: float
) -> None:
    draw = random.Random(18)  # noqa: S311
    outcomes = [play(rates, draw, _not_looking) for _ in range(runs)]
    saved = 1 - sum(outcome.calls for outcome in outcomes) / sum(outcome.most for outcome in outcomes)
    assert saved >= least
    assert sum(outcome.winner not in {None, 0} for outcome in outcomes) <= 0.005 * runs


def test_outcomes_count_in_the_order_of_the_rows() -> None:
    draw = random.Random(19)  # noqa: S311
    outcomes = [
        (row, name, draw.random() < rate) for row in range(60) for name, rate in (("a", 0.9), ("b", 0.5))
    ]
    in_order, shuffled = Race("ab", 60), Race("ab", 60)
    for outcome in outcomes:
        in_order.add(*outcome)
    draw.shuffle(outcomes)
    for outcome in outcomes:
        shuffled.add(*outcome)
    assert in_order.dropped == shuffled.dropped != ()


def test_row_without_an_outcome_counts_for_no_pair_of_it() -> None:
    race = Race("abc", 30)
    for row in range(5):
        race.add(row, "a", score=True)
        race.add(row, "b", score=None)
        race.add(row, "c", score=False)
    assert [race.evidence("a", other).n for other in "bc"] == [0, 5]
    assert race.counted == 5


def test_race_ends_when_the_remaining_rows_cannot_decide() -> None:
    race = Race("ab", 20)
    for row in range(20):
        if race.over:
            break
        race.add(row, "a", row % 2 == 0)
        race.add(row, "b", row % 2 == 1)
    assert race.over
    assert race.winner is None
    assert 5 < race.counted < 20
    assert race.rows_needed() is None  # neither leads


def test_rows_needed_are_about_right() -> None:
    def lead(rows: int) -> Race[str]:
        race = Race("ab", rows)
        for row in range(rows):
            race.add(row, "a", row % 5 != 0)
            race.add(row, "b", row % 5 > 1)
        return race

    short = lead(20)
    assert short.winner is None
    needed = short.rows_needed()
    assert needed is not None
    assert lead(20 + 2 * needed).winner == "a"
    assert lead(20 + needed // 2).winner is None


def test_scores_race_too() -> None:
    draw, race = random.Random(20), Race("ab", 300, binary=False)  # noqa: S311
    for row in range(300):
        race.add(row, "a", draw.uniform(0.4, 1))
        race.add(row, "b", draw.uniform(0, 0.6))
    assert race.winner == "a"
    assert race.counted < 100


def test_impossible_arguments_are_refused() -> None:
    with pytest.raises(ArgumentError, match="two variants"):
        Race("a", 10)
    with pytest.raises(ArgumentError, match="two variants"):
        Race("aa", 10)
    race = Race("ab", 10)
    with pytest.raises(ArgumentError, match="no row 10"):
        race.add(10, "a", score=True)
    with pytest.raises(ArgumentError, match=r"score of 0\.5"):
        race.add(1, "a", 0.5)


def _not_looking(race: Race[int]) -> None:
    pass
