"""Evidence and intervals that may be looked at after every row."""

from __future__ import annotations

import math
import random

import pytest

from nbstream.comparison.statistics import PairedEvidence
from nbstream.errors import ArgumentError


def test_intervals_contain_the_true_difference_at_all_looks_together() -> None:
    draw, wrong = random.Random(5), 0  # noqa: S311
    for _ in range(80):
        evidence = PairedEvidence()
        looks = []
        for row in range(1, 101):
            evidence.add((draw.random() < 0.8) - (draw.random() < 0.6))
            if row % 20 == 0:
                looks.append(0.2 in evidence.interval())
        wrong += not all(looks)
    assert wrong <= 4


def test_evidence_for_equal_variants_is_a_fair_game() -> None:
    # Its mean over all ways that ten rows can differ is exactly 1.
    mean = (
        sum(
            math.comb(10, better) * PairedEvidence([1] * better + [-1] * (10 - better)).strength
            for better in range(11)
        )
        / 2**10
    )
    assert mean == pytest.approx(1)


def test_rows_with_equal_outcomes_are_no_evidence() -> None:
    assert PairedEvidence([1, 1, -1]).strength == PairedEvidence([1, 1, -1] + [0] * 50).strength


def test_interval_excludes_zero_where_the_evidence_is_strong() -> None:
    for wins in range(60):
        evidence = PairedEvidence([1] * wins + [-1] * 5)
        assert (evidence.interval().low > 0) == (evidence.strength >= 40)


def test_reversed_is_the_other_side() -> None:
    evidence = PairedEvidence([0.5, 1, -0.25, 0, 0.75])
    interval, other = evidence.interval(), evidence.reversed().interval()
    assert (other.low, other.high) == pytest.approx((-interval.high, -interval.low), abs=1e-5)
    assert evidence.counts is None


def test_certain_outcomes_reach_the_end_of_the_scale() -> None:
    interval = PairedEvidence([1] * 30).interval()
    assert (interval.estimate, interval.high) == (1, 1)
    assert 0.3 < interval.low < 1
    assert (PairedEvidence().interval().low, PairedEvidence().interval().high) == (-1, 1)


def test_difference_off_the_scale_is_refused() -> None:
    with pytest.raises(ArgumentError, match="Scale the scores"):
        PairedEvidence([3])
