"""Writes tests/fixtures/statistics.json with scipy and statsmodels, which the tests themselves do not need.

Run it in an environment that has both: ``python tests/comparison/statistics/record_fixtures.py``.
"""

# mypy: ignore-errors

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import scipy
import statsmodels
from scipy import stats
from statsmodels.stats.contingency_tables import mcnemar
from statsmodels.stats.inter_rater import cohens_kappa
from statsmodels.stats.proportion import proportion_confint

PATH = Path(__file__).parents[2] / "fixtures" / "statistics.json"


def main() -> None:
    draw = np.random.default_rng(16)
    data = {
        "versions": {"scipy": scipy.__version__, "statsmodels": statsmodels.__version__},
        "paired": [paired(draw) for _ in range(50)],
        "permutation": [permutation(draw, k) for k in range(50)],
        "kappa": [kappa(draw) for _ in range(50)],
        "clopper-pearson": [exact(draw) for _ in range(50)],
    }
    PATH.write_text(json.dumps(data, indent=0).replace("\n", "") + "\n")


def paired(draw):
    counts = [int(value) for value in draw.integers(0, 40, 4)]
    both, first, second, neither = counts
    exact = mcnemar([[both, first], [second, neither]], exact=True).pvalue
    fewer, n = min(first, second), first + second
    mid = 1.0 if first == second else 2 * stats.binom.cdf(fewer, n, 0.5) - stats.binom.pmf(fewer, n, 0.5)
    confidence = float(draw.choice([0.8, 0.9, 0.95, 0.99]))
    low, high = proportion_confint(both + first, sum(counts), 1 - confidence, method="wilson")
    return {
        "counts": counts,
        "mcnemar": exact,
        "mid-p": mid,
        "confidence": confidence,
        "wilson": [low, high],
    }


def permutation(draw, kind):
    n = int(draw.integers(3, 13))
    values = {
        0: draw.integers(-1, 2, n).astype(float),
        1: draw.integers(-4, 5, n) / 4,
        2: np.round(draw.normal(0.2, 0.4, n), 2),
    }[kind % 3]
    found = stats.permutation_test((values,), np.mean, permutation_type="samples", n_resamples=np.inf)
    return {"differences": values.tolist(), "p": float(found.pvalue)}


def kappa(draw):
    table = draw.integers(1, 40, (2, 2))
    found = cohens_kappa(table)
    return {
        "table": table.ravel().tolist(),
        "kappa": found.kappa,
        "interval": [found.kappa_low, found.kappa_upp],
    }


def exact(draw):
    """Fractions are effective sample sizes, which statsmodels takes too."""
    n = float(draw.choice([draw.integers(1, 400), draw.uniform(1, 400)]))
    successes = float(draw.choice([0.0, n, draw.uniform(0, n), draw.uniform(0, 1)]))
    confidence = float(draw.choice([0.8, 0.9, 0.95, 0.99]))
    ends = proportion_confint(successes, n, 1 - confidence, method="beta")
    return {"of": [successes, n], "confidence": confidence, "interval": [float(end) for end in ends]}


if __name__ == "__main__":
    main()
