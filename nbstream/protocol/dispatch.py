"""From a message to the function that carries out its command, and back with the answer."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Protocol

from nbstream._util.browser import from_page
from nbstream.errors import NbstreamError
from nbstream.protocol.command import Command, CommandError, Result

__all__ = ["Channel", "Handler", "Handlers", "answer"]

Handler = Callable[[Command], Result | None]
Handlers = Mapping[str, Handler]
"""Functions by the names of their commands. One that returns nothing is answered with an ``ack``."""


class Channel(Protocol):
    """Where answers go."""

    def send(self, message: dict[str, Any], buffers: list[bytes] | None = None, /) -> object:
        """Send one message to the page."""


def answer(message: Mapping[str, Any], handlers: Handlers, channel: Channel) -> None:
    """Carry out the command in a message and answer it.

    What is not a command gets no answer: there is no number that the answer could repeat. An error of our own
    code is answered as well, so that no page waits forever, and raised.

    Examples
    --------
    >>> class Page:
    ...     def send(self, message, buffers=None):
    ...         print(message["t"], message.get("data"), *message.get("message", "").split())
    >>> handlers = {"double": lambda command: Result(2 * command.integer("number"))}
    >>> answer({"t": "command", "n": 1, "name": "double", "number": 4}, handlers, Page())
    result 8
    >>> answer({"t": "command", "n": 2, "name": "halve"}, handlers, Page())
    refused None This kernel's nbstream does not have the command 'halve'.
    """
    command = Command.read(from_page(message))
    if command is None:
        return
    try:
        result = _handler(command, handlers)(command)
    except (NbstreamError, CommandError) as error:
        channel.send(command.refused(str(error)))
    except Exception as error:
        channel.send(command.refused(f"{command.name!r} failed in the kernel: {type(error).__name__}."))
        raise
    else:
        _send(channel, command, result)


def _handler(command: Command, handlers: Handlers) -> Handler:
    try:
        return handlers[command.name]
    except KeyError:
        raise CommandError(f"This kernel's nbstream does not have the command {command.name!r}.") from None


def _send(channel: Channel, command: Command, result: Result | None) -> None:
    if result is None:
        channel.send(command.ack())
    elif result.buffers:
        channel.send(command.result(result.data), list(result.buffers))
    else:
        channel.send(command.result(result.data))
