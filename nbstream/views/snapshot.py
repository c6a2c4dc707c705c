"""The state of a reply as JSON: for the live view, for the saved output, and for its provenance.

The saved output holds what is the same from run to run; what varies (timings, token counts, ids) goes to
the output's metadata, so that notebook diffs and nbval compare answers and nothing else.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from nbstream._util.redaction import Redactor
from nbstream.errors import NbstreamError
from nbstream.recording.reply_info import ReplyInfo
from nbstream.recording.sample_group import SampleGroup
from nbstream.recording.state import ReplyState
from nbstream.types.attachments import Attachment
from nbstream.types.events import Continued, Warned
from nbstream.types.logprobs import Logprobs
from nbstream.views.beside import attachment_rows, citation_rows, image_urls, images_left_out
from nbstream.views.call_text import argument_lines
from nbstream.views.shown_text import ShownText

__all__ = [
    "REPLY_MIMETYPE",
    "ReplyInfo",
    "found_server",
    "meta_of",
    "prompt_row",
    "provenance",
    "rating_row",
    "saved_reply",
    "snapshot",
    "tool_rows",
]

REPLY_MIMETYPE = "application/vnd.nbstream.reply+json"
VERSION = 1
_SHOWN_CHARS = 10_000
_PROMPT_CHARS = 20_000
# Enough to distinguish prompts: a collision has a chance of one in four billion.
_HASH_DIGITS = 16

_redact = Redactor()

# Recorded in the reply, but not shown. `tests/fixtures/notices.json` lists how every kind is shown.
_QUIET = frozenset(
    {
        "missing_done",
        "end_not_awaited",
        "no_finish_reason",
        "trailing_data",
        "wrong_content_type",
        "unknown_event",
    }
)


def snapshot(
    state: ReplyState,
    elapsed: float,
    *,
    raised: bool = False,
    attachments: Sequence[Attachment] = (),
    group: SampleGroup | None = None,
) -> dict[str, Any]:
    """Everything that a view needs to render the reply; the options as of `ReplyInfo`."""
    shown = ShownText(state)
    return {
        "v": VERSION,
        "id": state.id,
        "seq": state.seq,
        "status": state.status,
        "text": str(shown.log),
        "reasoning": state.reasoning,
        "tools": tool_rows(state),
        "meta": meta_of(state, elapsed, raised=raised, group=group),
        **_data(shown),
        **_beside(state, attachments),
    }


def tool_rows(state: ReplyState) -> list[dict[str, Any]]:
    """Tool calls, in order, with long results shortened for display.

    `shown` are the parsed arguments as names and texts; None until they have been
    checked.
    """
    return [
        {
            "id": call.id or f"call-{index}",
            "name": call.name or "",
            "arguments": call.arguments,
            "state": call.state,
            "result": None if call.result is None else _cut(call.result),
            "shown": None if call.parsed is None else argument_lines(call.parsed),
        }
        for index, call in sorted(state.tool_calls.items())
    ]


def meta_of(
    state: ReplyState, elapsed: float, *, raised: bool = False, group: SampleGroup | None = None
) -> dict[str, Any]:
    """All data of a reply except its text; the options as of `ReplyInfo`."""
    route, timings = state.route, state.timings
    return {
        "model": state.model or (route.model if route else None),
        "provider": route.provider if route else None,
        "host": route.host if route else None,
        "demo": bool(route and route.demo),
        "badge": route.badge if route else "",
        "loading": route.loading if route and state.status == "submitted" else "",
        "elapsed": round(elapsed, 3),
        **timings.as_dict(),
        "usage": state.usage.as_dict() if state.usage else None,
        "finish_reason": state.finish_reason,
        "notices": _notices(state),
        "error": _error(state.error, raised=raised),
        "retrying": _retrying(state),
        "continuable": state.continuable,
        **_samples(group),
        **_whole(state),
        **({"rating": rating_row(state)} if state.rating else {}),
    }


def rating_row(state: ReplyState) -> dict[str, Any] | None:
    """The reader's rating as JSON, without secrets; None if there is none."""
    return _redact.within(state.rating.as_dict()) if state.rating else None


def prompt_row(state: ReplyState) -> dict[str, str] | None:
    """The filled prompt as JSON: its variables in a line, and its text, shortened for display."""
    if state.prompt is None or not state.prompt.filled:
        return None
    text = state.prompt.text
    cut = text if len(text) <= _PROMPT_CHARS else text[:_PROMPT_CHARS] + "…"
    return {"filled": state.prompt.summary, "text": _redact(cut)}


def saved_reply(
    state: ReplyState,
    *,
    raised: bool = False,
    stale: bool = False,
    attachments: Sequence[Attachment] = (),
) -> dict[str, Any]:
    """The part of a finished reply that is saved as output data; the options as of `ReplyInfo`."""
    shown = ShownText(state)
    calls = [{name: row[name] for name in row if name not in {"id", "shown"}} for row in tool_rows(state)]
    return {
        "v": VERSION,
        "status": state.status,
        "text": str(shown.log),
        "reasoning": state.reasoning,
        "finish_reason": state.finish_reason,
        "notices": _notices(state),
        "error": _error(state.error, raised=raised),
        "demo": bool(state.route and state.route.demo),
        **({"badge": state.route.badge} if state.route and state.route.badge else {}),
        **({"tools": calls} if calls else {}),
        **({"stale": True} if stale else {}),
        **{name: value for name, value in _data(shown).items() if name != "open"},
        **_beside(state, attachments),
    }


def saved_version(state: ReplyState, about: ReplyInfo) -> dict[str, Any]:
    """A reply as JSON with all its data: for other versions of its turn, and for files."""
    return {"reply": saved_reply(state), "nbstream": provenance(state, replace(about, others=()))}


def provenance(state: ReplyState, about: ReplyInfo) -> dict[str, Any]:
    """The provenance of the answer, saved in the output's metadata. Contains no key."""
    route = state.route
    return {
        "id": state.id,
        "model": route.model if route else None,
        "model_resolved": state.model,
        "provider": route.provider if route else None,
        "host": route.host if route else None,
        "why": route.why if route else None,
        # A provider-specific field may contain a key.
        "params": _redact.within(about.params),
        "prompt_hash": route.prompt_hash[:_HASH_DIGITS] if route else None,
        "usage": state.usage.as_dict() if state.usage else None,
        "timings": state.timings.as_dict(),
        "continuable": state.continuable,
        "request_id": state.request_id,
        "response_id": state.response_id,
        "created": about.created,
        "version": about.version,
        "rating": rating_row(state),
        "versions": list(about.others),
        **_samples(about.group),
        **({"tokens": Logprobs(state.tokens).rows} if state.tokens else {}),
        **_whole(state),
    }


def _samples(group: SampleGroup | None) -> dict[str, Any]:
    """The numbers of the answers that were requested together."""
    return {"samples": group.as_json()} if group else {}


def _whole(state: ReplyState) -> dict[str, bool]:
    """The mark of an answer whose request did not ask for a stream."""
    return {} if state.route is None or state.route.streamed else {"whole": True}


def found_server(state: ReplyState) -> str:
    """Notice that the prompt goes to a discovered server; empty for other servers."""
    route = state.route
    if route is None or not route.discovered:
        return ""
    return f"Nothing is configured: {route.provider} was found at {route.host} (-m chooses another)."


def _data(shown: ShownText) -> dict[str, Any]:
    """Of shown data: the JSON, the value that is still open, and whether it is an object."""
    found = {
        "json": str(shown.json) if shown.json else "",
        "open": shown.open,
        "tree": shown.is_tree,
    }
    return {name: value for name, value in found.items() if value}


def _beside(state: ReplyState, attachments: Sequence[Attachment]) -> dict[str, Any]:
    """Images and sources of the answer, attachments and variables of the prompt, if there are any."""
    found = {
        "images": image_urls(state),
        "citations": citation_rows(state),
        "attachments": attachment_rows(attachments),
        "prompt": prompt_row(state),
    }
    return {name: value for name, value in found.items() if value}


def _notices(state: ReplyState) -> list[dict[str, str]]:
    found = found_server(state)
    notices = [{"kind": "found", "text": found}] if found else []
    notices += [{"kind": w.kind, "text": _advised(w, state)} for w in state.warnings if w.kind not in _QUIET]
    left_out_images = images_left_out(state)
    notices += [{"kind": "images", "text": left_out_images}] if left_out_images else []
    left_out = state.route.left_out if state.route else 0
    if left_out:
        turns = "turn was" if left_out == 1 else f"{left_out} turns were"
        text = f"The oldest {turns} left out to fit the context's limit."
        notices.append({"kind": "context", "text": text})
    return notices + [{"kind": "continued", "text": _seam(seam)} for seam in state.seams]


def _advised(warning: Warned, state: ReplyState) -> str:
    """The text of a warning, with the advice to continue if possible."""
    if warning.kind == "length" and state.continuable:
        return f"{warning.text} Continue (%chat continue) requests the rest."
    return warning.text


def _cut(text: str) -> str:
    return text if len(text) <= _SHOWN_CHARS else text[:_SHOWN_CHARS] + "…"


def _seam(seam: Continued) -> str:
    where = f"The answer was cut off after {seam.offset:,} characters"
    match seam.way:
        case "prefix":
            return f"{where}; a second request continued it."
        case "resume":
            return f"{where}; the same stream was resumed."
        case "restart":
            return f"{where}; this is a new answer."


def _error(error: NbstreamError | None, *, raised: bool) -> dict[str, Any] | None:
    if error is None:
        return None
    return {
        "kind": error.kind,
        "type": type(error).__name__,
        "message": error.message,
        "advice": error.advice,
        **({"raised": True} if raised else {}),
    }


def _retrying(state: ReplyState) -> dict[str, Any] | None:
    retry = state.retrying
    if retry is None:
        return None
    return {"attempt": retry.attempt, "attempts": retry.attempts, "wait": retry.wait, "reason": retry.reason}
