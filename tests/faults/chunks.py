"""Chunks and events to make cases of."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from nbstream.types.usage import Usage

DONE = b"data: [DONE]\n\n"


def event(value: Mapping[str, Any] | bytes) -> bytes:
    """An event of this data."""
    data = value if isinstance(value, bytes) else json.dumps(value).encode()
    return b"data: " + data + b"\n\n"


def delta(content: str | None = None, finish_reason: str | None = None, **more: Any) -> dict[str, Any]:
    """A chunk of the first choice."""
    said = {} if content is None else {"content": content}
    return {
        "id": "chatcmpl-1",
        "object": "chat.completion.chunk",
        "model": "m",
        "choices": [{"index": 0, "delta": said | more, "finish_reason": finish_reason}],
    }


def completion(content: str, finish_reason: str | None = "stop") -> dict[str, Any]:
    """A whole answer, as a server sends it that does not stream."""
    message = {"role": "assistant", "content": content}
    choice = {"index": 0, "message": message, "finish_reason": finish_reason}
    return {"id": "chatcmpl-1", "object": "chat.completion", "model": "m", "choices": [choice]}


def usage_chunk(usage: Usage) -> dict[str, Any]:
    """The chunk after the last, with token counts."""
    counts = {"prompt_tokens": usage.input, "completion_tokens": usage.output, "total_tokens": usage.total}
    return {"choices": [], "usage": counts}


HELLO, WORLD, STOP = event(delta("Hello")), event(delta(" world")), event(delta(finish_reason="stop"))
ANSWER = HELLO + WORLD + STOP + DONE
HALF = HELLO + WORLD
