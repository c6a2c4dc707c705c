"""A chat: a conversation and the model that answers in it."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any, Self, Unpack, cast
from weakref import WeakKeyDictionary

from nbstream._util.read_only import ReadOnlyDict, ReadOnlyList
from nbstream.batching.batchable import Batchable
from nbstream.conversation.asker import Asker
from nbstream.conversation.connections import Closable, Connections
from nbstream.conversation.context import fit
from nbstream.conversation.continuable import Continuable
from nbstream.conversation.conversation import Turn
from nbstream.conversation.exchange import Exchange
from nbstream.conversation.options import (
    ChatKeywords,
    RequestOptions,
    SendKeywords,
    chat_keywords,
    configured,
    send_keywords,
)
from nbstream.conversation.preview import Preview
from nbstream.conversation.questions import Question, preface, prompted
from nbstream.conversation.saving import Savable
from nbstream.conversation.transcript import read_transcript
from nbstream.conversation.versions import new_version
from nbstream.errors import ArgumentError
from nbstream.inputs import prepared
from nbstream.reply import Reply
from nbstream.reply_log.following import follow
from nbstream.types.messages import Message, MessageDict
from nbstream.types.prompt_hash import PromptHasher

if TYPE_CHECKING:
    from nbstream.recording.sample_group import SampleGroup
    from nbstream.recording.task import Gate
    from nbstream.samples import Samples
    from nbstream.structured.row_stream import RowStream

__all__ = ["Chat"]


class Chat(Asker, Batchable, Closable, Continuable, Savable):
    """A conversation with a model.

    Parameters
    ----------
    model
        ``NAME`` or ``PROVIDER:NAME``. By default the configured model, a discovered local server, or the
        demo.
    system
        System message.
    messages
        Messages to begin with, as examples of good answers: dicts of the API or `Message`. They are sent
        before every turn, like the system message, which may be the first of them. They stay when the turns
        are reset, and are saved, loaded and copied with the conversation. The last one is the assistant's.
    base_url, api_key
        An OpenAI-compatible API and the key for it. A key is sent to that host and no other.
    client
        Your own `AsyncOpenAI` or `AsyncAzureOpenAI`, instead of the two above.
    stream
        Whether answers are streamed, which is the default. Without, they arrive in one piece.
    timeouts, limits
        How long to wait and how much to accept; the configured values by default.
    on_disconnect
        What to do with an answer that was cut: ``"keep"`` the received text, ``"continue"`` it where the
        provider supports that, or ``"restart"`` it; the configured value by default.
    api
        API to use: ``"chat"`` for ``/chat/completions``, ``"responses"`` for ``/responses``, where
        ``background=True`` makes an answer that survives a broken connection.
    max_context_tokens
        Limit of the context in estimated tokens; the oldest turns are left out, with a notice in the answer.
    tools
        Functions that the model may call, described by their types and docstrings. A plain function runs
        like the code of a cell; `Tool.of(function, thread=True)` of `nbstream.tools` runs in a thread.
    approve
        ``"ask"``, the default: each call waits for approval, where the answer is shown or by `Reply.approve`.
        ``"always"``: calls run immediately.
    tool_steps
        How many times in one answer the model may call tools, 8 by default; further calls are not run.
    router
        Chooses endpoints; the one of the process by default.
    budget
        US dollars that the chat may spend; a request that could exceed them is not sent. See `Chat.budget`.
    extra
        Parameters of every request that nbstream does not know by name: ``extra={"my_field": 1}``.
    **settings
        The options above, and parameters of every request such as ``temperature=0.2``. A common parameter is
        also an attribute of the chat. A misspelt name is an error.

    Examples
    --------
    >>> import asyncio
    >>> async def main():
    ...     async with Chat("demo:nbstream-demo-fast", system="You are terse.", temperature=0.2) as chat:
    ...         reply = await chat.send("Hello")
    ...         return reply.status, len(chat.messages)
    >>> asyncio.run(main())
    ('finished', 3)
    """

    @chat_keywords
    def __init__(self, model: str | None = None, **settings: Unpack[ChatKeywords]) -> None:
        super().__init__(model, settings)
        self._connections = Connections(self._router)
        self._exchanges = WeakKeyDictionary()
        self._hasher = PromptHasher()

    def __repr__(self) -> str:
        count = len(self.conversation)
        return f"Chat({self.model or 'default model'}, {count} {'turn' if count == 1 else 'turns'})"

    @property
    def system(self) -> str | None:
        """The system message; None removes it.

        Examples
        --------
        >>> chat = Chat("demo")
        >>> chat.system = "You are terse."
        >>> chat.messages
        [{'role': 'system', 'content': 'You are terse.'}]
        """
        return self.conversation.system

    @system.setter
    def system(self, text: str | None) -> None:
        self.conversation.system = text or None

    @property
    def messages(self) -> list[MessageDict]:
        """The messages that the next turn will be sent with, in the format of the chat-completions API.

        For reading only: the turns belong to `conversation`.
        """
        advice = "Use chat.send(…), chat.system or Chat(messages=…)."
        sent = self.conversation.context()
        views = ReadOnlyList([ReadOnlyDict(message.as_dict(), advice) for message in sent], advice)
        return cast("list[MessageDict]", views)

    @send_keywords
    def send(self, content: Question, **options: Unpack[SendKeywords]) -> Reply:
        """Send a message with the conversation as context.

        Parameters
        ----------
        content
            The user's message: text, or a list of texts, images, files and content parts in the format of
            the API. An image is a matplotlib or plotly figure, a PIL image, a NumPy array, bytes, a
            `pathlib.Path` or a URL; a path of any other file is sent as text. It can also be a `Prompt` with
            its values (``prompt.fill(name=…)``), or a template string of Python 3.14. The system message and
            the examples of a prompt are sent with this message only.
        alone
            Send the message without the earlier turns, and do not keep this one.
        schema
            What the answer must be: a pydantic model, a dataclass, a TypedDict, ``list[Row]`` or a JSON
            Schema. `Reply.parsed` is the validated value.
        retries
            How often to ask again with the errors, where the answer does not match the schema; 0 by default.
        debug
            Keep up to 64 MiB of the server's response for `Reply.inspect`, instead of the first 256 KiB.
        **options
            For this turn, instead of the chat's own: `model`, the options of `Chat` and parameters of the
            request. None removes a parameter of the chat.

        Returns
        -------
        Reply
            Returned immediately, before the answer starts. Await it, iterate over it, or let a cell display
            it.

        Raises
        ------
        ArgumentError
            When `content`, a name or a value is not one that can be sent.

        Examples
        --------
        >>> import asyncio
        >>> async def main():
        ...     chat = Chat("demo:nbstream-demo-fast")
        ...     return await chat.send("echo: Hello", temperature=0)
        >>> reply = asyncio.run(main())
        >>> reply.status, reply.params
        ('finished', {'temperature': 0})
        """
        return self.send_with(content, RequestOptions.of(options))

    @send_keywords
    def rows(self, row: Any, content: Question, **options: Unpack[SendKeywords]) -> RowStream:
        """Ask for a list, and iterate over its rows: each is validated as soon as it is complete.

        Leaving the loop before the end stops the answer. Rows that do not match are raised at the end, after
        all others; with ``retries=…`` the model is asked for them again.

        Parameters
        ----------
        row
            Type of a row: a pydantic model, a dataclass, a TypedDict or a JSON Schema.
        content, **options
            As for `send`.

        Returns
        -------
        RowStream
            For ``async for``; its `reply` is the reply.

        Raises
        ------
        SchemaError
            In the loop, after the last row, when rows do not match or the answer is not complete.

        Examples
        --------
        >>> import asyncio
        >>> async def main():
        ...     chat = Chat("demo:nbstream-demo-fast")
        ...     return [row async for row in chat.rows(dict[str, int], 'echo: [{"a": 1}, {"a": 2}]')]
        >>> asyncio.run(main())
        [{'a': 1}, {'a': 2}]
        """
        from nbstream.structured.row_stream import RowStream, list_of

        if options.get("schema") is not None:
            raise ArgumentError("rows() takes the type of a row first.", advice="Leave out schema=….")
        options["schema"] = list_of(row)
        return RowStream(self.send(content, **options))

    @send_keywords
    def sample(self, content: Question, *, concurrency: int = 8, **options: Unpack[SendKeywords]) -> Samples:
        """Request several answers to one message, as parallel requests.

        Each answer is an ordinary reply, and one that fails does not affect the others. They are the versions
        of one turn, and the conversation continues from the first that does not fail, or the chosen one.
        With a seed, the requests have that seed, the next one and so on, so that a run can be repeated where
        the server supports seeds.

        Parameters
        ----------
        content, **options
            As for `send`, with `n` as the number of answers: 5 by default, 50 at most.
        concurrency
            How many requests are sent at a time.

        Returns
        -------
        Samples
            At once: a sequence of replies. Await it for all of them.

        Raises
        ------
        ArgumentError
            When something cannot be sent, as for `send`.

        Examples
        --------
        >>> import asyncio
        >>> async def main():
        ...     return await Chat("demo:nbstream-demo-fast").sample("echo: Yes", n=3)
        >>> asyncio.run(main())
        <Samples: 3 answers, 1 distinct>
        """
        from nbstream.samples.requesting import DEFAULT_N

        n = options.pop("n", None)
        return self.sample_with(
            content, RequestOptions.of(options), n=DEFAULT_N if n is None else n, concurrency=concurrency
        )

    def sample_with(
        self, content: Question, options: RequestOptions, *, n: int, concurrency: int = 8
    ) -> Samples:
        """What `sample` does, for front ends.

        Raises
        ------
        ArgumentError
            As `sample`.
        """
        from nbstream.samples.requesting import request_samples, sample_options

        self._connections.check_open()
        message, options = prompted(content, options)
        place, message = self._place(options), prepared(message)
        seed = options.over(self._options).over(configured(self._router.settings)).request_params.get("seed")
        exchanges = [self._exchange(message, own) for own in sample_options(options, seed, n)]
        return request_samples(exchanges, self.conversation, place, self._reply, concurrency)

    def send_with(self, content: Question, options: RequestOptions) -> Reply:
        """Ask with options that were made before: for front ends, which also name the cell or turn.

        Raises
        ------
        ArgumentError
            When it cannot be sent.
        """
        self._connections.check_open()
        message, options = prompted(content, options)
        place = self._place(options)
        exchange = self._exchange(message, options)
        reply = self._reply(exchange, place)
        if not options.alone:
            user = exchange.context.messages[-1]
            self.conversation.record(user, reply, owner=options.owner, turn=place)
        return reply

    @send_keywords
    async def preview(self, content: Question, **options: Unpack[SendKeywords]) -> Preview:
        """Return the request that `send` would send with the same arguments. Nothing is sent or stored.

        Raises
        ------
        ConfigError
            When no endpoint is configured for it, or it cannot be sent.

        Examples
        --------
        >>> import asyncio
        >>> seen = asyncio.run(Chat("demo").preview("Hello", temperature=0))
        >>> seen.body["temperature"], seen.messages
        (0, [{'role': 'user', 'content': 'Hello'}])
        """
        return await self.preview_with(content, RequestOptions.of(options))

    async def preview_with(self, content: Question, options: RequestOptions) -> Preview:
        """What `send_with` would send.

        Raises
        ------
        ConfigError
            As `preview`.
        """
        exchange = self._exchange(*prompted(content, options))
        route, request = await exchange.prepare()
        endpoint = route.client.endpoint
        filled = exchange.options.filled
        summary = filled.prompt.summary if filled else ""
        left_out, attachments = exchange.context.left_out, exchange.attachments
        tokens, price = exchange.meter.estimate(endpoint, request)
        return Preview(
            request, endpoint.provider, endpoint.host, left_out, summary, attachments, tokens, price
        )

    def reset(self) -> None:
        """Remove all turns; model, parameters, system message and the messages of `Chat(messages=…)` stay.

        Examples
        --------
        >>> chat = Chat("demo", system="You are terse.")
        >>> chat.reset()
        >>> len(chat.conversation), chat.system
        (0, 'You are terse.')
        """
        self.conversation.clear()

    def fork(self) -> Self:
        """Return an independent chat with the same turns, settings and model, like `copy.deepcopy`.

        Examples
        --------
        >>> chat = Chat("demo", seed=7)
        >>> twin = chat.fork()
        >>> twin.seed = 8
        >>> chat.seed, twin.seed
        (7, 8)
        """
        twin = object.__new__(type(self))
        twin.__dict__ |= self.__dict__
        twin._connections = Connections(self._router)
        twin.conversation = self.conversation.copy()
        twin._hasher = PromptHasher()
        return twin

    def __copy__(self) -> Self:
        return self.fork()

    def __deepcopy__(self, _memo: object) -> Self:
        return self.fork()

    @classmethod
    @chat_keywords
    def load(cls, path: str | Path, model: str | None = None, **settings: Unpack[ChatKeywords]) -> Self:
        """A chat that continues a conversation that `save` wrote as JSON lines.

        Parameters
        ----------
        path
            The file.
        model, **settings
            As for `Chat`. A system message or messages given here replace those of the file.

        Raises
        ------
        DamagedTranscriptError
            When a line cannot be read; its `conversation` holds the others.

        Examples
        --------
        >>> from pathlib import Path
        >>> from tempfile import TemporaryDirectory
        >>> with TemporaryDirectory() as folder:
        ...     path = Path(folder, "talk.jsonl")
        ...     Chat("demo", system="You are terse.").save(path)
        ...     chat = Chat.load(path, "demo", temperature=0)
        >>> chat.system, chat.temperature
        ('You are terse.', 0)
        """
        chat = cls(model, **settings)
        loaded = read_transcript(Path(path).read_text("utf-8"))
        if settings.get("messages") is not None:
            loaded.examples = chat.conversation.examples
        if settings.get("system") is not None or (settings.get("messages") and chat.system):
            loaded.system = chat.system
        chat.conversation = loaded
        return chat

    def _reply(
        self,
        exchange: Exchange,
        place: Turn | None,
        group: SampleGroup | None = None,
        gate: Gate | None = None,
    ) -> Reply:
        reply = new_version(exchange, place, group, gate)
        self._exchanges[reply] = exchange
        self._connections.add(reply)
        follow(self, reply, exchange)
        return reply

    def _place(self, options: RequestOptions) -> Turn | None:
        """The turn that a message creates a new version of."""
        return None if options.alone else options.turn or self.conversation.owned_by(options.owner)

    def _exchange(self, content: object, options: RequestOptions) -> Exchange:
        earlier = () if options.alone else self.conversation.turns_before(self._place(options), options.owner)
        whole = options.over(self._options).over(configured(self._router.settings))
        message = prepared(content)
        user = Message("user", message.content)
        context = fit(preface(self.conversation, options.filled), earlier, user, whole.max_context_tokens)
        target = self._target.switched_to(whole.model or "", whole.base_url or "")
        return Exchange.of(
            self._router,
            target,
            context,
            whole,
            message.attachments,
            budget=self._budget,
            name=self._usage_name,
            hasher=self._hasher,
        )
