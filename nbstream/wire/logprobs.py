"""Reads the probabilities of tokens from a choice of the chat completions API."""

from __future__ import annotations

import math
from typing import Any

from nbstream.types.logprobs import Alternative, TokenLogprob
from nbstream.wire.surrogates import without_halves

__all__ = ["scored_tokens"]

_LEAST = -9999.0
"""What servers send for a probability of 0, which has no logarithm in JSON."""
_MOST_TOP = 100


def scored_tokens(logprobs: object) -> tuple[TokenLogprob, ...]:
    """The tokens of ``choices[].logprobs``; those that cannot be read are left out.

    Examples
    --------
    >>> scored_tokens({"content": [{"token": "Hi", "logprob": -0.5, "bytes": [72, 105]}]})
    (TokenLogprob(token='Hi', logprob=-0.5, data=b'Hi', top=()),)
    >>> scored_tokens(None)
    ()
    """
    content = logprobs.get("content") if isinstance(logprobs, dict) else None
    if not isinstance(content, list):
        return ()
    return tuple(token for token in map(_token, content) if token is not None)


def _token(value: Any) -> TokenLogprob | None:
    scored = _alternative(value)
    if scored is None:
        return None
    listed = value.get("top_logprobs")
    top = map(_alternative, listed[:_MOST_TOP] if isinstance(listed, list) else ())
    others = tuple(other for other in top if other is not None)
    return TokenLogprob(scored.token, scored.logprob, _bytes(value.get("bytes")), others)


def _alternative(value: Any) -> Alternative | None:
    if not isinstance(value, dict) or not isinstance(value.get("token"), str):
        return None
    logprob = value.get("logprob")
    if logprob is None:
        logprob = _LEAST
    number = isinstance(logprob, int | float) and not isinstance(logprob, bool)
    if not number or (isinstance(logprob, float) and math.isnan(logprob)):
        return None
    return Alternative(without_halves(value["token"]), float(max(_LEAST, min(0.0, logprob))))


def _bytes(value: Any) -> bytes | None:
    try:
        return bytes(value) if isinstance(value, list) else None
    except (TypeError, ValueError):
        return None
