"""Tests and intervals for a fixed number of rows, compared with scipy and statsmodels."""

from __future__ import annotations

import json
import random
from pathlib import Path
from typing import Any

import pytest

from nbstream.comparison.statistics import PairedCounts, clopper_pearson, permutation_test, wilson
from nbstream.errors import ArgumentError

FIXTURES: dict[str, Any] = json.loads(
    (Path(__file__).parents[2] / "fixtures" / "statistics.json").read_text("utf-8")
)


def test_fifty_tables_match_statsmodels() -> None:
    assert len(FIXTURES["paired"]) == 50
    for case in FIXTURES["paired"]:
        counts = PairedCounts(*case["counts"])
        assert counts.mcnemar() == pytest.approx(case["mcnemar"], rel=1e-9)
        assert counts.mcnemar("mid-p") == pytest.approx(case["mid-p"], rel=1e-9)
        interval = wilson(counts.both + counts.first, counts.n, case["confidence"])
        assert [interval.low, interval.high] == pytest.approx(case["wilson"], rel=1e-9)


def test_fifty_exact_intervals_match_statsmodels() -> None:
    assert len(FIXTURES["clopper-pearson"]) == 50
    for case in FIXTURES["clopper-pearson"]:
        interval = clopper_pearson(*case["of"], case["confidence"])
        assert [interval.low, interval.high] == pytest.approx(case["interval"], rel=1e-9)


def test_fifty_permutation_tests_match_scipy() -> None:
    assert len(FIXTURES["permutation"]) == 50
    for case in FIXTURES["permutation"]:
        assert permutation_test(case["differences"]) == pytest.approx(case["p"], rel=1e-9)


def test_scores_without_a_common_unit_are_estimated_the_same_each_time() -> None:
    draw = random.Random(1)  # noqa: S311
    scores = [draw.gauss(0.1, 0.3) for _ in range(40)]
    value = permutation_test(scores)
    assert value == permutation_test(scores)
    # The same scores in a unit of 0.01 have an exact value.
    assert value == pytest.approx(permutation_test([round(score, 2) for score in scores]), abs=0.02)


@pytest.mark.parametrize(
    ("counts", "low", "high"),
    # The examples of Newcombe (1998), method 10.
    [
        ((36, 12, 2, 0), 0.0569, 0.3404),
        ((54, 0, 0, 0), -0.0664, 0.0664),
        ((0, 54, 0, 0), 0.9061, 1.0),
    ],
)
def test_newcombe_interval_matches_its_paper(counts: tuple[int, ...], low: float, high: float) -> None:
    interval = PairedCounts(*counts).newcombe()
    assert (interval.low, interval.high) == pytest.approx((low, high), abs=5e-5)


def test_newcombe_interval_covers_the_true_difference() -> None:
    draw, covered = random.Random(3), 0  # noqa: S311
    for _ in range(1000):
        counts = PairedCounts.of((draw.random() < 0.8, draw.random() < 0.65) for _ in range(80))
        covered += 0.15 in counts.newcombe()
    assert 0.935 <= covered / 1000 <= 0.975


def test_no_rows_leave_everything_open() -> None:
    counts = PairedCounts.of([])
    assert (counts.newcombe().low, counts.newcombe().high, counts.mcnemar()) == (-1, 1, 1)
    assert (wilson(0, 0).low, wilson(0, 0).high) == (0, 1)
    assert (clopper_pearson(0, 0).low, clopper_pearson(0, 0).high) == (0, 1)
    assert permutation_test([0, 0]) == 1


def test_confidence_that_is_not_one_is_refused() -> None:
    with pytest.raises(ArgumentError, match="not between 0 and 1"):
        wilson(1, 2, confidence=95)
