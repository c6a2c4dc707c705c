"""What a check says of an answer."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from nbstream.reply import Reply

__all__ = ["Outcome", "failed", "passed", "wrong"]


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a check says of an answer.

    Parameters
    ----------
    status
        ``"pass"``, ``"fail"``, or ``"error"`` where the check itself failed.
    reason
        Why, in a sentence; empty where the status says it all.
    score
        From 0 to 1; None for an error.
    early
        Whether a part of the text made it certain.
    votes
        The scores of a judge, one for each time it was asked.
    replies
        The replies of the judge.
    question
        What the judge was asked.
    against
        Name of the variant whose answer this one was compared with; empty where it was judged alone.

    Examples
    --------
    >>> Outcome("fail", "It has more than 400 characters.", 0.0).passed
    False
    """

    status: Literal["pass", "fail", "error"]
    reason: str = ""
    score: float | None = None
    early: bool = False
    votes: tuple[float, ...] = ()
    replies: tuple[Reply, ...] = ()
    question: str = ""
    against: str = ""

    @property
    def passed(self) -> bool | None:
        """True, False, or None for an error."""
        return None if self.status == "error" else self.status == "pass"


def passed(reason: str = "") -> Outcome:
    """The outcome of a check that passed."""
    return Outcome("pass", reason, 1.0)


def failed(reason: str = "") -> Outcome:
    """The outcome of a check that failed."""
    return Outcome("fail", reason, 0.0)


def wrong(reason: str) -> Outcome:
    """The outcome of a check that could not be carried out."""
    return Outcome("error", reason)
