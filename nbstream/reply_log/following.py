"""What happens with each reply of a chat beside its streaming: it is logged, and its rating is shown."""

from __future__ import annotations

from typing import Protocol
from weakref import ref

from nbstream.conversation.conversation import Conversation
from nbstream.conversation.exchange import Exchange
from nbstream.conversation.message_text import shown
from nbstream.conversation.versions import show_rating
from nbstream.recording.resting import any_time
from nbstream.reply import Reply
from nbstream.reply_log.journal import journal
from nbstream.reply_log.row import Question
from nbstream.views import host

__all__ = ["follow"]


class _Chat(Protocol):
    conversation: Conversation


def follow(chat: _Chat, reply: Reply, exchange: Exchange) -> None:
    """Log a reply of a chat from now on, and show its rating wherever it is shown."""
    prompt = shown(exchange.context.messages[-1].content)
    question = Question(prompt, host.execution_count(), exchange.name, exchange.capture.clean)
    journal.follow(reply, question, exchange.router.settings)
    reply.watch(_RatingWatcher(chat, reply), any_time)


class _RatingWatcher:
    """Shows the rating of a reply when it changes; keeps neither the reply nor its chat alive."""

    def __init__(self, chat: _Chat, reply: Reply) -> None:
        self._chat, self._reply = ref(chat), ref(reply)
        self._state = reply.state
        self._shown = reply.state.rating

    def __call__(self) -> None:
        if self._state.rating == self._shown:
            return
        self._shown = self._state.rating
        chat, reply = self._chat(), self._reply()
        if reply is not None:
            show_rating(reply, chat.conversation if chat else None)
