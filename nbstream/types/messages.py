"""One message of a conversation, in the format of the chat-completions API.

A message holds a role and content; its place in a conversation is handled by
`nbstream.conversation.conversation`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, NotRequired, Required, TypedDict

from nbstream.types.content import Content

__all__ = ["RESPONSES_FIELD", "Message", "MessageDict", "Role"]

RESPONSES_FIELD = "responses"
"""Field of a tool call with what only the Responses API takes back; `Message.as_dict` leaves it out."""

Role = Literal["system", "developer", "user", "assistant", "tool"]


class CalledFunction(TypedDict):
    """What a tool call runs; the arguments are JSON."""

    name: str
    arguments: str


class ToolCallDict(TypedDict):
    """A tool call of an assistant message."""

    id: str
    type: Literal["function"]
    function: CalledFunction
    extra_content: NotRequired[dict[str, Any]]


class MessageDict(TypedDict, total=False):
    """A message as the JSON object of the chat-completions API.

    Examples
    --------
    >>> message: MessageDict = {"role": "user", "content": "Hello"}
    """

    role: Required[Role]
    content: Required[Content]
    name: str
    tool_calls: list[ToolCallDict]
    tool_call_id: str
    reasoning_content: str
    reasoning_details: list[dict[str, Any]]


@dataclass(frozen=True, slots=True)
class Message:
    """A role and its content.

    Parameters
    ----------
    role
        ``"system"``, ``"developer"``, ``"user"``, ``"assistant"`` or ``"tool"``.
    content
        Text, or a sequence of content parts as the API defines them
        (``{"type": "text", "text": …}``, ``{"type": "image_url", …}``).
    name
        Name of the speaker, if several share a role.
    tool_calls
        Tool calls of an assistant message, in the API's format.
    tool_call_id
        Id of the call that a tool message answers.
    extra
        Other fields that the API expects back, such as ``reasoning_content``.

    Examples
    --------
    >>> Message("user", "Hello").as_dict()
    {'role': 'user', 'content': 'Hello'}
    """

    role: Role
    content: Content
    name: str | None = None
    tool_calls: tuple[Mapping[str, Any], ...] = ()
    tool_call_id: str | None = None
    extra: Mapping[str, Any] = field(default_factory=dict)

    def as_dict(self) -> dict[str, Any]:
        """The message as the JSON object that the API takes.

        Examples
        --------
        >>> Message("tool", "3", tool_call_id="call-1").as_dict()
        {'role': 'tool', 'content': '3', 'tool_call_id': 'call-1'}
        """
        content = self.content if isinstance(self.content, str) else [dict(p) for p in self.content]
        body: dict[str, Any] = {"role": self.role, "content": content}
        if self.name is not None:
            body["name"] = self.name
        if self.tool_calls:
            body["tool_calls"] = [
                {name: value for name, value in call.items() if name != RESPONSES_FIELD}
                for call in self.tool_calls
            ]
        if self.tool_call_id is not None:
            body["tool_call_id"] = self.tool_call_id
        return dict(self.extra) | body
