"""One message of a conversation, in the format of the chat-completions API.

A message is a pure value: it says who spoke and what; where it stands in a conversation is the business
of `nbstream.conversation`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from nbstream.errors import ConfigError

__all__ = ["Message", "Role"]

Role = Literal["system", "developer", "user", "assistant", "tool"]


@dataclass(frozen=True, slots=True)
class Message:
    """Who spoke, and what was said.

    Parameters
    ----------
    role
        ``"system"``, ``"developer"``, ``"user"``, ``"assistant"`` or ``"tool"``.
    content
        Text, or a sequence of content parts as the API defines them
        (``{"type": "text", "text": …}``, ``{"type": "image_url", …}``).
    name
        Name of the speaker, where several share a role.
    tool_calls
        Calls that an assistant's message makes, as the API writes them.
    tool_call_id
        Call that a tool's message answers.

    Examples
    --------
    >>> Message("user", "Hello").as_dict()
    {'role': 'user', 'content': 'Hello'}
    """

    role: Role
    content: str | Sequence[Mapping[str, Any]]
    name: str | None = None
    tool_calls: tuple[Mapping[str, Any], ...] = ()
    tool_call_id: str | None = None

    def __post_init__(self) -> None:
        parts = () if isinstance(self.content, str) else self.content
        is_sequence = isinstance(parts, Sequence) and not isinstance(parts, bytes)
        if not is_sequence or not all(isinstance(part, Mapping) for part in parts):
            raise ConfigError(
                f"A message is text or a list of parts, and no {type(self.content).__name__}.",
                advice='Give text, or parts such as {"type": "text", "text": "…"}.',
            )

    def as_dict(self) -> dict[str, Any]:
        """The message as the JSON object that the API takes."""
        content = self.content if isinstance(self.content, str) else [dict(p) for p in self.content]
        body: dict[str, Any] = {"role": self.role, "content": content}
        if self.name is not None:
            body["name"] = self.name
        if self.tool_calls:
            body["tool_calls"] = [dict(call) for call in self.tool_calls]
        if self.tool_call_id is not None:
            body["tool_call_id"] = self.tool_call_id
        return body
