"""The events of a reply as server-sent events of ``chat.completion.chunk`` objects.

One format for all readers: what `POST /chat` streams can be read by whatever reads OpenAI's streams.
"""

from __future__ import annotations

import json
import time
from typing import Any

from fastapi.sse import format_sse_event

from nbstream.events import (
    Failed,
    Finished,
    ReasoningDelta,
    RefusalDelta,
    Stopped,
    StreamEvent,
    TextDelta,
    ToolCallDelta,
    UsageReported,
)
from nbstream.redaction import Redactor
from nbstream.relay.problems import error_body
from nbstream.usage import Usage

__all__ = ["ChunkEncoder", "usage_object"]

DONE = "[DONE]"


class ChunkEncoder:
    """Encodes one answer. Every event gets the id ``RUN:N``, with N counted from 1.

    Parameters
    ----------
    run
        Id of the answer.
    model
        Name of the model, as clients know it.
    include_usage
        Whether the token counts come as a last chunk of their own.

    Examples
    --------
    >>> encoder = ChunkEncoder("r1", "prototype")
    >>> [text] = encoder.encode(TextDelta(0.1, "Hello"))
    >>> text.decode().splitlines()[1]
    'id: r1:1'
    """

    def __init__(self, run: str, model: str, *, include_usage: bool = True) -> None:
        self._run = run
        self._number = 0
        self._include_usage = include_usage
        self._usage: Usage | None = None
        self._redact = Redactor()
        self._common = {
            "id": f"chatcmpl-{run}",
            "object": "chat.completion.chunk",
            "created": int(time.time()),
            "model": model,
        }

    def start(self) -> list[bytes]:
        """The first chunk, which only says who speaks; it brings the id of the run to the reader at once."""
        return [self._chunk({"role": "assistant", "content": ""})]

    def encode(self, event: StreamEvent) -> list[bytes]:
        """What an event of the reply says to a reader; nothing where it is no business of theirs."""
        match event:
            case Finished(reason=reason):
                return self._end(reason)
            case Stopped():
                return [self.error("The answer was stopped.", "stopped")]
            case Failed(error=error):
                return [self.error(self._redact(error.message), error.kind)]
            case UsageReported(usage=usage):
                self._usage = usage
        delta = _delta(event)
        return [self._chunk(delta)] if delta else []

    def error(self, message: str, kind: str) -> bytes:
        """An error in place of a chunk; nothing comes after it."""
        return self._event(error_body(message, kind))

    def _end(self, reason: str | None) -> list[bytes]:
        ends = [self._chunk({}, reason or "stop")]
        if self._include_usage and self._usage is not None:
            ends.append(self._event({**self._common, "choices": [], "usage": usage_object(self._usage)}))
        return [*ends, self._event(DONE)]

    def _chunk(self, delta: dict[str, Any], finish_reason: str | None = None) -> bytes:
        choice = {"index": 0, "delta": delta, "finish_reason": finish_reason}
        return self._event({**self._common, "choices": [choice]})

    def _event(self, data: dict[str, Any] | str) -> bytes:
        self._number += 1
        text = data if isinstance(data, str) else json.dumps(data, separators=(",", ":"))
        return format_sse_event(data_str=text, id=f"{self._run}:{self._number}")


def usage_object(usage: Usage) -> dict[str, Any]:
    """Token counts as the API's ``usage`` object; a count that is not known is left out."""
    known: dict[str, Any] = {
        "prompt_tokens": usage.input,
        "completion_tokens": usage.output,
        "total_tokens": usage.total,
        "prompt_tokens_details": None if usage.cached is None else {"cached_tokens": usage.cached},
        "completion_tokens_details": None
        if usage.reasoning is None
        else {"reasoning_tokens": usage.reasoning},
    }
    return {name: value for name, value in known.items() if value is not None}


def _delta(event: StreamEvent) -> dict[str, Any] | None:
    """The delta of the first choice that an event brings; other choices are not relayed."""
    match event:
        case TextDelta(text=text, choice=0):
            return {"content": text}
        case ReasoningDelta(text=text, choice=0):
            return {"reasoning_content": text}
        case RefusalDelta(text=text, choice=0):
            return {"refusal": text}
        case ToolCallDelta(choice=0):
            return {"tool_calls": [_tool_call(event)]}
    return None


def _tool_call(event: ToolCallDelta) -> dict[str, Any]:
    function = {"arguments": event.arguments} | ({"name": event.name} if event.name else {})
    first = {"id": event.id, "type": "function"} if event.id else {}
    return {"index": event.index, **first, "function": function}
