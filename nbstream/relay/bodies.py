"""The bodies of requests to a relay."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from nbstream.errors import ConfigError
from nbstream.relay.parts import Content, Text
from nbstream.relay.problems import RelayError
from nbstream.types.content import as_content
from nbstream.types.messages import Message, Role
from nbstream.types.params import check_params

__all__ = ["ChatBody", "CompletionBody"]

# What a client may choose; the served chat sets everything else.
_PASSED = frozenset(
    {
        "frequency_penalty",
        "max_completion_tokens",
        "max_tokens",
        "presence_penalty",
        "reasoning_effort",
        "response_format",
        "seed",
        "stop",
        "temperature",
        "top_p",
    }
)
# Fields that describe the client and do not change the answer.
_IGNORED = frozenset({"metadata", "prompt_cache_key", "safety_identifier", "service_tier", "store", "user"})


class _Said(BaseModel):
    """One message of a conversation."""

    content: Content
    name: str | None = None

    def message(self, role: Role) -> Message:
        said = self.model_dump(exclude_none=True)["content"]
        try:
            return Message(role, as_content(said), self.name)
        except ConfigError as error:
            raise RelayError(400, str(error), param="messages") from None


class _Turn(_Said):
    role: Literal["user", "assistant"]


class _AnyMessage(_Said):
    role: Literal["system", "developer", "user", "assistant"]


class ChatBody(BaseModel):
    """Body of ``POST /chat``.

    Parameters
    ----------
    message
        The user's message.
    conversation
        The conversation so far: the id of a conversation stored by the relay, or its messages, which the
        relay does not store. Without it, a new conversation starts.
    resumable
        Whether the answer keeps running for a while after the client disconnects.
    """

    model_config = ConfigDict(extra="forbid")

    message: Text
    conversation: str | list[_Turn] | None = None
    resumable: bool = True

    def before(self) -> tuple[Message, ...]:
        """The given messages; none if an id was given."""
        given = self.conversation if isinstance(self.conversation, list) else []
        return tuple(turn.message(turn.role) for turn in given)


class _StreamOptions(BaseModel):
    include_usage: bool = False


class CompletionBody(BaseModel):
    """Body of ``POST /v1/chat/completions``: OpenAI's fields, as far as supported."""

    model_config = ConfigDict(extra="allow")

    model: str
    messages: Annotated[list[_AnyMessage], Field(min_length=1)]
    stream: bool | None = False
    stream_options: _StreamOptions | None = None

    def conversation(self) -> Sequence[Message]:
        """The messages; the last one must have the role user.

        Raises
        ------
        RelayError
            400 if it does not.
        """
        if self.messages[-1].role != "user":
            raise RelayError(400, "The last message must have the role user.", param="messages")
        return [message.message(message.role) for message in self.messages]

    def params(self) -> Mapping[str, Any]:
        """The parameters passed to the model.

        Raises
        ------
        RelayError
            400 for a parameter that the relay would have to ignore, and for one that cannot be
            sent.
        """
        asked = {name: value for name, value in (self.model_extra or {}).items() if _asks(name, value)}
        for name, value in asked.items():
            if name not in _PASSED:
                raise RelayError(400, f"{name!r} is not supported by this relay. Omit it.", param=name)
            _check(name, value)
        return asked


def _check(name: str, value: object) -> None:
    try:
        check_params({name: value})
    except ConfigError as error:
        raise RelayError(400, str(error), param=name) from None


def _asks(name: str, value: object) -> bool:
    """Whether a parameter is not just a default; clients send defaults too."""
    if name in _IGNORED or value is None or value is False or value in ([], {}):
        return False
    return (name, value) != ("n", 1)
