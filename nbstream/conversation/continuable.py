"""Continuing an answer that was cut."""

from __future__ import annotations

from abc import abstractmethod
from weakref import WeakKeyDictionary

from nbstream.conversation.conversation import Conversation, Turn
from nbstream.conversation.exchange import Exchange
from nbstream.errors import StateError
from nbstream.reply import Reply

__all__ = ["Continuable"]


class Continuable:
    """A chat whose replies can be continued."""

    conversation: Conversation
    _exchanges: WeakKeyDictionary[Reply, Exchange]

    def continue_reply(self, reply: Reply | None = None) -> Reply:
        """Continue a reply that was cut: by the connection, by its length, or by you.

        The same request is sent to the same model once more, with the received text as the beginning of the
        answer. The result is a new version that begins with the old text, so that nothing is lost if it
        fails; a `Continued` event and a notice say where the two were joined.

        Parameters
        ----------
        reply
            The reply to continue; the last one of the conversation by default.

        Returns
        -------
        Reply
            Returned immediately. It fails, and keeps the old text, if the endpoint cannot continue an answer,
            or starts a new one.

        Raises
        ------
        StateError
            When there is nothing to continue.

        Examples
        --------
        >>> import asyncio
        >>> from nbstream import Chat
        >>> async def main():
        ...     chat = Chat("demo:nbstream-demo-fast")
        ...     cut = await chat.send("echo: one two three four five six seven", max_tokens=5)
        ...     whole = await chat.continue_reply()
        ...     return whole.text.startswith(cut.text), len(whole.text) > len(cut.text)
        >>> asyncio.run(main())
        (True, True)
        """
        reply = reply or self._last_reply()
        exchange = self._continuing(reply)
        place = self.conversation.turn_of(reply)
        continued = self._reply(exchange, place)
        if place is not None:
            self.conversation.record(exchange.context.messages[-1], continued, turn=place)
        return continued

    def check_continuable(self, reply: Reply) -> None:
        """Check that `continue_reply` can continue a reply.

        Raises
        ------
        StateError
            When it cannot; the message says why.

        Examples
        --------
        >>> from nbstream import Chat
        >>> chat = Chat("demo:nbstream-demo-fast")
        >>> chat.check_continuable(chat.send("echo: Hello").result())
        Traceback (most recent call last):
            ...
        nbstream.errors.StateError: This answer is complete: the model ended it. Send a new message for more.
        """
        self._continuing(reply)

    @abstractmethod
    def _reply(self, exchange: Exchange, place: Turn | None) -> Reply:
        """Start a new version of a turn."""

    def _continuing(self, reply: Reply) -> Exchange:
        exchange = self._exchanges.get(reply)
        if exchange is None:
            raise StateError(
                "This answer was not requested here, so its request is not available.",
                advice="Send the message again; the conversation is kept.",
            )
        return exchange.continuing(reply.state)

    def _last_reply(self) -> Reply:
        last = tuple(self.conversation)[-1:]
        if not last or not isinstance(last[0].answer, Reply):
            raise StateError("There is no answer to continue.", advice="Send a message first.")
        return last[0].answer
