"""Judges a complete answer by its schema, and asks again for what was wrong."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Callable
from contextlib import aclosing
from dataclasses import dataclass, field, replace
from typing import Any

from nbstream.structured.answer import StructuredAnswer
from nbstream.structured.modes import Ladder, Send
from nbstream.types.events import (
    Clock,
    Continued,
    CorrectionRequested,
    Events,
    Failed,
    Finished,
    StreamEvent,
    TextDelta,
    ToolCallDelta,
    ToolRoundEnded,
    Warned,
)
from nbstream.types.messages import Message
from nbstream.types.request import ChatRequest
from nbstream.types.tool_calls import ROUND_SEPARATOR

__all__ = ["Judge", "complaint"]

_CALLS = frozenset({"tool_calls", "function_call"})
_CUT = _CALLS | {"length", "content_filter"}
"""Reasons after which the same question would end in the same way, or which leave the answer to the user."""


@dataclass(slots=True)
class Judge:
    """Follows one answer, and asks again where it does not match.

    Parameters
    ----------
    ladder
        Sends the schema.
    retries
        How often to ask again.
    begun
        The text of an earlier reply that this one continues.
    last_sent
        The last request without the schema. It has the calls and results of tools, which a correction needs.
    """

    ladder: Ladder
    retries: int = 0
    begun: str = ""
    last_sent: Callable[[], ChatRequest | None] = lambda: None
    _answer: StructuredAnswer = field(init=False)
    _text: list[str] = field(init=False, default_factory=list)

    def __post_init__(self) -> None:
        self._answer = StructuredAnswer(self.ladder.structure)
        self._answer.feed(self.begun)
        if self.begun:
            self._text.append(self.begun)

    async def answer(
        self, request: ChatRequest, send: Send, send_again: Send, clock: Clock
    ) -> AsyncGenerator[Events, None]:
        """The events of an answer and of its corrections; an answer that is useless ends in a failure.

        Parameters
        ----------
        request
            The request, without the schema.
        send
            Sends it.
        send_again
            Sends a correction, which calls no tools.
        clock
            Returns the seconds since the request.
        """
        attempt = 0
        while True:
            end = None
            async with aclosing(send(request)) as batches:
                async for batch in batches:
                    events = _without_calls(batch) if attempt else batch
                    for event in events:
                        self._take(event)
                    if events and isinstance(events[-1], Finished):
                        end = events.pop()
                    if events:
                        yield events
                    if end is not None:
                        break
            if not isinstance(end, Finished):
                return
            self._answer.end()
            if not self._answer.found and self._text and end.reason not in _CUT:
                mode = self.ladder.note_ignored(request.model)
            else:
                mode = None
            if attempt == self.retries or end.reason in _CUT or not self._is_correctable():
                yield self._judged(end)
                return
            attempt += 1
            yield [CorrectionRequested(clock(), attempt, self.retries, self._answer.problem())]
            if mode is not None:
                yield [self.ladder.requested(clock(), mode)]
            request, send = self._correction(self.last_sent() or request), send_again
            self._answer.correct()
            self._text.clear()

    def _take(self, event: StreamEvent) -> None:
        if event == TextDelta(event.at, ROUND_SEPARATOR) and not self._text:
            return
        if isinstance(event, TextDelta) and not event.choice:
            self._answer.feed(event.text)
            self._text.append(event.text)
        elif isinstance(event, ToolRoundEnded):
            self._answer.expect_json()
            self._text.clear()
        elif isinstance(event, Continued) and event.way == "restart":
            self._answer.restart()
            self._text.clear()

    def _is_correctable(self) -> bool:
        """Whether something is wrong that another answer can replace."""
        answer = self._answer
        return not answer.is_valid and bool(answer.errors or not answer.rows)

    def _judged(self, end: Finished) -> Events:
        """The end, with a warning if a part of the answer is of use, or as a failure if nothing is."""
        answer = self._answer
        if answer.is_valid or end.reason in _CALLS:
            return [end]
        if self.ladder.structure.has_rows and answer.found:
            return [Warned(end.at, "schema", answer.problem()), end]
        return [Failed(end.at, answer.error(), end.continuable)]

    def _correction(self, request: ChatRequest) -> ChatRequest:
        messages = list(request.messages)
        text = "".join(self._text)
        if text:
            messages.append(Message("assistant", text))
        messages.append(Message("user", complaint(self._answer)))
        return replace(request, messages=tuple(messages), params=_params(request))


def complaint(answer: StructuredAnswer) -> str:
    """What is sent to the model about an answer that does not match.

    Examples
    --------
    >>> from nbstream.structured.structure import Structure
    >>> answer = StructuredAnswer(Structure.of(dict[str, int]))
    >>> answer.feed("I do not know.")
    >>> complaint(answer)
    'The answer contains no JSON that could match the schema. Answer again, only with the JSON.'
    """
    if not answer.errors:
        return f"{answer.problem()} Answer again, only with the JSON."
    lines = "\n".join(f"- {line}" for line in answer.lines())
    if not answer.structure.has_rows:
        return f"This does not match the schema:\n{lines}\nAnswer again with the whole corrected JSON."
    wrong = [f"row {at}: {row.text}" for at, row in enumerate(answer.rows) if row.errors]
    count = f"these {len(wrong)} rows" if len(wrong) > 1 else "this row"
    rows = "\n".join(wrong)
    return (
        f"These rows do not match the schema (the first row is row 0):\n{lines}\n\n{rows}\n\n"
        f"Answer again with {count} only, corrected and in the same order, in the same JSON format."
    )


def _params(request: ChatRequest) -> dict[str, Any]:
    """Parameters without tools. Messages with calls require their tools; then none may be called."""
    if any(message.role == "tool" for message in request.messages):
        return {**request.params, "tool_choice": "none"}
    return {name: value for name, value in request.params.items() if name not in {"tools", "tool_choice"}}


def _without_calls(events: Events) -> Events:
    """The events of a correction without calls, which some models make all the same: they are not run."""
    kept = (event for event in events if not isinstance(event, ToolCallDelta))
    return [
        replace(event, reason="stop") if isinstance(event, Finished) and event.reason in _CALLS else event
        for event in kept
        if not (isinstance(event, Warned) and event.kind == "tool_calls")
    ]
