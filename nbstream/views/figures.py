"""The figures below an answer: model, timings, token counts and an unusual end, in one line.

The page shows the same line (`js/reply/figures.ts`); `tests/fixtures/figures.json` keeps the two the same.
"""

from __future__ import annotations

from collections.abc import Mapping
from decimal import ROUND_HALF_UP, Decimal
from math import floor
from typing import Any

from nbstream.cost.prices import price_text
from nbstream.recording.state import ReplyState
from nbstream.views.snapshot import meta_of

__all__ = ["figures", "footer"]

_FINISH_REASONS = {
    "length": "cut off by the token limit",
    "content_filter": "ended by the content filter",
    "tool_calls": "asks for a tool call",
    "function_call": "asks for a tool call",
}
# Higher rates have no decimals: 9.97 would become "10.0".
_WHOLE_RATES = 9.95


def footer(state: ReplyState) -> str:
    """The figures of a reply.

    Examples
    --------
    >>> from nbstream.types.events import Finished, Routed, TextDelta
    >>> state = ReplyState()
    >>> for event in (Routed(0.0, "m", "p", "h", why="-m"), TextDelta(0.5, "Hi"), Finished(0.6, "stop")):
    ...     state.apply(event)
    >>> footer(state)
    'm · 0.50 s to first token'
    """
    return figures(meta_of(state, 0.0))


def figures(meta: Mapping[str, Any]) -> str:
    """The figures of the data that a page receives (`meta_of`).

    Examples
    --------
    >>> figures({"model": "m", "ttft": 0.5, "usage": {"input": 7, "output": 41}, "finish_reason": "length"})
    'm · 0.50 s to first token · 41 tokens (7 in) · cut off by the token limit'
    """
    demo = "demo — scripted, no model" if meta.get("demo") else None
    usage = meta.get("usage") or {}
    parts = (
        *(demo, meta.get("badge"), meta.get("model")),
        *(_first_token(meta), _rate(meta.get("tokens_per_second"), usage)),
        *(_tokens(usage), _price(usage), _unusual_end(meta), _samples(meta.get("samples"))),
    )
    return " · ".join(part for part in parts if part)


def _first_token(meta: Mapping[str, Any]) -> str | None:
    ttft = meta.get("ttft")
    if ttft is None:
        return None
    return f"{_fixed(ttft, 2)} s{', not streamed' if meta.get('whole') else ' to first token'}"


def _rate(rate: float | None, usage: Mapping[str, int | None]) -> str | None:
    """Tokens per second; ≈ if they were estimated."""
    if rate is None:
        return None
    estimated = "" if usage.get("output") else "≈"
    number = _fixed(rate, 1) if rate < _WHOLE_RATES else f"{floor(rate + 0.5):,}"
    return f"{estimated}{number} tok/s"


def _tokens(usage: Mapping[str, int | None]) -> str | None:
    sent, received, total = usage.get("input"), usage.get("output"), usage.get("total")
    if received is not None:
        return _count(received) if sent is None else f"{_count(received)} ({sent:,} in)"
    return None if total is None else f"{_count(total)} total"


def _samples(samples: Mapping[str, Any] | None) -> str | None:
    """The answers that were requested together, with the sum of their tokens."""
    if not samples:
        return None
    usage = samples.get("usage") or {}
    return ", ".join(part for part in (samples["text"], _tokens(usage), _price(usage)) if part)


def _price(usage: Mapping[str, float | None]) -> str | None:
    """The price in US dollars, where there is one to pay."""
    cost = usage.get("cost")
    return price_text(Decimal(cost)) if cost else None


def _count(tokens: int) -> str:
    return f"{tokens:,} {'token' if tokens == 1 else 'tokens'}"


def _unusual_end(meta: Mapping[str, Any]) -> str | None:
    """What the finish reason means, unless a notice states it already."""
    reason = meta.get("finish_reason")
    kinds = {notice["kind"] for notice in meta.get("notices", ())}
    if reason is None or reason == "stop" or reason in kinds:
        return None
    return _FINISH_REASONS.get(reason, f"finish reason: {reason}")


def _fixed(value: float, decimals: int) -> str:
    """Like JavaScript's `toFixed`: a tie is rounded up, where Python's formats choose the even digit."""
    return str(Decimal(value).quantize(Decimal(1).scaleb(-decimals), ROUND_HALF_UP))
