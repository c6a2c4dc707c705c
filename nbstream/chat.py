"""A chat: a conversation with a model."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, NoReturn, get_args
from weakref import WeakKeyDictionary

from nbstream._util.arguments import check_choice, check_class
from nbstream._util.files import write_atomically
from nbstream.client import sdk
from nbstream.client.request_policy import RequestPolicy
from nbstream.client.router import Router
from nbstream.client.target import Target
from nbstream.conversation.context import fit
from nbstream.conversation.conversation import Conversation, Turn
from nbstream.conversation.exchange import Exchange
from nbstream.conversation.preview import Preview
from nbstream.conversation.transcript import check_replaceable, read_transcript, transcript_for
from nbstream.errors import StateError
from nbstream.reply import Reply
from nbstream.tools.function import Tool, as_tools
from nbstream.tools.loop import Toolbox
from nbstream.types.limits import Limits, OnDisconnect, Timeouts
from nbstream.types.messages import Content, Message, as_content
from nbstream.types.request import Wire
from nbstream.views.beside import fit_images
from nbstream.views.snapshot import About, saved_version
from nbstream.views.static import bundle
from nbstream.wire.raw_capture import DEBUG_BYTES, USUAL_BYTES, RawCapture
from nbstream.wire.retry import RetryPolicy

if TYPE_CHECKING:
    from openai import AsyncOpenAI

__all__ = ["Chat", "saved_output"]

_VERSION_IMAGE_CHARS = 500_000
_KEPT_VERSIONS = 9


@dataclass(frozen=True, slots=True)
class _Ask:
    """The arguments of one `Chat.send`, except the API parameters."""

    content: Content
    model: str | None = None
    base_url: str | None = None
    stream: bool | None = None
    on_disconnect: OnDisconnect | None = None
    alone: bool = False
    debug: bool = False
    max_context_tokens: int | None = None
    owner: str | None = None
    turn: Turn | None = None
    toolbox: Toolbox | None = None


class Chat:
    """A conversation with a model.

    Parameters
    ----------
    model
        ``NAME`` or ``PROVIDER:NAME``. By default the configured model, a discovered local server, or the
        demo.
    system
        System message.
    base_url, api_key
        URL and key of an OpenAI-compatible API. The key is sent only to that host.
    client
        Your own `AsyncOpenAI` or `AsyncAzureOpenAI`, instead of the two above.
    stream
        Whether to stream answers. Otherwise they arrive in one piece.
    timeouts, limits
        How long to wait and how much to accept; by default as configured.
    on_disconnect
        What to do if the connection breaks: ``"keep"`` the partial answer, ``"continue"`` it if the
        provider supports it, or ``"restart"`` it; by default as configured.
    wire
        API to use: ``"chat"`` for ``/chat/completions``, ``"responses"`` for ``/responses``, where
        ``background=True`` keeps the answer running after a disconnect.
    max_context_tokens
        Limit of the context in estimated tokens; the oldest turns are left out, with a notice in the answer.
    tools
        Functions that the model may call, described by their types and docstrings. A plain function
        runs like the code of a cell; `Tool.of(function, thread=True)` of `nbstream.tools` runs in a thread.
    approve
        ``"ask"``: each call waits for approval, in the displayed answer or by `Reply.approve`.
        ``"always"``: calls run immediately.
    tool_steps
        How many times in one answer the model may call tools; further calls do not run.
    router
        Chooses endpoints; by default the router of the process.
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
        timeouts: Timeouts | None = None,
        limits: Limits | None = None,
        on_disconnect: OnDisconnect | None = None,
        wire: Wire | None = None,
        max_context_tokens: int | None = None,
        tools: Iterable[Callable[..., Any] | Tool] = (),
        approve: Literal["ask", "always"] = "ask",
        tool_steps: int = 8,
        router: Router | None = None,
        **params: Any,
    ) -> None:
        check_choice("wire", wire, get_args(Wire))
        check_choice("on_disconnect", on_disconnect, get_args(OnDisconnect))
        check_choice("approve", approve, ("ask", "always"))
        check_class("timeouts", timeouts, Timeouts)
        check_class("limits", limits, Limits)
        self._router = router or _default_router()
        self._target = Target(model or "", base_url or "", api_key, client)
        self._stream = stream
        self._timeouts = timeouts
        self._limits = limits
        self._on_disconnect = on_disconnect
        self._wire = wire
        self._max_context_tokens = max_context_tokens
        self._toolbox = Toolbox(as_tools(tools), approve != "always", tool_steps)
        self._params = params
        self._exchanges: WeakKeyDictionary[Reply, Exchange] = WeakKeyDictionary()
        self.conversation = Conversation(system or self._router.settings.system or None)

    def __repr__(self) -> str:
        return f"Chat({self._target.model or 'default model'}, {len(self.conversation)} turns)"

    @property
    def model(self) -> str:
        """The selected model, as ``NAME`` or ``PROVIDER:NAME``; empty for the default."""
        return self._target.model

    @model.setter
    def model(self, model: str) -> None:
        changed = self._target.switched_to(model, "")
        self._target = changed if model else replace(changed, model="")

    def use_model(self, name: str) -> None:
        """Switch to another model of the same endpoint.

        Parameters
        ----------
        name
            A name from `models`. With a provider, ``PROVIDER:NAME``, the endpoint changes too; empty
            for the default.
        """
        self._target = self._target.with_model(name, self._router.settings.model)

    @property
    def params(self) -> dict[str, Any]:
        """Parameters of every request."""
        return dict(self._params)

    def set_param(self, name: str, value: Any) -> None:
        """Set a parameter of all further requests; None removes it."""
        self._params = {**self._params, name: value}
        if value is None:
            del self._params[name]

    async def models(self) -> list[str]:
        """List the models of the chat's endpoint.

        Raises
        ------
        NbstreamError
            If no endpoint is configured, or the request fails.
        """
        await sdk.ready()
        route = await self._router.route(self._target)
        return await route.client.models()

    @property
    def messages(self) -> list[dict[str, Any]]:
        """The conversation in the format of the chat completions API, as sent by the next turn."""
        return [message.as_dict() for message in self.conversation.context()]

    def send(
        self,
        content: Content,
        *,
        model: str | None = None,
        base_url: str | None = None,
        stream: bool | None = None,
        on_disconnect: OnDisconnect | None = None,
        alone: bool = False,
        debug: bool = False,
        max_context_tokens: int | None = None,
        owner: str | None = None,
        turn: Turn | None = None,
        toolbox: Toolbox | None = None,
        **params: Any,
    ) -> Reply:
        """Send a message with the conversation as context.

        Parameters
        ----------
        content
            The user's message: text, or a sequence of content parts in the API's format.
        model, base_url, stream, on_disconnect, max_context_tokens
            For this turn, instead of the chat's own.
        alone
            Do not send earlier turns, and do not add this one to the conversation.
        debug
            Keep up to 64 MiB of the raw response for `Reply.inspect`, instead of the first MiB.
        owner
            Id of the requesting cell: sending again from the same cell creates a new version of its turn.
        turn
            Turn of this chat to edit or regenerate, as a new version.
        toolbox
            Functions that the model may call for this turn, instead of the chat's own.
        **params
            Parameters of this request, on top of the chat's.

        Returns
        -------
        Reply
            Returned immediately, before the answer starts. Await it, iterate over it, or let a cell display
            it.

        Raises
        ------
        StateError
            If `content` or a parameter cannot be sent.
        """
        ask = _Ask(
            content,
            model,
            base_url,
            stream,
            on_disconnect,
            alone,
            debug,
            max_context_tokens,
            owner,
            turn,
            toolbox,
        )
        check_choice("on_disconnect", on_disconnect, get_args(OnDisconnect))
        place = self._place(ask)
        exchange = self._exchange(ask, params)
        reply = self._reply(exchange, place)
        if not alone:
            self.conversation.record(exchange.context.messages[-1], reply, owner=owner, turn=place)
        return reply

    def continue_reply(self, reply: Reply | None = None) -> Reply:
        """Continue a reply that was cut off by the connection, by its length, or by you.

        The same request is sent to the same model again, with the partial answer as the start of the
        answer. The result is a new version that starts with the old text, so nothing is lost if it fails; a
        `Continued` event and a notice mark the join.

        Parameters
        ----------
        reply
            The reply to continue; the last one of the conversation by default.

        Returns
        -------
        Reply
            Returned immediately. It fails, with the old text kept, if the endpoint cannot continue answers
            or starts over.

        Raises
        ------
        StateError
            If there is nothing to continue.
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
            If it cannot.
        """
        self._continuing(reply)

    async def preview(self, content: Content, **how: Any) -> Preview:
        """Return the request that `send` would send with the same arguments. Nothing is sent or stored.

        Raises
        ------
        StateError
            If no endpoint is configured, or the message cannot be sent.
        """
        named = {name: how.pop(name) for name in tuple(how) if name in _Ask.__slots__}
        exchange = self._exchange(_Ask(content, **named), how)
        route, request = await exchange.prepare()
        endpoint = route.client.endpoint
        return Preview(request, endpoint.provider, endpoint.host, exchange.context.left_out)

    def reset(self) -> None:
        """Remove all turns; model, system message and parameters are kept."""
        self.conversation.clear()

    def fork(self) -> Chat:
        """Return an independent chat with the same turns, settings and model, like `copy.deepcopy`."""
        twin = object.__new__(type(self))
        twin.__dict__ |= self.__dict__
        twin.conversation = self.conversation.copy()
        return twin

    def __copy__(self) -> Chat:
        return self.fork()

    def __deepcopy__(self, _memo: object) -> Chat:
        return self.fork()

    def __reduce__(self) -> NoReturn:
        raise StateError(
            "A chat cannot be pickled: it has a key and open connections.",
            advice="Use chat.save(path) and Chat.load(path).",
        )

    def save(self, path: str | Path, *, overwrite: bool = False) -> None:
        """Write the conversation to a file: JSON lines, or Markdown if the name ends in ``.md``.

        The file is replaced atomically, so that a crash leaves the old or the new file.

        Parameters
        ----------
        path
            The file. A file written by `save` in the same format is replaced.
        overwrite
            Also replace any other file.

        Raises
        ------
        StateError
            If the file exists and was not written by `save`.
        """
        if not overwrite:
            check_replaceable(Path(path))
        write_atomically(Path(path), transcript_for(path, self.conversation))

    @classmethod
    def load(cls, path: str | Path, model: str | None = None, **settings: Any) -> Chat:
        """Load a chat with a conversation that `save` wrote as JSON lines.

        Raises
        ------
        DamagedTranscriptError
            If a line cannot be read; its `conversation` holds the readable part.
        """
        chat = cls(model, **settings)
        chat.conversation = read_transcript(Path(path).read_text("utf-8"))
        return chat

    def _reply(self, exchange: Exchange, place: Turn | None) -> Reply:
        about = About(exchange.params, len(place.versions) if place else 0, _versions(place))
        capture = exchange.policy.capture
        reply = Reply(exchange.events, about, approve=exchange.approvals.decide, capture=capture)
        self._exchanges[reply] = exchange
        return reply

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

    def _place(self, ask: _Ask) -> Turn | None:
        """The turn that a message creates a new version of."""
        return None if ask.alone else ask.turn or self.conversation.owned_by(ask.owner)

    def _exchange(self, ask: _Ask, params: dict[str, Any]) -> Exchange:
        earlier = () if ask.alone else self.conversation.turns_before(self._place(ask))
        user = Message("user", as_content(ask.content))
        limit = ask.max_context_tokens or self._max_context_tokens or self._router.settings.max_context_tokens
        return Exchange(
            self._router,
            self._target.switched_to(ask.model or "", ask.base_url or ""),
            fit(self.conversation.preface(), earlier, user, limit),
            self._router.settings.request_params() | self._params | params,
            self._policy(ask),
            self._stream if ask.stream is None else ask.stream,
            ask.toolbox or self._toolbox,
        )

    def _policy(self, ask: _Ask) -> RequestPolicy:
        settings = self._router.settings
        return RequestPolicy(
            self._timeouts or settings.timeouts,
            self._limits or settings.limits,
            RetryPolicy(retries=settings.retries),
            ask.on_disconnect or self._on_disconnect or settings.on_disconnect,
            self._wire or settings.wire,
            RawCapture(DEBUG_BYTES if ask.debug else USUAL_BYTES),
        )


def saved_output(turn: Turn) -> tuple[dict[str, Any], dict[str, Any]] | None:
    """Data and metadata of the output of a turn: its active version, and the others for display.

    The output is marked if the turn is stale.
    """
    answer = turn.answer
    if not isinstance(answer, Reply):
        return None
    about = replace(answer.about, others=_versions(turn, turn.active), stale=turn.stale)
    return bundle(answer.state, about)


def _versions(turn: Turn | None, but: int | None = None) -> list[dict[str, Any]]:
    """The other versions of a turn, by number, to be saved with one version."""
    answers = enumerate(version.answer for version in turn.versions) if turn else ()
    replies = [(number, answer) for number, answer in answers if isinstance(answer, Reply) and number != but]
    last = replies[-_KEPT_VERSIONS:]
    kept = [{"version": number, **saved_version(reply.state, reply.about)} for number, reply in last]
    for version in kept:
        fit_images(version["reply"], _VERSION_IMAGE_CHARS)
    return kept


@cache
def _default_router() -> Router:
    return Router()
