"""The options of a question: one object, from a cell or `Chat.send` to the exchange that sends it.

To add an option, add it to `Keywords` (or `SendKeywords`), to `RequestOptions`, and, where cells have it too,
to the arguments in `nbstream.magic.args`. Signatures, checks, defaults of the chat and what ``-p`` refuses
follow from these.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, fields, replace
from typing import TYPE_CHECKING, Any, Literal, Self, get_args

from nbstream._util.arguments import check_choice, check_class
from nbstream._util.keywords import accepts
from nbstream.errors import ArgumentError
from nbstream.types.limits import Limits, OnDisconnect, Timeouts
from nbstream.types.params import COMMON_PARAMS, MISPLACED, ParamKeywords, check_params
from nbstream.types.request import APIName

if TYPE_CHECKING:
    from decimal import Decimal

    from openai import AsyncOpenAI

    from nbstream.client.router import Router
    from nbstream.config import NBStream
    from nbstream.conversation.conversation import Turn
    from nbstream.prompts.filled import FilledPrompt
    from nbstream.structured.structure import Structure
    from nbstream.tools.function import Tool
    from nbstream.types.messages import Message

__all__ = [
    "Approve",
    "ChatKeywords",
    "Keywords",
    "RequestOptions",
    "SendKeywords",
    "chat_keywords",
    "configured",
    "param_keywords",
    "send_keywords",
]

Approve = Literal["ask", "always"]


class Keywords(ParamKeywords, total=False):
    """Keywords that a chat and a single question share."""

    base_url: str | None
    stream: bool | None
    timeouts: Timeouts | None
    limits: Limits | None
    on_disconnect: OnDisconnect | None
    api: APIName | None
    max_context_tokens: int | None
    tools: Iterable[Callable[..., Any] | Tool] | None
    approve: Approve | None
    tool_steps: int | None


class SendKeywords(Keywords, total=False):
    """Keywords of `Chat.send` and `Chat.preview`."""

    model: str | None
    alone: bool
    debug: bool
    schema: Any
    retries: int | None


class ChatKeywords(Keywords, total=False):
    """Keywords of `Chat`, except the model."""

    system: str | None
    messages: Iterable[Message | Mapping[str, Any]] | None
    api_key: str | None
    client: AsyncOpenAI | None
    router: Router | None
    budget: float | Decimal | None


@dataclass(frozen=True, slots=True, kw_only=True)
class RequestOptions:
    """The options of one request; None where no value was given, so that a default applies.

    Parameters
    ----------
    model, base_url
        Another model or address than the chat's.
    stream, timeouts, limits, on_disconnect, api, max_context_tokens, tools, approve, tool_steps
        As for `nbstream.Chat`; the tools are checked, by name.
    schema, retries
        What the answer must match, and how often to ask again with the errors if it does not.
    request_retries
        How often a request that did not get through is repeated.
    alone
        Whether earlier turns are left out, and this one is not kept.
    unattended
        Whether nobody waits for the answer, which is then streamed only if `stream` requests that.
    debug
        Whether the bytes of the stream are kept for `Reply.inspect` in full.
    filled
        The prompt that the question was made from.
    owner, turn
        Id of the cell that asks, or the turn that is asked again.
    params, extra
        Parameters of the request that are known by name, and any others. A None among `params` takes away a
        parameter of the chat; `extra` is sent as it is.

    Examples
    --------
    >>> chat = RequestOptions.of({"temperature": 0.2, "stream": False})
    >>> question = RequestOptions.of({"temperature": None, "seed": 7})
    >>> merged = question.over(chat)
    >>> merged.stream, merged.request_params
    (False, {'seed': 7})
    """

    model: str | None = None
    base_url: str | None = None
    stream: bool | None = None
    timeouts: Timeouts | None = None
    limits: Limits | None = None
    on_disconnect: OnDisconnect | None = None
    api: APIName | None = None
    max_context_tokens: int | None = None
    tools: Mapping[str, Tool] | None = None
    approve: Approve | None = None
    tool_steps: int | None = None
    schema: Structure | None = None
    retries: int | None = None
    request_retries: int | None = None
    alone: bool = False
    unattended: bool = False
    debug: bool = False
    filled: FilledPrompt | None = None
    owner: str | None = None
    turn: Turn | None = None
    params: Mapping[str, Any] = field(default_factory=dict)
    extra: Mapping[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        check_choice("on_disconnect", self.on_disconnect, get_args(OnDisconnect))
        check_choice("api", self.api, get_args(APIName))
        check_choice("approve", self.approve, get_args(Approve))
        check_class("timeouts", self.timeouts, Timeouts)
        check_class("limits", self.limits, Limits)
        _check_count("max_context_tokens", self.max_context_tokens)
        _check_count("tool_steps", self.tool_steps)
        _check_count("retries", self.retries)
        check_params(self.params)
        check_params(self.extra)

    @classmethod
    def of(cls, keywords: Mapping[str, Any]) -> Self:
        """The options among keywords whose names were checked; the others are parameters of the request.

        Raises
        ------
        ArgumentError
            When a value is not possible.
        """
        named = {f.name: keywords[f.name] for f in fields(RequestOptions) if f.name in keywords}
        named["params"] = {name: value for name, value in keywords.items() if name not in named}
        extra = named["extra"] = named.get("extra") or {}
        if not isinstance(extra, Mapping):
            raise ArgumentError(f"extra={extra!r} is not a dict.", advice='For example: extra={"top_k": 20}.')
        if named.get("tools") is not None:
            from nbstream.tools.function import as_tools

            named["tools"] = as_tools(named["tools"])
        if named.get("schema") is not None:
            from nbstream.structured.structure import Structure

            named["schema"] = Structure.of(named["schema"])
        elif named.get("retries") is not None:
            raise ArgumentError(
                "retries= has no use without schema=.", advice="Add schema=…, or leave it out."
            )
        return cls(**named)

    def over(self, defaults: RequestOptions) -> RequestOptions:
        """These options, with defaults where they leave something open."""
        own = {f.name: getattr(self, f.name) for f in fields(RequestOptions)}
        given = {name: value for name, value in own.items() if value is not None}
        params, extra = {**defaults.params, **self.params}, {**defaults.extra, **self.extra}
        return replace(defaults, **given | {"params": params, "extra": extra})

    @property
    def streams(self) -> bool:
        """Whether the request asks for a stream.

        Examples
        --------
        >>> RequestOptions().streams, RequestOptions(unattended=True).streams
        (True, False)
        >>> RequestOptions(unattended=True, stream=True).streams
        True
        """
        if self.stream is not None:
            return self.stream
        # With background=True of the Responses API, the response to such a request contains no answer yet.
        return not self.unattended or bool(self.params.get("background"))

    @property
    def request_params(self) -> dict[str, Any]:
        """The parameters that the request carries."""
        set_ones = {name: value for name, value in self.params.items() if value is not None}
        return set_ones | dict(self.extra)


def configured(settings: NBStream) -> RequestOptions:
    """What is configured, as defaults for `RequestOptions.over`."""
    return RequestOptions(
        timeouts=settings.timeouts,
        limits=settings.limits,
        on_disconnect=settings.on_disconnect,
        api=settings.api,
        max_context_tokens=settings.max_context_tokens,
        request_retries=settings.retries,
        params=settings.request_params(),
    )


def _check_count(name: str, value: object) -> None:
    if value is not None and (isinstance(value, bool) or not isinstance(value, int) or value < 0):
        raise ArgumentError(f"{name}={value!r} is not a number of at least 0.")


def _shown(keywords: type) -> list[str]:
    """The names that a signature shows: nbstream's own, then the common parameters."""
    special = [name for name in keywords.__annotations__ if name not in Keywords.__annotations__]
    shared = [name for name in Keywords.__annotations__ if name not in ParamKeywords.__annotations__]
    return [*special, *shared, *COMMON_PARAMS, "extra"]


_ADVICE = "Parameters that nbstream does not know go into extra={…}."
send_keywords = accepts(SendKeywords, _shown(SendKeywords), _ADVICE, MISPLACED)
"""Decorates what takes the keywords of `SendKeywords`."""
chat_keywords = accepts(ChatKeywords, _shown(ChatKeywords), _ADVICE, MISPLACED)
"""Decorates what takes the keywords of `ChatKeywords`."""
param_keywords = accepts(ParamKeywords, [*COMMON_PARAMS, "extra"], _ADVICE, MISPLACED, "Chat.set_params")
"""Decorates what takes parameters only."""
