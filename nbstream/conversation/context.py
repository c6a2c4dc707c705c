"""What is sent of a conversation, and how long it is."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from nbstream.conversation.conversation import Turn
from nbstream.types.messages import Message

__all__ = ["Context", "estimate_tokens", "fit"]

_BYTES_PER_TOKEN = 4


@dataclass(frozen=True, slots=True)
class Context:
    """The messages of one request.

    Parameters
    ----------
    messages
        System message, earlier turns, the new message.
    left_out
        How many of the oldest turns did not fit into the limit.
    """

    messages: tuple[Message, ...]
    left_out: int = 0


def fit(
    preface: Sequence[Message], turns: Sequence[Turn], user: Message, max_tokens: int | None = None
) -> Context:
    """Put a request's messages together, leaving out the oldest turns where they pass a limit.

    Parameters
    ----------
    preface
        What always stays: the system message.
    turns
        Earlier turns, oldest first.
    user
        The new message, which always stays.
    max_tokens
        Limit of the whole, by `estimate_tokens`; None for no limit.
    """
    spoken = [turn.messages() for turn in turns]
    spoken = [messages for messages in spoken if messages]
    left_out = 0 if max_tokens is None else _too_many(spoken, max_tokens, _size([*preface, user]))
    kept = [message for messages in spoken[left_out:] for message in messages]
    return Context((*preface, *kept, user), left_out)


def estimate_tokens(messages: Iterable[Message]) -> int:
    """Roughly how many tokens messages take: a token for four bytes of UTF-8.

    Within about 15 % for English prose with the usual vocabularies; other languages and code take more.
    The server's own count comes with the answer.

    Examples
    --------
    >>> estimate_tokens([Message("user", "How many tokens is this?")])
    6
    """
    return -(-_size(messages) // _BYTES_PER_TOKEN)


def _too_many(spoken: Sequence[Sequence[Message]], max_tokens: int, always: int) -> int:
    """How many of the oldest turns to leave out, beside `always` bytes that stay."""
    sizes = [_size(messages) for messages in spoken]
    size, left_out = always + sum(sizes), 0
    while left_out < len(sizes) and size > max_tokens * _BYTES_PER_TOKEN:
        size -= sizes[left_out]
        left_out += 1
    return left_out


def _size(messages: Iterable[Message]) -> int:
    return sum(len(_text(message).encode("utf-8", "replace")) for message in messages)


def _text(message: Message) -> str:
    beside = json.dumps([message.tool_calls, message.extra]) if message.tool_calls or message.extra else ""
    if isinstance(message.content, str):
        return message.content + beside
    parts = [part.get("text", "") for part in message.content]
    return "".join(part if isinstance(part, str) else json.dumps(part) for part in parts) + beside
