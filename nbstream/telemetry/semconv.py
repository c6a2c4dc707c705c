"""Names of OpenTelemetry's semantic conventions for generative AI, as of their registry in November 2026.

The conventions are in development. What a model reads and writes has names there as well, and is left out on
purpose: a trace is kept where a conversation has no business to be.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from nbstream.recording.state import ReplyState
from nbstream.types.events import (
    ChunkSkipped,
    Identified,
    ReasoningDelta,
    RefusalDelta,
    StreamEvent,
    TextDelta,
    ToolCallDelta,
    UsageReported,
)

__all__ = ["Attributes", "first_chunk", "request_attributes", "response_attributes"]

Attributes = dict[str, str | int | float | bool | list[str]]

_PROVIDERS = {"azure": "azure.ai.openai", "gemini": "gcp.gemini", "mistral": "mistral_ai"}
_PARAMS: dict[str, tuple[str, type]] = {
    "frequency_penalty": ("gen_ai.request.frequency_penalty", float),
    "max_completion_tokens": ("gen_ai.request.max_tokens", int),
    "max_tokens": ("gen_ai.request.max_tokens", int),
    "n": ("gen_ai.request.choice.count", int),
    "presence_penalty": ("gen_ai.request.presence_penalty", float),
    "reasoning_effort": ("gen_ai.request.reasoning.level", str),
    "seed": ("gen_ai.request.seed", int),
    "temperature": ("gen_ai.request.temperature", float),
    "top_k": ("gen_ai.request.top_k", int),
    "top_p": ("gen_ai.request.top_p", float),
}
_OF_A_CHUNK = (
    ChunkSkipped,
    Identified,
    ReasoningDelta,
    RefusalDelta,
    TextDelta,
    ToolCallDelta,
    UsageReported,
)


def request_attributes(provider: str, model: str, params: Mapping[str, Any]) -> Attributes:
    """What is known when a request is sent.

    Examples
    --------
    >>> request_attributes("mistral", "mistral-small-latest", {"temperature": 0, "tools": []})
    {'gen_ai.operation.name': 'chat', 'gen_ai.provider.name': 'mistral_ai', \
'gen_ai.request.model': 'mistral-small-latest', 'gen_ai.request.temperature': 0.0}
    """
    found: Attributes = {
        "gen_ai.operation.name": "chat",
        "gen_ai.provider.name": _PROVIDERS.get(provider, provider or "unknown"),
        "gen_ai.request.model": model,
    }
    for name, (attribute, kind) in _PARAMS.items():
        value = params.get(name)
        if isinstance(value, int | float if kind is float else kind) and not isinstance(value, bool):
            found[attribute] = kind(value)
    return found


def response_attributes(state: ReplyState, first_chunk: float | None) -> Attributes:
    """What is known when an answer has ended.

    Parameters
    ----------
    state
        What the answer's events add up to.
    first_chunk
        Seconds from the request to the first chunk; None where none came.

    Examples
    --------
    >>> from nbstream.types.events import Finished, Identified
    >>> state = ReplyState()
    >>> state.apply(Identified(0.4, "m-2026", "id-1"))
    >>> state.apply(Finished(0.5, "stop"))
    >>> response_attributes(state, 0.4)
    {'gen_ai.response.model': 'm-2026', 'gen_ai.response.id': 'id-1', \
'gen_ai.response.finish_reasons': ['stop'], 'gen_ai.response.time_to_first_chunk': 0.4}
    """
    usage = state.usage
    values = {
        "gen_ai.response.model": state.model,
        "gen_ai.response.id": state.response_id,
        "gen_ai.response.finish_reasons": [state.finish_reason] if state.finish_reason else None,
        "gen_ai.response.time_to_first_chunk": first_chunk,
        "gen_ai.usage.input_tokens": usage.input if usage else None,
        "gen_ai.usage.output_tokens": usage.output if usage else None,
        "gen_ai.usage.cache_read.input_tokens": usage.cached if usage else None,
        "gen_ai.usage.reasoning.output_tokens": usage.reasoning if usage else None,
    }
    return {name: value for name, value in values.items() if value is not None}


def first_chunk(events: Iterable[StreamEvent]) -> float | None:
    """When the first chunk came, in seconds since the request; None where none did."""
    return next((event.at for event in events if isinstance(event, _OF_A_CHUNK)), None)
