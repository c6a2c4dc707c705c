"""How much better a variant is than the baseline, by one check."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from nbstream.comparison.grid.cell import Cell
from nbstream.comparison.grid.rows import Row
from nbstream.comparison.grid.variant import Variant
from nbstream.comparison.statistics import Interval, PairedCounts, PairedEvidence, permutation_test

__all__ = ["Difference", "paired_scores"]

Score = float | None
_MINUS = "\N{MINUS SIGN}"


@dataclass(frozen=True, slots=True)
class Difference:
    """How much better a variant is than the baseline, on the rows that both have answered.

    Parameters
    ----------
    check
        Name of the check; empty for all checks together.
    variant, baseline
        The two columns.
    pairs
        Scores of the variant and of the baseline, one pair per row.
    alpha
        Probability that the interval ever leaves out the true difference.
    """

    check: str
    variant: Variant
    baseline: Variant
    pairs: Sequence[tuple[float, float]]
    alpha: float = 0.05

    @property
    def interval(self) -> Interval:
        """The difference, with an interval that holds however often it is looked at."""
        return self._evidence.interval(1 - self.alpha)

    @property
    def decided(self) -> bool:
        """Whether the interval leaves out 0."""
        return bool(self.pairs) and 0 not in self.interval

    @property
    def rows_needed(self) -> int | None:
        """About how many more rows decide; None if that is not foreseen."""
        evidence, limit = self._evidence, math.log(2 / self.alpha)
        return evidence.rows_needed(limit) if evidence.mean > 0 else evidence.reversed().rows_needed(limit)

    @property
    def counts(self) -> PairedCounts | None:
        """Passed rows of both, for tests of a fixed number of rows; None for scores."""
        if any(score not in {0, 1} for pair in self.pairs for score in pair):
            return None
        return PairedCounts.of((bool(one), bool(other)) for one, other in self.pairs)

    @property
    def p_value(self) -> float:
        """For a number of rows that was fixed beforehand: McNemar's exact test, or a permutation test."""
        counts = self.counts
        if counts is not None:
            return counts.mcnemar()
        return permutation_test([one - other for one, other in self.pairs])

    def __str__(self) -> str:
        interval = self.interval
        if not interval.n:
            return f"{self.variant.name} {_MINUS} {self.baseline.name}: no rows yet"
        ends = f"[{100 * interval.low:.0f}, {100 * interval.high:.0f}]"
        points = round(100 * interval.estimate)
        size = f"{points:{'+' if points else ''}d} pp {ends}, n = {interval.n}"
        verdict = "" if 0 not in interval else f"; {_undecided(self.rows_needed)}"
        return f"{self.variant.name} {_MINUS} {self.baseline.name} = {size}{verdict}"

    @property
    def _evidence(self) -> PairedEvidence:
        return PairedEvidence(one - other for one, other in self.pairs)


def _undecided(needed: int | None) -> str:
    return "undecided" if needed is None else f"undecided: about {needed:,} more rows needed"


def paired_scores(
    cells: Mapping[tuple[int, int], Sequence[Cell]],
    rows: Iterable[Row],
    pair: tuple[Variant, Variant],
    check: str,
) -> list[tuple[float, float]]:
    """The scores of two variants, row by row up to the first that has not ended.

    Answers that end fast would count first otherwise, and they may be better or worse than the others.
    """
    pairs = []
    for row in rows:
        sides = [cells[variant.index, row.index] for variant in pair]
        if not all(cell.settled for side in sides for cell in side):
            break
        scores = [_scores(one, other, check) for one, other in zip(*sides, strict=True)]
        both = [found for found in scores if found is not None]
        if both:
            pairs.append((_mean([one for one, _ in both]), _mean([other for _, other in both])))
    return pairs


def _scores(one: Cell, other: Cell, check: str) -> tuple[float, float] | None:
    """The scores of two answers; where a judge compared the two, they add up to 1."""
    outcome = one.outcomes.get(check)
    mine, theirs = score(one, check), score(other, check)
    if outcome is not None and outcome.against:
        theirs = None if mine is None or outcome.against != other.variant.name else 1 - mine
    return None if mine is None or theirs is None else (mine, theirs)


def score(cell: Cell, check: str) -> Score:
    """The score of a cell by a check, or by all of them; None where it is not known."""
    if not check:
        passed = cell.passed
        return None if passed is None else float(passed)
    outcome = cell.outcomes.get(check)
    return outcome.score if outcome is not None and cell.answered else None


def _mean(values: Sequence[float]) -> float:
    return math.fsum(values) / len(values)
