"""Turns of a conversation: a user message and its answer, in all versions."""

from __future__ import annotations

import itertools
from dataclasses import dataclass, field
from typing import Protocol

from nbstream.types.messages import Message

__all__ = ["Answer", "Turn", "Version", "new_id"]

_ids = itertools.count(1)


def new_id() -> str:
    """An id that no other turn of this process has."""
    return f"turn-{next(_ids)}"


class Answer(Protocol):
    """The interface of a reply that a turn needs."""

    @property
    def text(self) -> str:
        """The answer so far."""

    @property
    def status(self) -> str:
        """Its status."""

    @property
    def messages(self) -> tuple[Message, ...]:
        """The messages it adds to the conversation: tool calls, their results, its text."""


@dataclass(frozen=True, slots=True)
class Version:
    """One user message and its answer.

    Parameters
    ----------
    user
        The user message.
    answer
        The answer.
    followed
        What the earlier turns showed when it was asked, oldest first, as `Turn.shown` returns it.
    """

    user: Message
    answer: Answer
    followed: tuple[object, ...] = ()


@dataclass(slots=True)
class Turn:
    """A user message and its answer, in all versions.

    Parameters
    ----------
    versions
        The versions, oldest first; at least one.
    owner
        Id of the cell that made the turn; None if the front end sends none.
    active
        Index of the version used as context for later turns.
    stale
        Whether the active version was asked after other answers than the active ones. The conversation sets
        this; it is not set from outside.
    id
        Unique id of the turn in this kernel.
    """

    versions: list[Version]
    owner: str | None = None
    active: int = 0
    stale: bool = False
    id: str = field(default_factory=new_id)

    @property
    def user(self) -> Message:
        """The user's message in the active version."""
        return self.versions[self.active].user

    @property
    def answer(self) -> Answer:
        """The answer in the active version."""
        return self.versions[self.active].answer

    @property
    def shown(self) -> object:
        """What identifies the content of the turn: the answer in the active version."""
        return self.answer if self.versions else self

    def messages(self) -> tuple[Message, ...]:
        """The turn as context for later turns: empty if it failed or is still streaming.

        The partial text of a stopped answer counts. A failed answer counts if it called tools: whatever they
        did has happened.
        """
        added = self.answer.messages if self.answer.status in {"finished", "stopped", "failed"} else ()
        if self.answer.status == "failed" and not any(message.tool_calls for message in added):
            return ()
        return (self.user, *added) if added else ()
