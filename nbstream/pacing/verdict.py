"""What becomes of a request after a response or an error: it is done, it is sent again, or it has failed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from nbstream.errors import NbstreamError, RateLimitError, StatusError
from nbstream.wire.problem import problem_in_body
from nbstream.wire.refusal import classified
from nbstream.wire.retry import may_pass, retry_after

__all__ = ["BUSY", "Verdict", "is_rate_limit", "refusal"]

BUSY = frozenset({503, 529})
"""Statuses of a server that has too much to do; 529 is Anthropic's."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """What becomes of a request.

    Parameters
    ----------
    outcome
        ``"done"``, ``"permanent"`` (sending it again does not help) or ``"again"``.
    at
        When to send it again, in seconds of the event loop's clock.
    attempts
        Failed attempts so far. A refusal by a rate limit is not one.
    error
        Why it is not done.

    Examples
    --------
    >>> Verdict("done").again
    False
    """

    outcome: Literal["done", "permanent", "again"]
    at: float = 0.0
    attempts: int = 0
    error: NbstreamError | None = None

    @property
    def again(self) -> bool:
        """Whether the request is to be sent again."""
        return self.outcome == "again"


def refusal(
    status: int, headers: Mapping[str, str], body: bytes = b"", now: datetime | None = None
) -> StatusError:
    """The error of a response that is not an answer.

    Parameters
    ----------
    status, headers
        Of the response.
    body
        Its first bytes, which tell a used-up quota from a rate limit.
    now
        The time of day, for a ``retry-after`` that is a date.

    Examples
    --------
    >>> refusal(429, {"retry-after": "2"}).retry_after
    2.0
    """
    problem = problem_in_body(body)
    verdict = classified(status, problem, headers, "Check the key.")
    return verdict.error(
        f"The server answered {status}: {problem.message or 'no message'}",
        kind=verdict.kind,
        advice=verdict.advice,
        status=status,
        retry_after=retry_after(headers, now),
        retryable=False if headers.get("x-should-retry") == "false" else None,
    )


def is_rate_limit(error: NbstreamError) -> bool:
    """Whether a request was refused only because there were too many."""
    return isinstance(error, RateLimitError) and may_pass(error)
