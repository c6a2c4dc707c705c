"""Outcomes of an answer for OpenTelemetry."""

from __future__ import annotations

from nbstream.comparison.grid.cell import Cell
from nbstream.telemetry.evaluations import Evaluation, emit_evaluation
from nbstream.types.events import Identified

__all__ = ["emit_evaluations"]


def emit_evaluations(cell: Cell) -> None:
    """Emit an event for each check of an answer that is settled."""
    if cell.reused or cell.reply is None or not cell.answered:
        return
    ids = [event.response_id for event in cell.reply.events if isinstance(event, Identified)]
    response_id = next((found for found in reversed(ids) if found), "")
    for name, outcome in cell.outcomes.items():
        emit_evaluation(Evaluation(name, outcome.status, outcome.score, outcome.reason, response_id))
