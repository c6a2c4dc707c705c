"""How far the votes of a check can be trusted, by the user's thumbs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from nbstream.comparison.grid.cell import Cell
from nbstream.comparison.grid.variant import Variant
from nbstream.comparison.judging.agreement import Agreement
from nbstream.comparison.judging.corrected_rate import CorrectedRate, corrected_rate
from nbstream.comparison.statistics import Interval

__all__ = ["Calibration", "calibration_of"]


@dataclass(frozen=True, slots=True)
class Calibration:
    """A check or judge compared with the user's thumbs.

    Parameters
    ----------
    agreement
        How often they agree, over all variants.
    rates
        The corrected share of good answers of each variant, by name.
    """

    agreement: Agreement
    rates: Mapping[str, CorrectedRate]

    def __str__(self) -> str:
        agreement, kappa = self.agreement, self.agreement.kappa()
        if not agreement.n:
            return "No answer has a thumb yet."
        true, false = agreement.true_positive_rate, agreement.false_positive_rate
        head = (
            f"{agreement.n} answers with a thumb: true positives {_percent(true)}, "
            f"false positives {_percent(false)}, "
            f"kappa {kappa.estimate:.2f} [{kappa.low:.2f}, {kappa.high:.2f}]"
        )
        return "\n".join([head, *(_line(name, rate) for name, rate in self.rates.items())])


def calibration_of(variants: Sequence[Variant], cells: Sequence[Cell], check: str) -> Calibration:
    """Compare a check with the ratings of cells; answers without a score of the check are left out."""
    known = [
        (cell, outcome.score)
        for cell in cells
        if cell.answered and (outcome := cell.outcomes.get(check)) is not None and outcome.score is not None
    ]
    pairs = [(value >= 0.5, cell.rating) for cell, value in known if cell.rating is not None]
    return Calibration(
        Agreement.of(pairs),
        {
            variant.name: corrected_rate(
                [value for cell, value in known if cell.variant is variant],
                [cell.rating for cell, _ in known if cell.variant is variant],
            )
            for variant in variants
        },
    )


def _percent(rate: Interval) -> str:
    if not rate.n:
        return "unknown"
    return f"{100 * rate.estimate:.0f} % [{100 * rate.low:.0f}, {100 * rate.high:.0f}]"


def _line(name: str, rate: CorrectedRate) -> str:
    if not rate.thumbs.n:
        return f"{name}: no answer has a thumb yet"
    share = _percent(rate.interval)
    worth = f"; as precise as {rate.worth:.0f} thumbs" if rate.weight else ""
    return f"{name}: {share} good, {rate.thumbs.n} with a thumb{worth}{'. ' if rate.note else ''}{rate.note}"
