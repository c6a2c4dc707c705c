"""Outcomes of checks as OpenTelemetry events, named by the conventions for generative AI.

Without a program that has imported OpenTelemetry's logs, nothing is imported and nothing is done.
Explanations quote answers, so that they are left out, unless the variable of OpenTelemetry asks for the
content of messages.
"""

from __future__ import annotations

import os
import sys
from dataclasses import dataclass

from nbstream._version import __version__

__all__ = ["Evaluation", "emit_evaluation"]

_API = "opentelemetry._logs"
_NAME = "gen_ai.evaluation.result"
_CONTENT = "OTEL_INSTRUMENTATION_GENAI_CAPTURE_MESSAGE_CONTENT"
_NO_CONTENT = frozenset({"", "0", "false", "no_content"})


@dataclass(frozen=True, slots=True)
class Evaluation:
    """What one check says of one answer.

    Parameters
    ----------
    name
        Of the check.
    label
        ``"pass"``, ``"fail"`` or ``"error"``.
    score
        From 0 to 1; None for an error.
    explanation
        Why.
    response_id
        The id of the answer, as its server reported it.
    """

    name: str
    label: str
    score: float | None = None
    explanation: str = ""
    response_id: str = ""


def emit_evaluation(evaluation: Evaluation) -> None:
    """Emit an event, where a program may record it."""
    if _API not in sys.modules:
        return
    from opentelemetry._logs import LogRecord, SeverityNumber, get_logger

    record = LogRecord(
        event_name=_NAME, severity_number=SeverityNumber.INFO, attributes=_attributes(evaluation)
    )
    get_logger("nbstream", __version__).emit(record)


def _attributes(evaluation: Evaluation) -> dict[str, str | float]:
    wants_content = os.environ.get(_CONTENT, "").strip().lower() not in _NO_CONTENT
    values = {
        "gen_ai.evaluation.name": evaluation.name,
        "gen_ai.evaluation.score.label": evaluation.label,
        "gen_ai.evaluation.score.value": evaluation.score,
        "gen_ai.evaluation.explanation": evaluation.explanation if wants_content else "",
        "gen_ai.response.id": evaluation.response_id,
        "error.type": "check_error" if evaluation.label == "error" else "",
    }
    return {name: value for name, value in values.items() if value is not None and value != ""}
