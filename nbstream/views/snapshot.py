"""The state of a reply as JSON: for the live view, for the saved output, and for its provenance.

The saved output holds what is the same from run to run; what varies (timings, token counts, ids) goes to
the output's metadata, so that notebook diffs and nbval compare answers and nothing else.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Any

from nbstream.errors import NbstreamError
from nbstream.events import Continued
from nbstream.state import ReplyState

__all__ = ["REPLY_MIMETYPE", "About", "meta_of", "provenance", "saved_reply", "snapshot"]

REPLY_MIMETYPE = "application/vnd.nbstream.reply+json"
VERSION = 1

_QUIET = frozenset(
    {"missing_done", "no_finish_reason", "trailing_data", "wrong_content_type", "unknown_event"}
)


@dataclass(frozen=True, slots=True)
class About:
    """What is known of a reply besides its events.

    Parameters
    ----------
    params
        Parameters of the request.
    earlier
        Earlier versions of the same turn, oldest first, as `saved_version` gives them.
    """

    params: Mapping[str, Any] = field(default_factory=dict)
    earlier: Sequence[Mapping[str, Any]] = ()


def snapshot(state: ReplyState, elapsed: float) -> dict[str, Any]:
    """Everything that a view needs to draw the reply from nothing."""
    return {
        "v": VERSION,
        "id": state.id,
        "seq": state.seq,
        "status": state.status,
        "text": state.text,
        "reasoning": state.reasoning,
        "meta": meta_of(state, elapsed),
    }


def meta_of(state: ReplyState, elapsed: float) -> dict[str, Any]:
    """Everything about a reply that is not its text."""
    route, timings = state.route, state.timings
    return {
        "model": state.model or (route.model if route else None),
        "provider": route.provider if route else None,
        "host": route.host if route else None,
        "demo": bool(route and route.demo),
        "elapsed": round(elapsed, 3),
        **timings.as_dict(),
        "usage": state.usage.as_dict() if state.usage else None,
        "finish_reason": state.finish_reason,
        "notices": _notices(state),
        "error": _error(state.error),
        "retrying": _retrying(state),
    }


def saved_reply(state: ReplyState) -> dict[str, Any]:
    """The part of a finished reply that is saved as output data."""
    return {
        "v": VERSION,
        "status": state.status,
        "text": state.text,
        "reasoning": state.reasoning,
        "finish_reason": state.finish_reason,
        "notices": _notices(state),
        "error": _error(state.error),
        "demo": bool(state.route and state.route.demo),
    }


def saved_version(state: ReplyState, about: About) -> dict[str, Any]:
    """A reply as later versions of its turn keep it in their metadata."""
    return {"reply": saved_reply(state), "nbstream": provenance(state, replace(about, earlier=()))}


def provenance(state: ReplyState, about: About) -> dict[str, Any]:
    """Where the answer comes from: saved in the output's metadata. Holds no key."""
    route = state.route
    return {
        "id": state.id,
        "model": route.model if route else None,
        "model_resolved": state.model,
        "provider": route.provider if route else None,
        "host": route.host if route else None,
        "why": route.why if route else None,
        "params": dict(about.params),
        "prompt_hash": route.prompt_hash if route else None,
        "usage": state.usage.as_dict() if state.usage else None,
        "timings": state.timings.as_dict(),
        "finish_reason": state.finish_reason,
        "request_id": state.request_id,
        "response_id": state.response_id,
        "created": datetime.now(UTC).isoformat(timespec="seconds"),
        "versions": list(about.earlier),
    }


def _notices(state: ReplyState) -> list[dict[str, str]]:
    notices = [{"kind": w.kind, "text": w.text} for w in state.warnings if w.kind not in _QUIET]
    left_out = state.route.left_out if state.route else 0
    if left_out:
        turns = "turn was" if left_out == 1 else f"{left_out} turns were"
        text = f"The oldest {turns} left out to fit the context's limit."
        notices.append({"kind": "context", "text": text})
    return notices + [{"kind": "continued", "text": _seam(seam)} for seam in state.seams]


def _seam(seam: Continued) -> str:
    where = f"The connection broke after {seam.offset:,} characters"
    match seam.way:
        case "prefix":
            return f"{where}; a second request continued the answer from there."
        case "resume":
            return f"{where}; the same answer was resumed from there."
        case "restart":
            return f"{where}; this is a fresh answer."


def _error(error: NbstreamError | None) -> dict[str, str] | None:
    if error is None:
        return None
    return {
        "kind": error.kind,
        "type": type(error).__name__,
        "message": error.message,
        "advice": error.advice,
    }


def _retrying(state: ReplyState) -> dict[str, Any] | None:
    retry = state.retrying
    if retry is None:
        return None
    return {"attempt": retry.attempt, "attempts": retry.attempts, "wait": retry.wait, "reason": retry.reason}
