"""What became of one row: its answer with figures, or why there is none."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Literal

from nbstream.errors import NbstreamError
from nbstream.types.events import (
    Failed,
    Finished,
    ReasoningDelta,
    RefusalDelta,
    StreamEvent,
    TextDelta,
    UsageReported,
)
from nbstream.types.usage import Usage

__all__ = ["UNSENT", "Outcome", "RowStatus", "outcome_of"]

RowStatus = Literal["finished", "truncated", "refused", "invalid", "failed", "unsent"]
"""``"truncated"``: a limit or filter cut the answer off. ``"refused"``: the model refused. ``"invalid"``: the
answer does not match its schema."""

_ANSWERS: frozenset[RowStatus] = frozenset({"finished", "truncated", "refused"})

_CUT = frozenset({"length", "max_tokens", "content_filter"})


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one row.

    Parameters
    ----------
    status
        See `RowStatus`.
    text, reasoning
        The answer, and the model's reasoning.
    finish_reason
        Why the model ended the answer.
    usage
        Tokens and price of the answer, with those of corrections.
    seconds
        From the first attempt to the answer.
    attempts
        How many requests were sent for it.
    cached
        Whether nothing was sent for this row in this run: the store had the answer, or an equal row was
        sent.
    error
        Why the row has no answer, or no valid one.
    value
        The validated value of an answer with a schema.

    Examples
    --------
    >>> Outcome("finished", "Oslo").answered, Outcome("unsent").answered
    (True, False)
    """

    status: RowStatus
    text: str = ""
    reasoning: str = ""
    finish_reason: str | None = None
    usage: Usage | None = None
    seconds: float | None = None
    attempts: int = 0
    cached: bool = False
    error: NbstreamError | None = None
    value: Any = None

    @property
    def answered(self) -> bool:
        """Whether the row has an answer; one that was cut off or refused counts."""
        return self.status in _ANSWERS

    @property
    def cost(self) -> Decimal | None:
        """Price of the answer in US dollars; None where no price is known."""
        return self.usage.cost if self.usage is not None else None


UNSENT = Outcome("unsent")
"""A row that was not sent, because the run stopped before."""


def outcome_of(events: Iterable[StreamEvent], *, attempts: int, seconds: float) -> Outcome:
    """Read an answer from its events; without a `Finished` among them it failed.

    Examples
    --------
    >>> outcome_of([TextDelta(0.1, "Oslo"), Finished(0.2, "stop")], attempts=1, seconds=0.2).text
    'Oslo'
    """
    texts: list[str] = []
    reasoning: list[str] = []
    refusal: list[str] = []
    usage, error, reason, finished = None, None, None, False
    for event in events:
        match event:
            case TextDelta(text=text, choice=0):
                texts.append(text)
            case ReasoningDelta(text=text, choice=0):
                reasoning.append(text)
            case RefusalDelta(text=text, choice=0):
                refusal.append(text)
            case UsageReported():
                usage = event.usage
            case Finished():
                finished, reason = True, event.reason
            case Failed():
                error = event.error
    status: RowStatus = "failed"
    if finished and error is None:
        status = "truncated" if reason in _CUT else "refused" if refusal and not texts else "finished"
    return Outcome(
        status,
        "".join(texts or refusal),
        "".join(reasoning),
        reason,
        usage,
        seconds,
        attempts,
        error=error,
    )
