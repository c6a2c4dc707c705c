"""The service behind all routes of a relay."""

from __future__ import annotations

import time
from collections.abc import Sequence
from typing import NamedTuple

from nbstream.relay.bodies import ChatBody, CompletionBody
from nbstream.relay.conversations import Conversations, Remembered, check_length
from nbstream.relay.limits import RelayLimits
from nbstream.relay.problems import Refusal
from nbstream.relay.prototype import Prototype
from nbstream.relay.run import Run
from nbstream.relay.runs import Runs
from nbstream.reply import Reply
from nbstream.types.messages import Message

__all__ = ["Begun", "Relay"]


class Begun(NamedTuple):
    """A started answer, and the id of its conversation if the relay stores it."""

    run: Run
    reply: Reply
    conversation: str | None = None


class Relay:
    """Answers client requests with a chat, within limits.

    Parameters
    ----------
    prototype
        What answers.
    limits
        Limits for clients.
    model
        Name of the prototype, as clients know it.
    """

    def __init__(self, prototype: Prototype, limits: RelayLimits, model: str) -> None:
        self.limits = limits
        self.model = model
        self.created = int(time.time())
        self.runs = Runs(limits, model)
        self._prototype = prototype
        self._conversations = Conversations(limits)

    def ask(self, body: ChatBody, client: str) -> Begun:
        """Start the answer to a message.

        Raises
        ------
        Refusal
            If a limit would be exceeded, or the conversation does not exist or is busy.
        """
        if isinstance(body.conversation, list):
            return self._ask_within(body.before(), body, client)
        self.runs.check_room(client)
        known = None if body.conversation is None else self._conversations.find(body.conversation)
        return self._ask_remembered(known or self._conversations.begin(client), body, client)

    def complete(self, body: CompletionBody, client: str) -> Begun:
        """Start a chat completion.

        Raises
        ------
        Refusal
            If a limit would be exceeded, the model is not served, or a parameter is not supported.
        """
        self.check_model(body.model)
        messages, params = body.conversation(), body.params()
        self._check(messages, client, "messages")
        reply = self._prototype.answer(messages[:-1], messages[-1], **params)
        usage = body.stream_options is not None and body.stream_options.include_usage
        return Begun(self.runs.start(client, reply, resumable=False, include_usage=usage), reply)

    def check_model(self, name: str) -> None:
        """Check that a model is served here.

        Raises
        ------
        Refusal
            404 if it is not.
        """
        if name != self.model:
            message = f"The model {name!r} is not served here. Use {self.model!r}."
            raise Refusal(404, message, param="model")

    def _ask_within(self, before: Sequence[Message], body: ChatBody, client: str) -> Begun:
        message = Message("user", body.message)
        self._check((*before, message), client, "conversation")
        reply = self._prototype.answer(before, message)
        return Begun(self.runs.start(client, reply, resumable=body.resumable), reply)

    def _ask_remembered(self, conversation: Remembered, body: ChatBody, client: str) -> Begun:
        conversation.check_free()
        message = Message("user", body.message)
        self._check((*conversation.messages, message), client, "conversation")
        reply = self._prototype.answer(conversation.messages, message)
        conversation.begin()
        run = self.runs.start(
            client, reply, resumable=body.resumable, on_end=lambda: conversation.end(message, reply)
        )
        return Begun(run, reply, conversation.id)

    def _check(self, messages: Sequence[Message], client: str, param: str) -> None:
        self.runs.check_room(client)
        check_length(messages, self.limits, param)
