"""A chat: a conversation and the model that it is held with."""

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
    """The arguments of one `Chat.send`, but for the parameters of the API."""

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
        ``NAME`` or ``PROVIDER:NAME``. By default what is configured, found on this machine, or the demo.
    system
        System message.
    base_url, api_key
        An OpenAI-compatible API and the key for it. A key goes to that host and no other.
    client
        An `AsyncOpenAI` of your own (also `AsyncAzureOpenAI`), in place of the two above.
    stream
        Whether answers are asked for as streams. Without, they come in one piece.
    timeouts, limits
        How long to wait and how much to take; what is configured by default.
    on_disconnect
        What to do with an answer that was cut: ``"keep"`` what has come, ``"continue"`` it where the
        provider has a way to, or ``"restart"`` it; what is configured by default.
    wire
        API that is spoken: ``"chat"`` for ``/chat/completions``, ``"responses"`` for ``/responses``, where
        ``background=True`` makes an answer that a broken connection does not end.
    max_context_tokens
        Limit of what is sent, estimated; the oldest turns are left out beyond it, and the answer says so.
    tools
        Functions that the model may call; their types and docstrings tell it how. A plain function runs
        like the code of a cell; `Tool.of(function, thread=True)` of `nbstream.tools` runs in a thread.
    approve
        ``"ask"``: each call waits for approval, where the answer is shown or by `Reply.approve`.
        ``"always"``: calls run at once.
    tool_steps
        How many times in one answer the model may call tools; the calls beyond that are not run.
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
        """The model that is asked for, as ``NAME`` or ``PROVIDER:NAME``; empty for the default."""
        return self._target.model

    @model.setter
    def model(self, model: str) -> None:
        changed = self._target.switched_to(model, "")
        self._target = changed if model else replace(changed, model="")

    def use_model(self, name: str) -> None:
        """Go on with another model of the same endpoint.

        Parameters
        ----------
        name
            As `models` gives it. With the name of a provider before it, ``PROVIDER:NAME``, the endpoint
            changes too; empty for the default.
        """
        self._target = self._target.with_model(name, self._router.settings.model)

    @property
    def params(self) -> dict[str, Any]:
        """Parameters of every request."""
        return dict(self._params)

    def set_param(self, name: str, value: Any) -> None:
        """Set a parameter of every request from now on; None takes it away."""
        self._params = {**self._params, name: value}
        if value is None:
            del self._params[name]

    async def models(self) -> list[str]:
        """The models that the chat's endpoint offers.

        Raises
        ------
        NbstreamError
            When no endpoint is configured, or it cannot be asked.
        """
        await sdk.ready()
        route = await self._router.route(self._target)
        return await route.client.models()

    @property
    def messages(self) -> list[dict[str, Any]]:
        """The conversation in the format of the chat-completions API, as the next turn will send it."""
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
        """Ask, with the conversation so far as context.

        Parameters
        ----------
        content
            What the user says: text, or a sequence of content parts as the API takes them.
        model, base_url, stream, on_disconnect, max_context_tokens
            For this turn, in place of the chat's own.
        alone
            Send neither the turns before nor keep this one.
        debug
            Keep up to 64 MiB of what the server sends for `Reply.inspect`, in place of the first 256 KiB.
        owner
            Id of the cell that asks: asking again from the same cell makes a new version of its turn.
        turn
            Turn of this chat's conversation to make a new version of: to edit or to regenerate it.
        toolbox
            Functions that the model may call for this turn, in place of the chat's own.
        **params
            Parameters of this request, on top of the chat's.

        Returns
        -------
        Reply
            At once, before the answer begins. Await it, iterate it, or let a cell display it.

        Raises
        ------
        StateError
            When `content` or a parameter is nothing that can be sent.
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
        """Go on with a reply that was cut: by the connection, by its length, or by you.

        The same request is sent to the same model once more, with what has come as the beginning of the
        answer. What comes is a version of its own that begins with the old text, so that nothing is lost
        whatever becomes of it; a `Continued` event and a notice tell where the two were joined.

        Parameters
        ----------
        reply
            The reply to go on with; the last one of the conversation by default.

        Returns
        -------
        Reply
            At once. It fails, with the old text kept, where the endpoint has no way to go on with an answer,
            or begins anew.

        Raises
        ------
        StateError
            When there is nothing to go on with.
        """
        reply = reply or self._last_reply()
        exchange = self._continuing(reply)
        place = self.conversation.turn_of(reply)
        continued = self._reply(exchange, place)
        if place is not None:
            self.conversation.record(exchange.context.messages[-1], continued, turn=place)
        return continued

    def check_continuable(self, reply: Reply) -> None:
        """See whether `continue_reply` has something to go on with.

        Raises
        ------
        StateError
            When it has not. Says why.
        """
        self._continuing(reply)

    async def preview(self, content: Content, **how: Any) -> Preview:
        """What `send` would send with the same arguments, and where. Nothing is sent or kept.

        Raises
        ------
        StateError
            When no endpoint is configured for it, or it is nothing that can be sent.
        """
        named = {name: how.pop(name) for name in tuple(how) if name in _Ask.__slots__}
        exchange = self._exchange(_Ask(content, **named), how)
        route, request = await exchange.prepare()
        endpoint = route.client.endpoint
        return Preview(request, endpoint.provider, endpoint.host, exchange.context.left_out)

    def reset(self) -> None:
        """Forget all turns; model, system message and parameters stay."""
        self.conversation.clear()

    def fork(self) -> Chat:
        """A chat of its own with the same turns, settings and model; `copy.deepcopy` makes one too."""
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
        """Write the conversation to a file: JSON lines, or Markdown for a name that ends in ``.md``.

        The file is replaced in one step, so that a crash leaves the old one or the new one.

        Parameters
        ----------
        path
            The file. One that `save` wrote before in the same format is replaced.
        overwrite
            Replace any other file as well.

        Raises
        ------
        StateError
            When there is a file of that name that `save` did not write.
        """
        if not overwrite:
            check_replaceable(Path(path))
        write_atomically(Path(path), transcript_for(path, self.conversation))

    @classmethod
    def load(cls, path: str | Path, model: str | None = None, **settings: Any) -> Chat:
        """A chat that goes on with a conversation that `save` wrote as JSON lines.

        Raises
        ------
        DamagedTranscriptError
            When a line cannot be read; its `conversation` holds what could be.
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
                "This answer was not asked for here, so its request is not known.",
                advice="Ask again; the conversation is the same.",
            )
        return exchange.continuing(reply.state)

    def _last_reply(self) -> Reply:
        last = tuple(self.conversation)[-1:]
        if not last or not isinstance(last[0].answer, Reply):
            raise StateError("There is no answer to go on with.", advice="Ask first.")
        return last[0].answer

    def _place(self, ask: _Ask) -> Turn | None:
        """The turn that a question makes a new version of."""
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
    """Data and metadata of the output that shows a turn: its active version, with the others to look at.

    The output says so where the turn is stale.
    """
    answer = turn.answer
    if not isinstance(answer, Reply):
        return None
    about = replace(answer.about, others=_versions(turn, turn.active), stale=turn.stale)
    return bundle(answer.state, about)


def _versions(turn: Turn | None, but: int | None = None) -> list[dict[str, Any]]:
    """The versions of a turn but one, by their numbers, for what is saved with that one."""
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
