"""The events of a reply as server-sent events of ``chat.completion.chunk`` objects.

One format for all readers: any reader of OpenAI's streams can read `POST /chat`.
"""

from __future__ import annotations

import json
import logging
import time
from collections.abc import Callable
from typing import Any

from fastapi.sse import format_sse_event

from nbstream.relay.problems import FailureMessage, error_body, failure_message
from nbstream.types.content import image_part
from nbstream.types.events import (
    Cited,
    Continued,
    Failed,
    Finished,
    ImageReceived,
    Prefilled,
    ReasoningDelta,
    RefusalDelta,
    Stopped,
    StreamEvent,
    TextDelta,
    ToolStep,
)
from nbstream.types.usage import Usage

__all__ = ["ChunkEncoder", "usage_object"]

DONE = "[DONE]"

_log = logging.getLogger("nbstream.relay")

_NO_APPROVAL = (
    "The model called a tool that needs approval, which a relay cannot ask for. Serve a chat whose tools "
    "need none."
)


class ChunkEncoder:
    """Encodes one answer. Every event gets the id ``RUN:N``, with N counted from 1.

    Parameters
    ----------
    run
        Id of the answer.
    model
        Name of the model, as clients know it.
    usage
        Returns the token counts, sent as a separate last chunk; None for no such chunk.

    Attributes
    ----------
    ended : bool
        Whether the last event has been encoded.
    failure : FailureMessage or None
        The error, if there was one.

    Examples
    --------
    >>> encoder = ChunkEncoder("r1", "prototype")
    >>> [text] = encoder.encode(TextDelta(0.1, "Hello"))
    >>> text.decode().splitlines()[1]
    'id: r1:1'
    """

    def __init__(self, run: str, model: str, usage: Callable[[], Usage | None] | None = None) -> None:
        self.ended = False
        self.failure: FailureMessage | None = None
        self._run = run
        self._number = 0
        self._usage = usage
        self._common = {
            "id": f"chatcmpl-{run}",
            "object": "chat.completion.chunk",
            "created": int(time.time()),
            "model": model,
        }

    def start(self) -> list[bytes]:
        """The first chunk, with the role only; it delivers the run id immediately."""
        return [self._chunk({"role": "assistant", "content": ""})]

    def encode(self, event: StreamEvent) -> list[bytes]:
        """The chunks of a reply event; nothing for internal events."""
        match event:
            case Finished(reason=reason):
                return self._end(reason)
            case Stopped():
                return [self.error("The answer was stopped.", "stopped")]
            case Failed(error=error):
                _log.warning("An answer failed: %s", error)
                return [self.error(*failure_message(error))]
            case Continued(way="restart"):  # text that was sent cannot be taken back
                return [self.error("The connection to the model broke. Send the message again.", "truncated")]
            case ToolStep(state="asking"):
                return [self.error(_NO_APPROVAL, "bad_request")]
        delta = _delta(event)
        return [self._chunk(delta)] if delta else []

    def error(self, message: str, kind: str) -> bytes:
        """An error instead of a chunk; nothing follows it."""
        self.ended, self.failure = True, FailureMessage(message, kind)
        return self._event(error_body(message, kind))

    def _end(self, reason: str | None) -> list[bytes]:
        self.ended = True
        ends = [self._chunk({}, reason or "stop")]
        if self._usage and (usage := self._usage()):
            ends.append(self._event({**self._common, "choices": [], "usage": usage_object(usage)}))
        return [*ends, self._event(DONE)]

    def _chunk(self, delta: dict[str, Any], finish_reason: str | None = None) -> bytes:
        choice = {"index": 0, "delta": delta, "finish_reason": finish_reason}
        return self._event({**self._common, "choices": [choice]})

    def _event(self, data: dict[str, Any] | str) -> bytes:
        self._number += 1
        text = data if isinstance(data, str) else json.dumps(data, separators=(",", ":"))
        return format_sse_event(data_str=text, id=f"{self._run}:{self._number}")


def usage_object(usage: Usage) -> dict[str, Any]:
    """Token counts as the API's ``usage`` object; an unknown count is omitted."""
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
    """The delta of an event.

    Only the first choice is relayed. Tool calls are not: they are handled by the served chat.
    """
    match event:
        case TextDelta(text=text, choice=0) | Prefilled(text=text):
            return {"content": text}
        case ReasoningDelta(text=text, choice=0):
            return {"reasoning_content": text}
        case RefusalDelta(text=text, choice=0):
            return {"refusal": text}
        case ImageReceived(url=url):
            return {"images": [image_part(url)]}
        case Cited(url=url, title=title):
            citation = {"url": url, "title": title}
            return {"annotations": [{"type": "url_citation", "url_citation": citation}]}
    return None
