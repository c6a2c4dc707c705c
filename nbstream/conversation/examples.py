"""Examples that a chat begins with: messages that show the model what answers should be like."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, get_args

from nbstream.conversation.conversation import Conversation
from nbstream.errors import ArgumentError
from nbstream.types.content import as_content, content_text
from nbstream.types.messages import Message, Role

__all__ = ["as_examples", "as_message", "opening", "preface_messages"]

_FIELDS = frozenset({"role", "content", "name", "tool_calls", "tool_call_id", "nbstream"})
_SYSTEM = frozenset({"system", "developer"})


def as_examples(messages: Iterable[Message | Mapping[str, Any]]) -> tuple[str | None, tuple[Message, ...]]:
    """The system message among messages, and the others.

    A system message comes first. The last message is the assistant's: a question without an answer is what
    `Chat.send` is for.

    Raises
    ------
    ArgumentError
        When a message is not one of the API's, or the order is another.

    Examples
    --------
    >>> system, examples = as_examples([
    ...     {"role": "system", "content": "Translate to French."},
    ...     {"role": "user", "content": "sea"},
    ...     {"role": "assistant", "content": "mer"},
    ... ])
    >>> system, [message.content for message in examples]
    ('Translate to French.', ['sea', 'mer'])
    """
    if isinstance(messages, str | bytes | Mapping | Message) or not isinstance(messages, Iterable):
        kind = type(messages).__name__
        raise ArgumentError(f"messages is a {kind}, not a list of messages.", advice=_EXAMPLE)
    read = [as_message(message, f"messages[{number}]") for number, message in enumerate(messages)]
    system = content_text(read.pop(0).content) if read and read[0].role in _SYSTEM else None
    if any(message.role in _SYSTEM for message in read):
        raise ArgumentError("messages has a system message that is not the first message.", advice=_EXAMPLE)
    if read and (read[-1].role != "assistant" or read[-1].tool_calls):
        advice = "Add the assistant's answer, or leave the message out and pass it to chat.send(…)."
        raise ArgumentError(
            f"messages ends with a {read[-1].role} message that has no answer.", advice=advice
        )
    return system, tuple(read)


def opening(system: str | None, messages: Any) -> tuple[str | None, tuple[Message, ...]]:
    """The system message and the examples that a chat begins with.

    Raises
    ------
    ArgumentError
        When there are two system messages, or as `as_examples`.
    """
    first, examples = as_examples(() if messages is None else messages)
    if first and system:
        raise ArgumentError("There are two system messages: system=… and the first of messages.")
    return system or first, examples


def as_message(given: object, name: str = "The message") -> Message:
    """A message of the API as a `Message`.

    Raises
    ------
    ArgumentError
        When it is not one.

    Examples
    --------
    >>> as_message({"role": "user", "content": "Hello"}).content
    'Hello'
    """
    if isinstance(given, Message):
        return given
    if not isinstance(given, Mapping) or given.get("role") not in get_args(Role):
        roles = ", ".join(get_args(Role))
        raise ArgumentError(
            f"{name} is not a message: it needs a role ({roles}) and content.", advice=_EXAMPLE
        )
    calls = given.get("tool_calls") or ()
    content = given.get("content")
    return Message(
        given["role"],
        "" if calls and content is None else as_content(content),
        name=given.get("name"),
        tool_calls=tuple(calls),
        tool_call_id=given.get("tool_call_id"),
        extra={key: value for key, value in given.items() if key not in _FIELDS},
    )


def preface_messages(conversation: Conversation) -> list[dict[str, Any]]:
    """The messages before the turns as they are in a file; examples are marked, to be no turns."""
    examples = {id(message) for message in conversation.examples}
    mark = {"nbstream": {"example": True}}
    return [m.as_dict() | (mark if id(m) in examples else {}) for m in conversation.preface()]


_EXAMPLE = 'For example: [{"role": "user", "content": "sea"}, {"role": "assistant", "content": "mer"}].'
