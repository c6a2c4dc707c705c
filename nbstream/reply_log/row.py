"""A reply as a row of the log, without secrets."""

from __future__ import annotations

import json
import zlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from nbstream._util.redaction import Redactor
from nbstream.recording.reply_info import ReplyInfo
from nbstream.recording.state import ReplyState
from nbstream.reply_log.entry import LogEntry
from nbstream.reply_log.store import Row
from nbstream.types.usage import Usage
from nbstream.views.beside import fit_images
from nbstream.views.snapshot import saved_version

__all__ = ["Question", "row_of", "saved_of"]

_HASH_DIGITS = 16
_IMAGE_CHARS = 500_000

_redact = Redactor()


@dataclass(frozen=True, slots=True)
class Question:
    """What was asked, and where.

    Parameters
    ----------
    prompt
        The new message as text.
    cell
        Number of the execution.
    chat
        Name of the chat.
    clean
        Masks secrets in a text, also those of the endpoint.
    """

    prompt: str
    cell: int | None
    chat: str
    clean: Callable[[str], str]


def row_of(state: ReplyState, about: ReplyInfo, question: Question) -> Row:
    """The columns of a reply."""

    def clean(text: str) -> str:
        return question.clean(text).encode("utf-8", "replace").decode()  # SQLite takes no lone surrogates

    route, usage, timings = state.route, state.usage or Usage(), state.timings
    rating, text = state.rating, clean(state.text)
    return {
        "id": state.id,
        "time": about.created,
        "cell": question.cell,
        "chat": question.chat,
        "model": state.model or (route.model if route else None),
        "provider": route.provider if route else None,
        "prompt_hash": route.prompt_hash[:_HASH_DIGITS] if route else "",
        "prompt": clean(question.prompt),
        "params": clean(json.dumps(_redact.within(about.params), ensure_ascii=False)),
        "status": state.status if state.ended else "unfinished",
        "finish_reason": state.finish_reason,
        "input_tokens": usage.input,
        "output_tokens": usage.output,
        "cached_tokens": usage.cached,
        "cost": None if usage.cost is None else str(usage.cost),
        "ttft": timings.ttft,
        "duration": timings.duration,
        "tokens_per_second": timings.tokens_per_second,
        "rating": rating.score if rating else None,
        "note": clean(rating.note) if rating else "",
        "error": clean(str(state.error)) if state.error else "",
        "text": text,
        "saved": _packed(state, about, text, clean) if state.ended else None,
    }


def saved_of(entry: LogEntry) -> Mapping[str, Any]:
    """What a saved output of a reply would hold, for the entry of a reply that has ended."""
    if entry.saved is None:
        about = {"id": entry.id, "model": entry.model, "provider": entry.provider}
        return {"reply": {"status": "stopped", "text": ""}, "nbstream": about}
    saved: Mapping[str, Any] = json.loads(zlib.decompress(entry.saved))
    return saved


def _packed(state: ReplyState, about: ReplyInfo, text: str, clean: Callable[[str], str]) -> bytes:
    """The saved form of a reply. Its text is left out, unless it is not the text of the answer."""
    saved = saved_version(state, about)
    fit_images(saved["reply"], _IMAGE_CHARS)
    own = saved["reply"]["text"]
    if own == state.text or clean(own) == text:
        del saved["reply"]["text"]
    return zlib.compress(clean(json.dumps(saved, ensure_ascii=False)).encode(), 1)
