"""What a relay serves: a chat as a prototype, of which every answer gets a copy."""

from __future__ import annotations

import copy
from collections.abc import Callable, Sequence
from typing import Any

from nbstream.chat import Chat
from nbstream.conversation import Conversation, Turn
from nbstream.errors import ConfigError
from nbstream.messages import Message
from nbstream.reply import Reply

__all__ = ["Prototype"]


class Prototype:
    """Answers conversations that come from outside, with the model and the parameters of a chat.

    Parameters
    ----------
    chat_or_factory
        A chat, of which the system message is served too but none of its turns: they may be private. Or a
        function that makes a chat for each answer; the turns of that one come before the conversation.
    """

    def __init__(self, chat_or_factory: Chat | Callable[[], Chat]) -> None:
        if isinstance(chat_or_factory, Chat):
            self._make: Callable[[], Chat] = lambda: _without_turns(chat_or_factory)
        elif callable(chat_or_factory):
            self._make = chat_or_factory
        else:
            raise ConfigError(
                f"A relay can not serve {type(chat_or_factory).__name__!r}.",
                advice="Give a Chat, or a function that makes one.",
            )

    def answer(self, before: Sequence[Message], message: Message, **params: Any) -> Reply:
        """Ask the model for an answer to `message`, after the messages `before`. Begins at once."""
        chat = copy.copy(self._make())
        chat.conversation = _Given((*chat.conversation.context(), *before))
        return chat.send(message.content, **params)


class _Given(Conversation):
    """A conversation whose beginning was written elsewhere, message by message."""

    def __init__(self, messages: tuple[Message, ...]) -> None:
        super().__init__()
        self._messages = messages

    def context(self, turn: Turn | None = None) -> tuple[Message, ...]:
        return self._messages


def _without_turns(chat: Chat) -> Chat:
    twin = copy.copy(chat)
    twin.conversation = Conversation(chat.conversation.system)
    return twin
