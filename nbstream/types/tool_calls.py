"""Tool calls in an answer, and the requests that made them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from nbstream.types.events import ToolCallDelta, ToolState

__all__ = ["ROUND_SEPARATOR", "Round", "ToolCall"]

ROUND_SEPARATOR = "\n\n"
"""Separates the texts of two rounds of an answer."""


@dataclass(slots=True)
class ToolCall:
    """A tool call requested by the model.

    `arguments` is JSON text as the model wrote it, complete once its state changes; `parsed` are the
    parsed and checked arguments, None before that. `extra` holds other fields, which are sent back to the
    server.
    """

    id: str | None = None
    name: str | None = None
    arguments: str = ""
    state: ToolState = "writing"
    result: str | None = None
    extra: Mapping[str, Any] = field(default_factory=dict)
    parsed: Mapping[str, Any] | None = None

    def take(self, event: ToolCallDelta) -> None:
        """Append a fragment of the call."""
        self.id, self.name = event.id or self.id, event.name or self.name
        self.arguments += event.arguments
        if event.extra:
            self.extra = {**self.extra, **event.extra}


@dataclass(frozen=True, slots=True)
class Round:
    """The result of one request of an answer.

    Parameters
    ----------
    text, reasoning
        What the model wrote.
    calls
        Indices of its calls.
    reasoning_field, extra
        As in `nbstream.types.events.Finished`.
    """

    text: str = ""
    reasoning: str = ""
    calls: tuple[int, ...] = ()
    reasoning_field: str | None = None
    extra: Mapping[str, Any] = field(default_factory=dict)
