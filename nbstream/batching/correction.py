"""Answers with a schema: the value of one, and what is asked where it does not match."""

from __future__ import annotations

from dataclasses import replace

from nbstream.batching.outcome import Outcome, RowStatus
from nbstream.structured.answer import StructuredAnswer
from nbstream.structured.correcting import complaint
from nbstream.structured.structure import Structure
from nbstream.types.messages import Message

__all__ = ["correction", "judged"]


def judged(outcome: Outcome, schema: Structure | None) -> Outcome:
    """An answer with its validated value, or with what is wrong with it."""
    if schema is None or not outcome.answered or outcome.status == "refused":
        return outcome
    answer = _read(outcome, schema)
    if answer.is_valid:
        return replace(outcome, value=answer.parsed())
    status: RowStatus = "truncated" if outcome.status == "truncated" else "invalid"
    return replace(outcome, status=status, error=answer.error())


def correction(outcome: Outcome, schema: Structure) -> list[Message]:
    """Messages that ask for a corrected answer, to be sent after those of the request.

    The whole answer is asked for, also where it is a list of which some rows match.
    """
    asked = complaint(_read(outcome, schema))
    said = [Message("assistant", outcome.text)] if outcome.text else []
    return [*said, Message("user", asked)]


def _read(outcome: Outcome, schema: Structure) -> StructuredAnswer:
    answer = StructuredAnswer(schema)
    answer.feed(outcome.text)
    answer.end()
    return answer
