"""Chunks of the Chat Completions API, as a stream brings them, and the answers they make."""

from __future__ import annotations

from typing import Any

from tests.loopback.responses import Piece, sse_response
from tests.loopback.steps import Step


def delta(text: str) -> dict[str, Any]:
    """A chunk with a piece of the answer."""
    return {"choices": [{"index": 0, "delta": {"content": text}, "finish_reason": None}]}


def end(reason: str) -> dict[str, Any]:
    """The chunk that says why the answer is over."""
    return {"choices": [{"index": 0, "delta": {}, "finish_reason": reason}]}


def call(name: str, arguments: str) -> dict[str, Any]:
    """A chunk with the whole call of a tool, which ends the answer."""
    function = {"name": name, "arguments": arguments}
    calls = [{"index": 0, "id": "call-1", "type": "function", "function": function}]
    return {"choices": [{"index": 0, "delta": {"tool_calls": calls}, "finish_reason": "tool_calls"}]}


STOP = end("stop")
END: list[Piece] = [STOP, "[DONE]"]


def says(*texts: str) -> list[Step]:
    """A whole answer, in these pieces."""
    return sse_response([*map(delta, texts), *END])
