"""A conversation: turns in the order of the notebook, each owned by the cell that made it.

A notebook's conversation is what its cells say. Running a cell again replaces its own turn in place, with
the turns before it as context; it neither appends a duplicate nor drops what came after.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Protocol

from nbstream.messages import Message

__all__ = ["Answer", "Conversation", "Turn"]


class Answer(Protocol):
    """What a turn needs of a reply."""

    @property
    def text(self) -> str:
        """The answer so far."""

    @property
    def status(self) -> str:
        """Where it stands."""


@dataclass(slots=True)
class Turn:
    """What the user said and what came back.

    Parameters
    ----------
    user
        The user's message.
    answer
        The reply to it.
    owner
        Id of the cell that made the turn; None where the front end sends none.
    """

    user: Message
    answer: Answer
    owner: str | None = None

    def messages(self) -> tuple[Message, ...]:
        """The turn as context for later turns: empty where it failed or is still going on.

        What was stopped by the user counts as far as it came.
        """
        if self.answer.status not in {"finished", "stopped"} or not self.answer.text:
            return ()
        return self.user, Message("assistant", self.answer.text)


class Conversation:
    """An ordered list of turns, with the system message before them.

    Parameters
    ----------
    system
        System message, or None.

    Examples
    --------
    >>> from types import SimpleNamespace
    >>> said = SimpleNamespace(text="4", status="finished")
    >>> talk = Conversation(system="Be terse.")
    >>> talk.record(Turn(Message("user", "2+2?"), said, owner="cell-1"))
    >>> [m.content for m in talk.context(owner="cell-2")]
    ['Be terse.', '2+2?', '4']
    >>> [m.content for m in talk.context(owner="cell-1")]
    ['Be terse.']
    """

    def __init__(self, system: str | None = None) -> None:
        self.system = system
        self.turns: list[Turn] = []

    def __len__(self) -> int:
        return len(self.turns)

    def __iter__(self) -> Iterator[Turn]:
        return iter(self.turns)

    def context(self, owner: str | None = None) -> tuple[Message, ...]:
        """What comes before the turn of the cell `owner`; before a new turn where it has none yet."""
        place = self._place(owner)
        before = self.turns if place is None else self.turns[:place]
        return self.preface() + tuple(message for turn in before for message in turn.messages())

    def preface(self) -> tuple[Message, ...]:
        """The system message, if there is one."""
        return (Message("system", self.system),) if self.system else ()

    def record(self, turn: Turn) -> None:
        """Add a turn; one of a cell that already owns a turn takes the old one's place."""
        place = self._place(turn.owner)
        if place is None:
            self.turns.append(turn)
        else:
            self.turns[place] = turn

    def clear(self) -> None:
        """Forget all turns; the system message stays."""
        self.turns.clear()

    def _place(self, owner: str | None) -> int | None:
        places = (place for place, turn in enumerate(self.turns) if owner and turn.owner == owner)
        return next(places, None)
