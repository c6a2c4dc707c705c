"""The service behind all routes of a relay."""

from __future__ import annotations

import time
from collections.abc import Sequence
from typing import NamedTuple

from nbstream.relay.bodies import ChatBody, CompletionBody
from nbstream.relay.conversations import Conversations, Remembered, check_length
from nbstream.relay.limits import RelayLimits
from nbstream.relay.problems import RelayError
from nbstream.relay.run import Run
from nbstream.relay.runs import Runs
from nbstream.relay.template import ChatTemplate
from nbstream.reply import Reply
from nbstream.types.messages import Message

__all__ = ["Relay", "StartedAnswer"]


class StartedAnswer(NamedTuple):
    """A started answer, and the id of its conversation if the relay stores it."""

    run: Run
    reply: Reply
    conversation: str | None = None


class Relay:
    """Answers client requests with a chat, within limits.

    Parameters
    ----------
    template
        What answers.
    limits
        Limits for clients.
    model
        Name of the model, as clients know it.
    """

    def __init__(self, template: ChatTemplate, limits: RelayLimits, model: str) -> None:
        self.limits = limits
        self.model = model
        self.created = int(time.time())
        self.runs = Runs(limits, model)
        self._template = template
        self._conversations = Conversations(limits)

    def ask(self, body: ChatBody, client: str) -> StartedAnswer:
        """Start the answer to a message.

        Raises
        ------
        RelayError
            If a limit would be exceeded, or the conversation does not exist or is busy.
        """
        if isinstance(body.conversation, list):
            return self._ask_within(body.before(), body, client)
        self.runs.check_room(client)
        known = None if body.conversation is None else self._conversations.find(body.conversation)
        return self._ask_remembered(known or self._conversations.begin(client), body, client)

    def complete(self, body: CompletionBody, client: str) -> StartedAnswer:
        """Start a chat completion.

        Raises
        ------
        RelayError
            If a limit would be exceeded, the model is not served, or a parameter is not supported.
        """
        self.check_model(body.model)
        messages, params = body.conversation(), body.params()
        self._check(messages, client, "messages")
        reply = self._template.answer(messages[:-1], messages[-1], **params)
        usage = body.stream_options is not None and body.stream_options.include_usage
        return StartedAnswer(self.runs.start(client, reply, resumable=False, include_usage=usage), reply)

    def check_model(self, name: str) -> None:
        """Check that a model is served here.

        Raises
        ------
        RelayError
            404 if it is not.
        """
        if name != self.model:
            message = f"The model {name!r} is not served here. Use {self.model!r}."
            raise RelayError(404, message, param="model")

    def _ask_within(self, before: Sequence[Message], body: ChatBody, client: str) -> StartedAnswer:
        message = Message("user", body.message)
        self._check((*before, message), client, "conversation")
        reply = self._template.answer(before, message)
        return StartedAnswer(self.runs.start(client, reply, resumable=body.resumable), reply)

    def _ask_remembered(self, conversation: Remembered, body: ChatBody, client: str) -> StartedAnswer:
        conversation.check_free()
        message = Message("user", body.message)
        self._check((*conversation.messages, message), client, "conversation")
        reply = self._template.answer(conversation.messages, message)
        conversation.begin()
        run = self.runs.start(
            client, reply, resumable=body.resumable, on_end=lambda: conversation.end(message, reply)
        )
        return StartedAnswer(run, reply, conversation.id)

    def _check(self, messages: Sequence[Message], client: str, param: str) -> None:
        self.runs.check_room(client)
        check_length(messages, self.limits, param)
