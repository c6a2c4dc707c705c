"""The votes of a judge: how they are asked for, and what they add up to."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from statistics import mean
from typing import Any

from nbstream.chat import Chat
from nbstream.comparison.checks import Outcome
from nbstream.errors import NbstreamError
from nbstream.reply import Reply

__all__ = ["PASSING", "Ballot", "asked"]

PASSING = 0.5

Ballot = tuple[str, Callable[[Mapping[str, Any]], float]]
"""A question, and how its answer becomes a vote from 0 to 1."""


async def asked(chat: Chat, ballots: Sequence[Ballot], grade: Mapping[str, Any]) -> Outcome:
    """Ask for votes one after the other. Those that fail are left out; if all do, that is an error.

    Parameters
    ----------
    chat
        The judge's chat.
    ballots
        The questions.
    grade
        The schema of the grade in an answer.
    """
    votes: list[tuple[float, str]] = []
    replies: list[Reply] = []
    failure = ""
    for question, vote in ballots:
        reply = chat.send(question, alone=True, schema=_schema(grade))
        replies.append(reply)
        try:
            parsed = (await reply).parsed
            votes.append((vote(parsed), parsed["reason"]))
        except NbstreamError as error:
            failure = f"{type(error).__name__}: {error}"
    question = ballots[0][0]
    if not votes:
        return Outcome("error", failure, replies=tuple(replies), question=question)
    return _added_up(votes, replies, question)


def _added_up(votes: Sequence[tuple[float, str]], replies: Sequence[Reply], question: str) -> Outcome:
    """The mean of the votes, with the reason of one that is on the same side."""
    score = mean(value for value, _ in votes)
    passed = score >= PASSING
    reason = next((reason for value, reason in votes if (value >= PASSING) == passed), "")
    return Outcome(
        "pass" if passed else "fail",
        reason,
        score,
        votes=tuple(value for value, _ in votes),
        replies=tuple(replies),
        question=question,
    )


def _schema(grade: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "type": "object",
        "properties": {"reason": {"type": "string"}, "grade": grade},
        "required": ["reason", "grade"],
        "additionalProperties": False,
    }
