"""How a schema is sent: the way that a server understands best, found by what it refuses."""

from __future__ import annotations

import json
import re
from collections.abc import AsyncGenerator, Callable, MutableMapping
from contextlib import aclosing
from dataclasses import dataclass, replace
from typing import Any

from nbstream.errors import NbstreamError, StatusError
from nbstream.structured.structure import Structure
from nbstream.types.events import Clock, Events, Failed, SchemaMode, SchemaRequested
from nbstream.types.messages import Message
from nbstream.types.request import ChatRequest

__all__ = ["KnownModes", "Ladder", "Send", "with_schema"]

Send = Callable[[ChatRequest], AsyncGenerator[Events, None]]
KnownModes = MutableMapping[tuple[str, str], SchemaMode]
"""The best way that each endpoint and model has accepted."""

_NEXT: dict[SchemaMode, SchemaMode] = {"json_schema": "json_object", "json_object": "instructions"}
_REFUSING = frozenset({400, 404, 415, 422, 500, 501})
_REFUSED = re.compile(
    r"response[_ ]?format|json_schema|json_object|text\.format|structured[ _]outputs?|\bgrammar\b",
    re.IGNORECASE,
)
_INVALID = re.compile(r"invalid schema|schema.{0,40}(invalid|not valid)", re.IGNORECASE)


def with_schema(request: ChatRequest, structure: Structure, mode: SchemaMode) -> ChatRequest:
    """The request that asks for an answer in this structure."""
    if mode == "json_schema":
        schema, strict = structure.sent_schema
        described = {"name": structure.name, "schema": schema, "strict": strict}
        return _with_format(request, {"type": "json_schema", "json_schema": described})
    request = replace(request, messages=_instructed(request.messages, structure))
    return _with_format(request, {"type": "json_object"}) if mode == "json_object" else request


@dataclass(frozen=True, slots=True)
class Ladder:
    """Sends requests with a schema, in another way where the server refuses the first.

    Parameters
    ----------
    structure
        The schema.
    known
        What was learned from earlier requests; extended here.
    endpoint
        Address of the API.
    show_text
        As of `SchemaRequested`.
    """

    structure: Structure
    known: KnownModes
    endpoint: str
    show_text: bool = False

    def mode(self, model: str) -> SchemaMode:
        """How a schema is sent to this model first."""
        return self.known.get((self.endpoint, model), "json_schema")

    def shaped(self, request: ChatRequest) -> ChatRequest:
        """The request as it is sent first."""
        return with_schema(request, self.structure, self.mode(request.model))

    def note_ignored(self, model: str) -> SchemaMode | None:
        """The next way for a model whose server ignored the schema; None if there is none."""
        simpler = _NEXT.get(self.mode(model))
        if simpler is not None:
            self.known[self.endpoint, model] = simpler
        return simpler

    def requested(self, at: float, mode: SchemaMode) -> SchemaRequested:
        """The event of a mode."""
        return SchemaRequested(at, mode, self.structure, self.show_text)

    def after_refusal(self, model: str, mode: SchemaMode, error: NbstreamError) -> SchemaMode | None:
        """The next mode to try where the server refuses this one with an error; None for any other error."""
        simpler = _NEXT.get(mode)
        if simpler is None or not _refuses_format(error):
            return None
        if not _INVALID.search(error.message):  # then another schema may be accepted
            self.known[self.endpoint, model] = simpler
        return simpler

    async def send(self, request: ChatRequest, send: Send, clock: Clock) -> AsyncGenerator[Events, None]:
        """Send a request, again in a simpler way as long as the server refuses the format."""
        mode: SchemaMode | None = self.mode(request.model)
        while mode is not None:
            simpler = None
            async with aclosing(send(with_schema(request, self.structure, mode))) as batches:
                async for events in batches:
                    last = events[-1]
                    simpler = (
                        self.after_refusal(request.model, mode, last.error)
                        if isinstance(last, Failed)
                        else None
                    )
                    shown = events[:-1] if simpler else events
                    if shown:
                        yield shown
            if simpler:
                yield [self.requested(clock(), simpler)]
            mode = simpler


def _refuses_format(error: NbstreamError) -> bool:
    named = isinstance(error, StatusError) and error.status in _REFUSING
    return named and _REFUSED.search(error.message) is not None


def _with_format(request: ChatRequest, value: dict[str, Any]) -> ChatRequest:
    return replace(request, params={**request.params, "response_format": value})


def _instructed(messages: tuple[Message, ...], structure: Structure) -> tuple[Message, ...]:
    """The messages with the schema in the system message: many servers take only one, as the first."""
    schema = json.dumps(structure.sent_schema[0], ensure_ascii=False)
    text = f"Answer only with JSON that matches this JSON schema, without any other text:\n{schema}"
    first = messages[0] if messages else None
    if first is None or first.role not in {"system", "developer"}:
        return (Message("system", text), *messages)
    content = first.content
    longer: Any = (
        f"{content}\n\n{text}" if isinstance(content, str) else [*content, {"type": "text", "text": text}]
    )
    return (replace(first, content=longer), *messages[1:])
