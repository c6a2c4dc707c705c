"""One message of a conversation, in the format of the chat-completions API.

A message holds a role and content; its place in a conversation is handled by
`nbstream.conversation.conversation`.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

from nbstream.errors import ArgumentError

__all__ = ["Content", "Message", "Role", "as_content", "content_text", "part_label"]

Content = str | Sequence[Mapping[str, Any]]

Role = Literal["system", "developer", "user", "assistant", "tool"]


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
        """The message as the JSON object that the API takes."""
        content = self.content if isinstance(self.content, str) else [dict(p) for p in self.content]
        body: dict[str, Any] = {"role": self.role, "content": content}
        if self.name is not None:
            body["name"] = self.name
        if self.tool_calls:
            body["tool_calls"] = [dict(call) for call in self.tool_calls]
        if self.tool_call_id is not None:
            body["tool_call_id"] = self.tool_call_id
        return dict(self.extra) | body


def as_content(given: object) -> Content:
    """The checked content of a message: text, or content parts from any iterable.

    Raises
    ------
    ArgumentError
        If it is neither.

    Examples
    --------
    >>> as_content(part for part in [{"type": "text", "text": "Hello"}])
    [{'type': 'text', 'text': 'Hello'}]
    """
    content = given if isinstance(given, str) else _parts(given)
    try:
        json.dumps(content, ensure_ascii=False).encode()
    except (TypeError, ValueError, RecursionError) as error:
        raise ArgumentError(f"The message cannot be sent as JSON: {error}.") from None
    return content


def part_label(part: Mapping[str, Any]) -> str:
    """The text of a content part, or a placeholder; empty for an image that is shown separately.

    Examples
    --------
    >>> part_label({"type": "file", "file": {"filename": "report.pdf"}})
    '[file: report.pdf]'
    """
    kind, file = part.get("type"), part.get("file")
    if kind == "text":
        return str(part.get("text", ""))
    if kind == "image_url":
        url = str(part["image_url"]["url"])
        return "" if url.startswith("data:") else f"[image: {url}]"
    name = file.get("filename") if isinstance(file, Mapping) else None
    return f"[{kind}: {name}]" if isinstance(name, str) else f"[{kind}]"


def content_text(content: Content) -> str:
    """The content of a message without its images."""
    return content if isinstance(content, str) else "\n\n".join(filter(None, map(part_label, content)))


def _parts(given: object) -> list[Mapping[str, Any]]:
    parts = list(given) if isinstance(given, Iterable) and not isinstance(given, Mapping | bytes) else []
    if not parts or not all(isinstance(part, Mapping) and "type" in part for part in parts):
        raise ArgumentError(
            f"A message is text or a list of content parts, not {type(given).__name__}.",
            advice='Pass str(…) of it, or parts such as {"type": "text", "text": …}.',
        )
    return parts
