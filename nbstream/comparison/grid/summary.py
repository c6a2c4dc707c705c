"""The figures of each variant, and what is decided."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from statistics import mean, median
from typing import TYPE_CHECKING, Any

from nbstream.comparison.grid.cell import Cell
from nbstream.comparison.grid.difference import Difference
from nbstream.comparison.grid.spending import cost_of, tokens_of
from nbstream.comparison.grid.variant import Variant
from nbstream.comparison.statistics import Interval, wilson

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["Standing", "Summary", "standing"]


@dataclass(frozen=True, slots=True)
class Standing:
    """The figures of one variant.

    Parameters
    ----------
    variant
        The column.
    statuses
        How many of its cells have which status.
    passed
        Share of answers that pass all checks; None without checks.
    checks
        Share of answers that pass each check.
    ttft, tokens_per_second
        Medians, in seconds and tokens per second.
    output_tokens
        Tokens of all answers, as the servers reported them.
    cost
        US dollars for all answers; None where the price of one is not known. Judges are not included.
    judge_tokens, judge_cost
        The same of the judges: all tokens, and US dollars.
    saved_tokens
        About how many tokens were not generated because a check closed the stream: each closed answer would
        have been as long as a whole one of this variant.
    """

    variant: Variant
    statuses: Mapping[str, int]
    passed: Interval | None
    checks: Mapping[str, Interval]
    ttft: float | None
    tokens_per_second: float | None
    output_tokens: int
    cost: float | None
    saved_tokens: int
    judge_tokens: int = 0
    judge_cost: float | None = None

    def __str__(self) -> str:
        counts = ", ".join(f"{count} {status}" for status, count in self.statuses.items())
        if self.passed is None or not self.passed.n:
            return f"{self.variant.name}: {counts}"
        low, high = 100 * self.passed.low, 100 * self.passed.high
        rate = f"{100 * self.passed.estimate:.0f} % passed [{low:.0f}, {high:.0f}], n = {self.passed.n}"
        return f"{self.variant.name}: {rate} ({counts})"

    def as_dict(self) -> dict[str, Any]:
        """The figures as a row of a table."""
        rates = {f"passed_{name}": rate.estimate for name, rate in self.checks.items()}
        whole = {} if self.passed is None else {"passed": self.passed.estimate}
        ends = {} if self.passed is None else {"passed_low": self.passed.low, "passed_high": self.passed.high}
        return {
            "variant": self.variant.name,
            "answers": self.statuses.get("finished", 0) + self.statuses.get("closed", 0),
            "failed": self.statuses.get("failed", 0),
            "closed": self.statuses.get("closed", 0),
            "skipped": self.statuses.get("skipped", 0),
            **whole,
            **ends,
            **rates,
            "ttft": self.ttft,
            "tokens_per_second": self.tokens_per_second,
            "output_tokens": self.output_tokens,
            "cost": self.cost,
            "saved_tokens": self.saved_tokens,
            "judge_tokens": self.judge_tokens,
            "judge_cost": self.judge_cost,
        }


@dataclass(frozen=True, slots=True)
class Summary:
    """The figures of all variants, and how they differ from the baseline.

    Parameters
    ----------
    standings
        The figures of each variant.
    differences
        Each variant and check against the baseline.
    verdict
        What the race decided; empty without one.
    """

    standings: Sequence[Standing]
    differences: Sequence[Difference]
    verdict: str = ""

    def to_frame(self) -> pd.DataFrame:
        """The figures as a DataFrame, one row per variant."""
        from nbstream.comparison.grid.frame import pandas

        return pandas().DataFrame.from_records([one.as_dict() for one in self.standings], index="variant")

    def __str__(self) -> str:
        lines = [str(one) for one in self.standings]
        lines += [
            f"{difference.check}: {difference}" if difference.check else str(difference)
            for difference in self.differences
        ]
        return "\n".join([*lines, *filter(None, (self._judges, self.verdict))])

    @property
    def _judges(self) -> str:
        """What the judges used."""
        tokens = sum(one.judge_tokens for one in self.standings)
        costs = [one.judge_cost for one in self.standings if one.judge_tokens]
        known = [cost for cost in costs if cost is not None]
        price = f", ${sum(known):.4f}" if known and len(known) == len(costs) else ""
        return f"Judges: {tokens:,} tokens{price}" if tokens else ""


def standing(variant: Variant, cells: Sequence[Cell], checks: Sequence[str]) -> Standing:
    """The figures of one variant from its cells."""
    answered = [cell for cell in cells if cell.answered]
    judges = [reply for cell in cells for outcome in cell.outcomes.values() for reply in outcome.replies]
    timings = [cell.reply.timings for cell in answered if cell.reply is not None]
    return Standing(
        variant,
        Counter(cell.status for cell in cells),
        _share([cell.passed for cell in answered]) if checks else None,
        {name: _share([_passed(cell, name) for cell in answered]) for name in checks},
        _median([timing.ttft for timing in timings]),
        _median([timing.tokens_per_second for timing in timings]),
        sum(_tokens(cell) for cell in cells),
        cost_of(cell.reply for cell in cells if cell.reply is not None and cell.answered),
        _saved(answered),
        tokens_of(judges),
        cost_of(judges),
    )


def _share(outcomes: Sequence[bool | None]) -> Interval:
    known = [outcome for outcome in outcomes if outcome is not None]
    return wilson(sum(known), len(known))


def _passed(cell: Cell, check: str) -> bool | None:
    outcome = cell.outcomes.get(check)
    return outcome.passed if outcome is not None else None


def _median(values: Sequence[float | None]) -> float | None:
    known = [value for value in values if value is not None]
    return median(known) if known else None


def _tokens(cell: Cell) -> int:
    usage = cell.reply.usage if cell.reply is not None else None
    return (usage.output or 0) if usage is not None else 0


def _saved(answered: Sequence[Cell]) -> int:
    """Of a closed answer there is no count of tokens, so that lengths are compared."""
    whole = [cell for cell in answered if cell.status == "finished" and _tokens(cell) and cell.text]
    closed = [cell for cell in answered if cell.status == "closed"]
    if not whole or not closed:
        return 0
    length, tokens = mean(len(cell.text) for cell in whole), mean(_tokens(cell) for cell in whole)
    return round(sum(max(0.0, 1 - len(cell.text) / length) * tokens for cell in closed))
