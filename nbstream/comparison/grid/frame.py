"""The answers of a comparison as a pandas DataFrame."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from nbstream.comparison.checks import Outcome
from nbstream.comparison.grid.cell import Cell
from nbstream.comparison.grid.spending import cost_of, tokens_of
from nbstream.errors import MissingPackageError

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["frame", "pandas", "record"]


def pandas() -> Any:
    """The package pandas.

    Raises
    ------
    MissingPackageError
        When it is not installed.
    """
    try:
        import pandas as pd
    except ImportError as error:
        raise MissingPackageError(
            "A DataFrame needs pandas, which is not installed.",
            advice="Install it with: pip install pandas. comparison.cells holds the answers.",
        ) from error
    return pd


def frame(cells: Sequence[Cell], checks: Sequence[str]) -> pd.DataFrame:
    """One row per answer.

    Raises
    ------
    MissingPackageError
        When pandas is not installed.
    """
    table: pd.DataFrame = pandas().DataFrame.from_records([record(cell, checks) for cell in cells])
    return table


def record(cell: Cell, checks: Sequence[str]) -> dict[str, Any]:
    """One answer: the variant, the row, the text, figures, checks and rating."""
    variant, row, error = cell.variant, cell.row, cell.error
    own = {
        "variant": variant.name,
        **_of_variant(cell),
        "row": row.label,
        "sample": cell.sample,
        "text": cell.text,
        "status": cell.status,
        **_figures(cell),
        **_outcomes(cell, checks),
        "rating": cell.rating,
        "note": cell.note,
        "error": None if error is None else str(error),
    }
    given = {f"row_{name}" if name in own else name: value for name, value in row.fields.items()}
    return own | given


def _of_variant(cell: Cell) -> dict[str, Any]:
    differing = cell.variant.differing
    plain = {part: differing[part] for part in ("prompt", "model", "system") if part in differing}
    return plain | (dict(cell.variant.params) if "params" in differing else {})


def _figures(cell: Cell) -> dict[str, Any]:
    reply = cell.reply
    usage = reply.usage if reply is not None else None
    timings = reply.timings if reply is not None else None
    return {
        "finish_reason": reply.finish_reason if reply is not None else None,
        "input_tokens": usage.input if usage is not None else None,
        "output_tokens": usage.output if usage is not None else None,
        "cost": float(usage.cost) if usage is not None and usage.cost is not None else None,
        "ttft": timings.ttft if timings is not None else None,
        "duration": timings.duration if timings is not None else None,
        "tokens_per_second": timings.tokens_per_second if timings is not None else None,
    }


def _outcomes(cell: Cell, checks: Sequence[str]) -> dict[str, Any]:
    outcomes: Mapping[str, Outcome] = cell.outcomes if cell.answered else {}
    found: dict[str, Any] = {"passed": cell.passed} if checks else {}
    for name in checks:
        outcome = outcomes.get(name)
        found[f"check_{name}"] = None if outcome is None else outcome.passed
        found[f"check_{name}_reason"] = None if outcome is None else outcome.reason
        if outcome is not None and (outcome.replies or outcome.score not in {0, 1, None}):
            found[f"check_{name}_score"] = outcome.score
        if outcome is not None and outcome.replies:
            found |= {f"check_{name}_{column}": value for column, value in _of_judge(outcome).items()}
    return found


def _of_judge(outcome: Outcome) -> dict[str, Any]:
    return {
        "prompt": outcome.question,
        "votes": list(outcome.votes),
        "tokens": tokens_of(outcome.replies),
        "cost": cost_of(outcome.replies),
    }
