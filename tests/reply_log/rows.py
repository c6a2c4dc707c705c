"""Rows of a log."""

from __future__ import annotations

from typing import Any

EMPTY = (
    *("cell", "provider", "finish_reason", "input_tokens", "output_tokens", "cached_tokens", "cost"),
    *("ttft", "duration", "tokens_per_second", "rating", "saved"),
)


def row(prompt: str = "Hello", text: str = "Hi.", **others: Any) -> dict[str, Any]:
    """The columns of a reply; its id is the prompt, unless it is given."""
    empty = dict.fromkeys(EMPTY)
    return {
        **empty,
        "id": prompt,
        "time": "2026-11-30T12:00:00Z",
        "chat": "main",
        "model": "m-1",
        "prompt_hash": "",
        "params": "{}",
        "status": "finished",
        "note": "",
        "error": "",
        "prompt": prompt,
        "text": text,
        **others,
    }
