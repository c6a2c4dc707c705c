"""The conversations that a relay remembers for its clients, by their ids."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from dataclasses import dataclass, field

from nbstream.relay.limits import RelayLimits
from nbstream.relay.problems import Refusal
from nbstream.reply import Reply
from nbstream.types.messages import Message

__all__ = ["Conversations", "Remembered", "check_length"]


@dataclass(slots=True)
class Remembered:
    """One conversation: who began it, what was said, and whether an answer is in the making.

    The id is all that is needed to go on with it, so it cannot be guessed.
    """

    client: str
    messages: tuple[Message, ...] = ()
    busy: bool = False
    id: str = field(default_factory=lambda: secrets.token_urlsafe(16))

    def check_free(self) -> None:
        """See whether the next message may be answered.

        Raises
        ------
        Refusal
            409 while the last one is being answered.
        """
        if self.busy:
            message = "The last answer of this conversation is still streaming. Wait for it or stop it."
            raise Refusal(409, message, param="conversation")

    def begin(self) -> None:
        """Note that an answer is in the making."""
        self.busy = True

    def end(self, message: Message, reply: Reply) -> None:
        """Keep what was asked and answered; of an answer that failed, neither."""
        self.busy = False
        added = reply.messages if reply.status in {"finished", "stopped"} else ()
        if added:
            self.messages += (message, *added)


class Conversations:
    """Remembers as many conversations as the limits allow; the one longest unused goes first."""

    def __init__(self, limits: RelayLimits) -> None:
        self._limits = limits
        self._by_id: dict[str, Remembered] = {}

    def begin(self, client: str) -> Remembered:
        """A new conversation of that client."""
        mine = [known for known in self._by_id.values() if known.client == client]
        if len(mine) >= self._limits.conversations_per_client:
            del self._by_id[mine[0].id]
        elif len(self._by_id) >= self._limits.conversations:
            del self._by_id[next(iter(self._by_id))]
        begun = Remembered(client)
        self._by_id[begun.id] = begun
        return begun

    def find(self, conversation_id: str) -> Remembered:
        """The conversation of that id, which from now on is the last one used.

        Raises
        ------
        Refusal
            404 where there is none, or none any more.
        """
        found = self._by_id.pop(conversation_id, None)
        if found is None:
            message = "This conversation no longer exists. Omit the field to start a new one."
            raise Refusal(404, message, param="conversation")
        self._by_id[conversation_id] = found
        return found


def check_length(messages: Sequence[Message], limits: RelayLimits, param: str) -> None:
    """See whether a conversation, which came in that field, is within the limits with its new message.

    Raises
    ------
    Refusal
        413 where it is too long.
    """
    chars = sum(len(str(message.content)) for message in messages)
    for count, limit, what in [
        (len(messages), limits.history_messages, "messages"),
        (chars, limits.history_chars, "characters"),
    ]:
        if count > limit:
            message = f"The conversation has {count:,} {what}, {limit:,} are allowed. Start a new one."
            raise Refusal(413, message, param=param)
