"""A reply as JSON-compatible data, for files and tables."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from nbstream._util.redaction import Redactor
from nbstream.errors import NbstreamError
from nbstream.recording.reply_info import ReplyInfo
from nbstream.recording.state import ReplyState

__all__ = ["reply_data"]

_redact = Redactor()


def reply_data(state: ReplyState, about: ReplyInfo) -> dict[str, Any]:
    """What a reply says, where it comes from and what it took. Keys in its parameters are left out."""
    route = state.route
    return {
        "id": state.id,
        "created": about.created,
        "status": state.status,
        "text": state.text,
        "reasoning": state.reasoning,
        "finish_reason": state.finish_reason,
        "model": state.model or (route.model if route else None),
        "provider": route.provider if route else None,
        "host": route.host if route else None,
        "params": _redact.within(about.params),
        "usage": state.usage.as_dict() if state.usage else None,
        "cost": float(state.usage.cost) if state.usage and state.usage.cost is not None else None,
        "timings": state.timings.as_dict(),
        "tool_calls": [_call(state, index) for index in sorted(state.tool_calls)],
        "images": [image.url for image in state.images],
        "citations": [asdict(citation) for citation in state.citations],
        "warnings": [{"kind": warning.kind, "text": warning.text} for warning in state.warnings],
        "error": _error(state.error),
        "rating": state.rating.as_dict() if state.rating else None,
        "request_id": state.request_id,
        "response_id": state.response_id,
    }


def _call(state: ReplyState, index: int) -> dict[str, Any]:
    call = state.tool_calls[index]
    fields = ("id", "name", "arguments", "state", "result")
    return {name: getattr(call, name) for name in fields}


def _error(error: NbstreamError | None) -> dict[str, Any] | None:
    if error is None:
        return None
    return {
        "type": type(error).__name__,
        "kind": error.kind,
        "message": error.message,
        "advice": error.advice,
        "status": error.status,
    }
