"""The served chat, copied for every answer."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

from nbstream.chat import Chat
from nbstream.conversation.conversation import Turn
from nbstream.conversation.options import RequestOptions
from nbstream.errors import ArgumentError
from nbstream.relay.problems import RelayError
from nbstream.reply import Reply
from nbstream.types.messages import Message

__all__ = ["ChatTemplate"]


class ChatTemplate:
    """Answers client conversations with the model and parameters of a chat.

    Parameters
    ----------
    chat_or_factory
        A chat; its system message is served, its turns are not, because they may be private. Or a
        function that returns a chat for each answer; its turns come before the conversation.
    """

    def __init__(self, chat_or_factory: Chat | Callable[[], Chat]) -> None:
        if isinstance(chat_or_factory, Chat):
            self._make: Callable[[], Chat] = lambda: _without_turns(chat_or_factory)
        elif callable(chat_or_factory):
            self._make = chat_or_factory
        else:
            raise ArgumentError(
                f"A relay cannot serve {type(chat_or_factory).__name__!r}.",
                advice="Pass a Chat, or a function that returns one.",
            )

    def answer(self, before: Sequence[Message], message: Message, **params: Any) -> Reply:
        """Request an answer to `message`, after the messages `before`. Starts immediately.

        Raises
        ------
        RelayError
            400 if a client sends a system message to a chat that has one: it could override it.
        """
        chat = self._make().fork()
        if chat.conversation.system:
            _check_roles(before)
        chat.conversation.restore([*chat.conversation, *_turns(before)])
        return chat.send_with(message.content, RequestOptions(params=params))


@dataclass(slots=True)
class _Given(Turn):
    """A turn from the client's messages: everything up to the next user message."""

    given: list[Message] = field(default_factory=list)

    def messages(self) -> tuple[Message, ...]:
        return tuple(self.given)


def _check_roles(messages: Sequence[Message]) -> None:
    for number, message in enumerate(messages):
        if message.role in {"system", "developer"}:
            told = (
                f"This relay has its own system message. Remove the message with the role {message.role!r}."
            )
            raise RelayError(400, told, param=f"messages.{number}.role")


def _turns(messages: Sequence[Message]) -> list[Turn]:
    turns: list[_Given] = []
    for message in messages:
        if message.role == "user" or not turns:
            turns.append(_Given([]))
        turns[-1].given.append(message)
    return list(turns)


def _without_turns(chat: Chat) -> Chat:
    twin = chat.fork()
    twin.conversation.clear()
    return twin
