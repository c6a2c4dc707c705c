"""A chat: a conversation and the model that it is held with."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from contextlib import aclosing
from functools import cache
from typing import TYPE_CHECKING, Any

from nbstream import sdk
from nbstream.conversation import Conversation, Turn
from nbstream.events import Routed, StreamEvent
from nbstream.messages import Message
from nbstream.reply import Clock, Reply
from nbstream.request import ChatRequest
from nbstream.routing import Asked, Router

if TYPE_CHECKING:
    from openai import AsyncOpenAI

__all__ = ["Chat"]


class Chat:
    """A conversation with a model.

    Parameters
    ----------
    model
        ``NAME`` or ``PROVIDER:NAME``. By default what is configured, found on this machine, or the demo.
    system
        System message.
    base_url, api_key
        An OpenAI-compatible API and the key for it. A key goes to that host and no other.
    client
        An `AsyncOpenAI` of your own (also `AsyncAzureOpenAI`), in place of the two above.
    stream
        Whether answers are asked for as streams. Without, they come in one piece.
    router
        What chooses endpoints; the one of the process by default.
    **params
        Parameters of every request, such as ``temperature=0.2``; passed through to the API.

    Examples
    --------
    >>> import asyncio
    >>> async def main():
    ...     chat = Chat("demo:nbstream-demo-fast", system="You are terse.")
    ...     reply = await chat.send("Hello")
    ...     return reply.status, len(chat.messages)
    >>> asyncio.run(main())
    ('finished', 3)
    """

    def __init__(
        self,
        model: str | None = None,
        *,
        system: str | None = None,
        base_url: str | None = None,
        api_key: str | None = None,
        client: AsyncOpenAI | None = None,
        stream: bool = True,
        router: Router | None = None,
        **params: Any,
    ) -> None:
        self._router = router or _default_router()
        self._asked = Asked(model or "", base_url or "", api_key, client)
        self._stream = stream
        self._params = params
        self.conversation = Conversation(system or self._router.settings.system or None)

    def __repr__(self) -> str:
        return f"Chat({self._asked.model or 'default model'}, {len(self.conversation)} turns)"

    @property
    def messages(self) -> list[dict[str, Any]]:
        """The conversation in the format of the chat-completions API, as the next turn will send it."""
        return [message.as_dict() for message in self.conversation.context()]

    def send(
        self,
        content: str,
        *,
        model: str | None = None,
        base_url: str | None = None,
        stream: bool | None = None,
        alone: bool = False,
        owner: str | None = None,
        **params: Any,
    ) -> Reply:
        """Ask, with the conversation so far as context.

        Parameters
        ----------
        content
            What the user says.
        model, base_url, stream
            For this turn, in place of the chat's own.
        alone
            Send neither the turns before nor keep this one.
        owner
            Id of the cell that asks: asking again from the same cell replaces its turn.
        **params
            Parameters of this request, on top of the chat's.

        Returns
        -------
        Reply
            At once, before the answer begins. Await it, iterate it, or let a cell display it.
        """
        user = Message("user", content)
        context = self.conversation.preface() if alone else self.conversation.context(owner)
        asked = self._asked.instead(model or "", base_url or "")
        own = self._router.settings.request_params() | self._params | params
        streamed = self._stream if stream is None else stream
        exchange = _Exchange(self._router, asked, (*context, user), own, streamed)
        reply = Reply(exchange.events, own)
        if not alone:
            self.conversation.record(Turn(user, reply, owner))
        return reply

    def reset(self) -> None:
        """Forget all turns; model, system message and parameters stay."""
        self.conversation.clear()


class _Exchange:
    """One request and its answer, from the choice of the endpoint to the last event."""

    def __init__(
        self,
        router: Router,
        asked: Asked,
        messages: tuple[Message, ...],
        params: dict[str, Any],
        streamed: bool,
    ) -> None:
        self._router = router
        self._asked = asked
        self._messages = messages
        self._params = params
        self._streamed = streamed

    async def events(self, clock: Clock) -> AsyncGenerator[list[StreamEvent], None]:
        """Route and send; the source of a `Reply`."""
        await sdk.ready()
        route = await self._router.route(self._asked)
        request = ChatRequest(route.model, self._messages, route.params(self._params), self._streamed)
        endpoint = route.client.endpoint
        routed = Routed(
            clock(),
            route.model,
            endpoint.provider,
            endpoint.host,
            route.demo,
            route.why,
            request.prompt_hash(),
        )
        yield [routed]
        async with aclosing(route.client.stream(request, clock)) as batches:
            async for events in batches:
                yield events


@cache
def _default_router() -> Router:
    return Router()
