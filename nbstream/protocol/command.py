"""One command of a page, and the three answers that it can get."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal, Self

__all__ = ["Command", "CommandError", "Result"]

_ENVELOPE = frozenset({"t", "n", "name"})


class CommandError(Exception):
    """A command cannot be carried out; the message is for the reader of the page."""


@dataclass(frozen=True, slots=True)
class Result:
    """What a command returns.

    Parameters
    ----------
    data
        The data, which must be JSON.
    buffers
        Bytes that travel beside it.
    """

    data: Any
    buffers: Sequence[bytes] = ()


@dataclass(frozen=True, slots=True)
class Command:
    """A command as it arrived.

    Parameters
    ----------
    n
        Its number on the channel, which its answer repeats.
    name
        What to do.
    arguments
        Everything else in the message, unchecked.

    Examples
    --------
    >>> command = Command.read({"t": "command", "n": 1, "name": "inspect", "from": 0})
    >>> command.name, command.integer("from")
    ('inspect', 0)
    >>> command.ack()
    {'t': 'ack', 'n': 1, 'name': 'inspect'}
    >>> command.text("id")
    Traceback (most recent call last):
    ...
    nbstream.protocol.command.CommandError: The command 'inspect' needs a text 'id'.
    """

    n: int
    name: str
    arguments: Mapping[str, Any]

    @classmethod
    def read(cls, message: Mapping[str, Any]) -> Self | None:
        """The command in a message; None for anything else, which cannot be answered."""
        n, name = message.get("n"), message.get("name")
        if message.get("t") != "command" or type(n) is not int or not isinstance(name, str):
            return None
        return cls(n, name, {key: value for key, value in message.items() if key not in _ENVELOPE})

    def text(self, argument: str) -> str:
        """An argument that must be a text."""
        value = self.arguments.get(argument)
        if not isinstance(value, str):
            raise CommandError(f"The command {self.name!r} needs a text {argument!r}.")
        return value

    def texts(self, argument: str) -> list[str]:
        """An argument that must be a list of texts."""
        value = self.arguments.get(argument)
        if not isinstance(value, list) or not all(isinstance(text, str) for text in value):
            raise CommandError(f"The command {self.name!r} needs a list of texts {argument!r}.")
        return value

    def integer(self, argument: str) -> int:
        """An argument that must be a whole number of at least 0."""
        value = self.arguments.get(argument)
        if type(value) is not int or value < 0:
            raise CommandError(f"The command {self.name!r} needs a number {argument!r}.")
        return value

    def score(self, argument: str) -> Literal[1, 0, -1]:
        """An argument that must be 1, 0 or -1."""
        value = self.arguments.get(argument)
        if type(value) is not int or value not in {1, 0, -1}:
            raise CommandError(f"The command {self.name!r} needs a rating {argument!r}: 1, 0 or -1.")
        return value  # type: ignore[return-value]

    def flag(self, argument: str) -> bool:
        """Whether an argument is true: anything else counts as false."""
        return self.arguments.get(argument) is True

    def ack(self) -> dict[str, Any]:
        """The answer that it was carried out."""
        return {"t": "ack", "n": self.n, "name": self.name}

    def refused(self, message: str) -> dict[str, Any]:
        """The answer that it was not, and why."""
        return {"t": "refused", "n": self.n, "name": self.name, "message": message}

    def result(self, data: Any) -> dict[str, Any]:
        """The answer that carries what was asked for."""
        return {"t": "result", "n": self.n, "name": self.name, "data": data}
