"""The conversations that a relay stores for its clients, by id."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from dataclasses import dataclass, field

from nbstream.relay.limits import RelayLimits
from nbstream.relay.problems import RelayError
from nbstream.reply import Reply
from nbstream.types.messages import Message

__all__ = ["Conversations", "Remembered", "check_length"]


@dataclass(slots=True)
class Remembered:
    """One conversation: its client, its messages, and whether an answer is streaming.

    The id is enough to continue it, so it cannot be guessed.
    """

    client: str
    messages: tuple[Message, ...] = ()
    busy: bool = False
    id: str = field(default_factory=lambda: secrets.token_urlsafe(16))

    def check_free(self) -> None:
        """Check that the next message may be answered.

        Raises
        ------
        RelayError
            409 while the last one is still being answered.
        """
        if self.busy:
            message = "The last answer of this conversation is still streaming. Wait for it or stop it."
            raise RelayError(409, message, param="conversation")

    def begin(self) -> None:
        """Record that an answer has started."""
        self.busy = True

    def end(self, message: Message, reply: Reply) -> None:
        """Store the message and its answer; neither if the answer failed."""
        self.busy = False
        added = reply.messages if reply.status in {"finished", "stopped"} else ()
        if added:
            self.messages += (message, *added)


class Conversations:
    """Stores as many conversations as the limits allow; drops the least recently used first."""

    def __init__(self, limits: RelayLimits) -> None:
        self._limits = limits
        self._by_id: dict[str, Remembered] = {}

    def begin(self, client: str) -> Remembered:
        """Start a conversation for this client."""
        mine = [known for known in self._by_id.values() if known.client == client]
        if len(mine) >= self._limits.conversations_per_client:
            del self._by_id[mine[0].id]
        elif len(self._by_id) >= self._limits.conversations:
            del self._by_id[next(iter(self._by_id))]
        begun = Remembered(client)
        self._by_id[begun.id] = begun
        return begun

    def find(self, conversation_id: str) -> Remembered:
        """Find a conversation by its id, and mark it as most recently used.

        Raises
        ------
        RelayError
            404 if it does not exist, or no longer exists.
        """
        found = self._by_id.pop(conversation_id, None)
        if found is None:
            message = "This conversation no longer exists. Omit the field to start a new one."
            raise RelayError(404, message, param="conversation")
        self._by_id[conversation_id] = found
        return found


def check_length(messages: Sequence[Message], limits: RelayLimits, param: str) -> None:
    """Check that a conversation, received in this field, is within the limits with its new message.

    Raises
    ------
    RelayError
        413 if it is too long.
    """
    chars = sum(len(str(message.content)) for message in messages)
    for count, limit, what in [
        (len(messages), limits.history_messages, "messages"),
        (chars, limits.history_chars, "characters"),
    ]:
        if count > limit:
            message = f"The conversation has {count:,} {what}, {limit:,} are allowed. Start a new one."
            raise RelayError(413, message, param=param)
