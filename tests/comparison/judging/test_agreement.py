"""A judge compared with the user's thumbs."""

from __future__ import annotations

import json
import math
from pathlib import Path

import pytest

from nbstream.comparison.judging import Agreement

FIXTURES = json.loads((Path(__file__).parents[2] / "fixtures" / "statistics.json").read_text("utf-8"))


def test_fifty_kappas_match_statsmodels() -> None:
    assert len(FIXTURES["kappa"]) == 50
    for case in FIXTURES["kappa"]:
        kappa = Agreement(*case["table"]).kappa()
        assert kappa.estimate == pytest.approx(case["kappa"], rel=1e-9)
        assert [kappa.low, kappa.high] == pytest.approx(
            [max(-1, case["interval"][0]), min(1, case["interval"][1])], rel=1e-9
        )


def test_rates_are_those_of_the_user() -> None:
    agreement = Agreement.of(
        [(True, True)] * 8 + [(False, True)] * 2 + [(True, False)] * 1 + [(False, False)] * 4
    )
    assert agreement == Agreement(both_good=8, judge_only=1, user_only=2, both_bad=4)
    assert (agreement.true_positive_rate.estimate, agreement.true_positive_rate.n) == (0.8, 10)
    assert (agreement.false_positive_rate.estimate, agreement.false_positive_rate.n) == (0.2, 5)


@pytest.mark.parametrize("pairs", [[], [(True, True)] * 5])
def test_agreement_on_one_kind_is_not_evidence(pairs: list[tuple[bool, bool]]) -> None:
    kappa = Agreement.of(pairs).kappa()
    assert math.isnan(kappa.estimate)
    assert (kappa.low, kappa.high) == (-1, 1)
