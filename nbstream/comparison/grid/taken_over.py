"""Answers of an earlier comparison to the same requests."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from nbstream.comparison.checks import Check, Outcome
from nbstream.comparison.grid.cell import Cell
from nbstream.reply import Reply

__all__ = ["TakenOver", "take_over"]


@dataclass(frozen=True, slots=True)
class TakenOver:
    """An answer of an earlier comparison.

    Parameters
    ----------
    reply
        The answer.
    outcomes
        What the same judges said of it, which is not paid for again.
    """

    reply: Reply
    outcomes: Mapping[str, Outcome]


def take_over(cell: Cell, old: Cell, same: Mapping[str, Check]) -> TakenOver | None:
    """Take a finished answer, with the rating of the user; None if there is none.

    Parameters
    ----------
    cell, old
        The cell, and that of the earlier comparison.
    same
        The checks that both comparisons have.
    """
    if old.status != "finished" or old.reply is None:
        return None
    cell.rating, cell.note = old.rating, old.note
    asked = {
        name: outcome
        for name, outcome in old.outcomes.items()
        if name in same and outcome.replies and outcome.status != "error"
    }
    return TakenOver(old.reply, asked if old.row.fields == cell.row.fields else {})
