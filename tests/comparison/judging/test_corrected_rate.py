"""The corrected share of good answers, simulated with fixed seeds."""

from __future__ import annotations

import random
from collections.abc import Iterator
from statistics import mean

import pytest

from nbstream.comparison.judging import CorrectedRate, corrected_rate
from nbstream.errors import ArgumentError


def runs(count: int, rated: int, share: float, *, tpr: float, tnr: float) -> Iterator[CorrectedRate]:
    """Corrected rates of 300 random answers, of which a random part is rated."""
    draw = random.Random(16)  # noqa: S311
    for _ in range(count):
        good = [draw.random() < share for _ in range(300)]
        votes = [float(draw.random() < (tpr if truth else 1 - tnr)) for truth in good]
        yield corrected_rate(votes, [*good[:rated], *[None] * (300 - rated)])


@pytest.mark.parametrize(
    ("rated", "share", "tpr", "tnr", "narrower"),
    [
        (30, 0.7, 0.85, 0.7, 0.92),
        (100, 0.5, 0.85, 0.7, 0.92),
        (30, 0.7, 0.95, 0.95, 0.72),
        # Judges that know nothing, or call everything good.
        (30, 0.6, 0.5, 0.5, 1.0),
        (30, 0.9, 0.5, 0.5, 1.0),
        (60, 0.7, 0.95, 0.05, 1.0),
        # Their errors are so rare, or so one-sided, that few thumbs hardly see one.
        (20, 0.5, 0.5, 1.0, 0.95),
        (30, 0.95, 1.0, 0.5, 1.0),
        (100, 0.9, 1.0, 1.0, 0.72),
    ],
)
def test_corrected_interval_covers_the_truth_and_is_never_wider(
    rated: int, share: float, tpr: float, tnr: float, narrower: float
) -> None:
    rates = list(runs(2000, rated, share, tpr=tpr, tnr=tnr))
    assert sum(share in rate.interval for rate in rates) >= 0.94 * 2000
    assert all(rate.interval.width <= rate.thumbs.width for rate in rates)
    assert mean(rate.interval.width for rate in rates) <= narrower * mean(rate.thumbs.width for rate in rates)


@pytest.mark.parametrize("rated", [20, 30, 100])
def test_useless_judge_is_left_out_and_the_result_says_so(rated: int) -> None:
    rates = list(runs(300, rated, 0.6, tpr=0.5, tnr=0.5))
    alone = [rate for rate in rates if not rate.weight]
    assert len(alone) >= 0.95 * 300
    assert all(rate.interval == rate.thumbs for rate in alone)
    assert {rate.note for rate in alone} == {
        f"The judge adds nothing to your {rated} thumbs: its votes do not follow them closely enough."
    }
    assert all(rate.interval.width <= rate.thumbs.width for rate in rates)


def test_judge_who_says_the_opposite_is_left_out() -> None:
    rate = next(runs(1, 60, 0.5, tpr=0.05, tnr=0.05))
    assert (rate.weight, rate.interval) == (0, rate.thumbs)


def test_lenient_judge_is_corrected() -> None:
    # It calls every second bad answer good, so that its own mean is 0.2 too high.
    rates = list(runs(200, 60, 0.6, tpr=1.0, tnr=0.5))
    assert mean(rate.interval.estimate for rate in rates) == pytest.approx(0.6, abs=0.01)


@pytest.mark.parametrize("thumbs", [[], [True], [True] * 20])
def test_too_few_thumbs_are_not_corrected(thumbs: list[bool]) -> None:
    rate = corrected_rate([1.0] * 40, [*thumbs, *[None] * (40 - len(thumbs))])
    assert rate.interval == rate.thumbs
    assert rate.note.startswith("The judge adds nothing yet: rate answers of both kinds")


def test_everything_rated_needs_no_judge() -> None:
    rate = corrected_rate([1, 0, 1, 0, 1, 1], [True, False, True, False, True, False])
    assert rate.interval == rate.thumbs
    assert rate.thumbs.estimate == 0.5


def test_impossible_votes_are_refused() -> None:
    with pytest.raises(ArgumentError, match="votes for 2 answers"):
        corrected_rate([1], [True, None])
    with pytest.raises(ArgumentError, match="Scale the scores"):
        corrected_rate([7, 2], [True, None])
