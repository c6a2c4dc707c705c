"""Message fields that the API expects back when a message calls tools.

DeepSeek rejects a request without the reasoning of such a message; OpenRouter and others sign it. The
reasoning itself is kept once, as deltas; only its field name is kept here.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

__all__ = ["REASONING_FIELDS", "ReturnedFields"]

REASONING_FIELDS = ("reasoning_content", "reasoning", "thinking", "reasoning_text")
_OPAQUE = ("reasoning_details", "thinking_blocks", "extra_content", "provider_specific_fields")
_FRAGMENTS = ("text", "summary", "thinking", "data", "signature")


class ReturnedFields:
    """Fields of deltas besides text and calls.

    Attributes
    ----------
    reasoning_field : str or None
        Field name of the reasoning.

    Examples
    --------
    >>> fields = ReturnedFields()
    >>> fields.take({"reasoning_content": "Hm", "reasoning_details": [{"index": 0, "text": "H"}]})
    >>> fields.take({"reasoning_details": [{"index": 0, "text": "m", "signature": "s"}]})
    >>> fields.reasoning_field, fields.extra()
    ('reasoning_content', {'reasoning_details': [{'index': 0, 'text': 'Hm', 'signature': 's'}]})
    """

    def __init__(self) -> None:
        self.reasoning_field: str | None = None
        self._extra: dict[str, Any] = {}

    def take(self, delta: Mapping[str, Any]) -> None:
        """Note the fields of a delta."""
        if self.reasoning_field is None:
            named = (name for name in REASONING_FIELDS if isinstance(delta.get(name), str) and delta[name])
            self.reasoning_field = next(named, None)
        for name in _OPAQUE:
            if delta.get(name):
                self._extra[name] = _joined(self._extra.get(name), delta[name])

    def extra(self) -> dict[str, Any] | None:
        """The other fields; None where there are none."""
        return self._extra or None


def _joined(before: Any, more: Any) -> Any:
    """Lists are extended, objects updated, all other values replaced."""
    if isinstance(before, list) and isinstance(more, list):
        joined = list(before)
        for item in more:
            if joined and _continues(joined[-1], item):
                joined[-1] = _with_fragments(joined[-1], item)
            else:
                joined.append(item)
        return joined
    if isinstance(before, Mapping) and isinstance(more, Mapping):
        return {**before, **more}
    return more


def _continues(item: Any, more: Any) -> bool:
    """Whether an element is the next fragment of the one before."""
    both = isinstance(item, Mapping) and isinstance(more, Mapping)
    return both and "index" in more and all(item.get(key) == more.get(key) for key in ("index", "type"))


def _with_fragments(item: Mapping[str, Any], more: Mapping[str, Any]) -> dict[str, Any]:
    joined = dict(item)
    for name, value in more.items():
        text = joined.get(name)
        is_fragment = name in _FRAGMENTS and isinstance(text, str) and isinstance(value, str)
        joined[name] = f"{text}{value}" if is_fragment else value
    return joined
