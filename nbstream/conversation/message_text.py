"""A message of a request as text for a reader, with tool calls in short.

Reads the format of either API: a message with `tool_calls`, or an item of the Responses API.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

from nbstream.types.content import Content, ContentPart, image_url
from nbstream.views.call_text import exposed
from nbstream.views.inert import inert_markdown
from nbstream.views.inert.characters import literal

__all__ = ["message_markdown", "message_role", "message_text", "shown"]

_PART_SHOWN = 200
_CALL_SHOWN = 500
_ROLES = {"function_call": "assistant", "function_call_output": "tool"}


def message_role(message: Mapping[str, Any]) -> str:
    """The role of a message; an item of the Responses API has one by its type.

    Examples
    --------
    >>> message_role({"type": "function_call_output", "call_id": "call-1", "output": "3"})
    'tool'
    """
    return str(message.get("role") or _ROLES.get(str(message.get("type")), message.get("type")))


def message_text(message: Mapping[str, Any]) -> str:
    """The content of a message, and a line for each of its tool calls.

    Examples
    --------
    >>> call = {"id": "call-1", "type": "function", "function": {"name": "add", "arguments": '{"a": 1}'}}
    >>> print(message_text({"role": "assistant", "content": "Let me add.", "tool_calls": [call]}))
    Let me add.
    [calls add({"a": 1})]
    """
    calls = [f"[{line}]" for line in _call_lines(message)]
    return "\n".join(part for part in (_content(message), *calls) if part)


def message_markdown(message: Mapping[str, Any]) -> str:
    """The same as inert Markdown, with the calls in italics.

    Examples
    --------
    >>> message_markdown({"type": "function_call", "name": "now", "arguments": "{}"})
    '*calls now&#40;{}&#41;*'
    """
    calls = [f"*{literal(line)}*" for line in _call_lines(message)]
    return "\n\n".join(part for part in (inert_markdown(_content(message)), *calls) if part)


def shown(content: Content) -> str:
    """Content as text for display: images by type, not by content.

    Examples
    --------
    >>> image = {"type": "image_url", "image_url": {"url": "data:image/png;base64,iVBORw0KGgo="}}
    >>> print(shown([{"type": "text", "text": "What is this?"}, image]))
    What is this?
    [image_url: data:image/png;base64, 34 characters]
    """
    return content if isinstance(content, str) else "\n".join(map(_part, content))


def _content(message: Mapping[str, Any]) -> str:
    text = shown(message.get("content") or message.get("output") or "")
    return _short(text) if message_role(message) == "tool" else text


def _call_lines(message: Mapping[str, Any]) -> Iterator[str]:
    calls = [call["function"] for call in message.get("tool_calls") or ()]
    if message.get("type") == "function_call":
        calls.append(message)
    for call in calls:
        yield "calls " + _short(exposed(f"{call['name']}({call['arguments']})").replace("\n", "␊"))


def _short(text: str) -> str:
    if len(text) <= _CALL_SHOWN:
        return text
    return f"{text[:_CALL_SHOWN]}… ({len(text):,} characters)"


def _part(part: ContentPart) -> str:
    kind = part.get("type")
    if kind == "text":
        return str(part.get("text"))
    value = image_url(part) or part.get(str(kind))
    text = value if isinstance(value, str) else json.dumps(value)
    if len(text) <= _PART_SHOWN and not text.startswith("data:"):
        return f"[{kind}: {text}]"
    return f"[{kind}: {text.partition(',')[0][:_PART_SHOWN]}, {len(text):,} characters]"
