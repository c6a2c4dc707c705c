"""The tool loop: the model calls tools, their results are sent back, and it continues.

One reply, one event log: calls of a later request are numbered after those of the earlier ones, and the
reply is finished only when a request ends without a call.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Callable, Mapping
from contextlib import aclosing
from dataclasses import dataclass, field, replace
from typing import Any

from nbstream.errors import ProtocolError, ToolFailed
from nbstream.recording.answer_messages import calling_message, result_messages
from nbstream.tools.function import CheckedCall, Tool
from nbstream.types.events import (
    Clock,
    Continued,
    Events,
    Failed,
    Finished,
    ReasoningDelta,
    StreamEvent,
    TextDelta,
    ToolCallDelta,
    ToolRoundEnded,
    ToolStep,
    Warned,
)
from nbstream.types.messages import Message
from nbstream.types.request import ChatRequest
from nbstream.types.tool_calls import ROUND_SEPARATOR, Round, ToolCall

__all__ = ["Approvals", "Toolbox"]

Send = Callable[[ChatRequest], AsyncGenerator[Events, None]]

_CUT = frozenset({"length", "content_filter"})


class Approvals:
    """Calls that wait for the user's decision."""

    def __init__(self) -> None:
        self._waiting: dict[str, asyncio.Future[bool]] = {}

    def expect(self, call: str) -> asyncio.Future[bool]:
        """Wait for `decide`; return whether the call may run."""
        waiting = self._waiting[call] = asyncio.get_running_loop().create_future()
        return waiting

    def decide(self, call: str, *, allow: bool) -> None:
        """Approve or refuse a waiting call; KeyError if there is none with this id. Thread-safe."""
        waiting = self._waiting.pop(call)
        waiting.get_loop().call_soon_threadsafe(_resolve, waiting, allow)


@dataclass(frozen=True, slots=True)
class Toolbox:
    """The tools of a chat, and the rules for them.

    Parameters
    ----------
    tools
        By name.
    ask
        Whether each call waits for approval.
    steps
        How many times in one answer the model may call tools; further calls do not run.
    """

    tools: Mapping[str, Tool] = field(default_factory=dict)
    ask: bool = True
    steps: int = 8

    def params(self) -> dict[str, Any]:
        """The tools in the format of a request."""
        return {"tools": [tool.as_dict() for tool in self.tools.values()]} if self.tools else {}

    async def answer(
        self, request: ChatRequest, send: Send, approvals: Approvals, clock: Clock
    ) -> AsyncGenerator[Events, None]:
        """Send a request, and send the results as long as the model calls tools."""
        ids = set[str]()
        first = rounds = 0
        while True:
            step = _Step(first, ids)
            async with aclosing(send(request)) as batches:
                async for events in batches:
                    shown = [event for event in map(step.take, events) if event is not None]
                    if shown:
                        yield shown
            if step.end is None:
                return
            yield step.ended(clock())
            if rounds == self.steps:
                yield [*self._not_run(step, clock()), Failed(clock(), self._too_many())]
                return
            for index in step.calls:
                async with aclosing(self._run(index, step, approvals, clock)) as results:
                    async for event in results:
                        yield [event]
            if step.has_text:
                yield [TextDelta(clock(), ROUND_SEPARATOR)]
            request = replace(request, messages=(*request.messages, *step.messages()))
            first, rounds = first + len(step.calls), rounds + 1

    async def _run(
        self, index: int, step: _Step, approvals: Approvals, clock: Clock
    ) -> AsyncGenerator[StreamEvent, None]:
        """Run one call, after approval if needed; return the result for the model."""
        call = step.calls[index]
        try:
            checked = self._checked(call, whole=step.is_whole(index))
            if self.ask:
                decision = approvals.expect(str(call.id))
                yield ToolStep(clock(), index, "asking", arguments=checked.arguments)
                if not await decision:
                    call.result = "The user refused this call."
                    yield ToolStep(clock(), index, "refused", call.result)
                    return
            yield ToolStep(clock(), index, "running", arguments=checked.arguments)
            call.result = await checked.run()
            yield ToolStep(clock(), index, "returned", call.result)
        except ToolFailed as error:
            call.result = error.text
            yield ToolStep(clock(), index, "failed", call.result)

    def _checked(self, call: ToolCall, *, whole: bool) -> CheckedCall:
        """The call as it will run; ToolFailed where it cannot."""
        tool = self.tools.get(call.name or "")
        if tool is None:
            raise ToolFailed(f"There is no tool named {call.name}." if call.name else "The call has no name.")
        if not whole:
            raise ToolFailed(
                "The answer was cut off before the arguments of this call were complete. The call was "
                "not run."
            )
        return tool.checked(call.arguments)

    @staticmethod
    def _not_run(step: _Step, at: float) -> Events:
        reason = "Not run: the answer has reached its limit of calls (tool_steps)."
        return [ToolStep(at, index, "failed", reason) for index in step.calls]

    def _too_many(self) -> ProtocolError:
        return ProtocolError(
            f"The model called tools {self.steps} times without answering."
            if self.steps
            else "The model called a tool, and tool_steps=0 allows no call.",
            kind="limit",
            advice="Increase tool_steps, or ask for less at once.",
        )


def _resolve(waiting: asyncio.Future[bool], allow: bool) -> None:
    if not waiting.done():  # the reply may have been stopped in between
        waiting.set_result(allow)


class _Step:
    """One request of an answer: its result and its tool calls.

    Parameters
    ----------
    first
        How many calls earlier requests made.
    ids
        Ids of all calls of the answer so far.

    Attributes
    ----------
    calls : dict
        By their index in the whole answer.
    end : Finished or None
        How it ended, if it called tools.
    """

    def __init__(self, first: int, ids: set[str]) -> None:
        self.calls: dict[int, ToolCall] = {}
        self.end: Finished | None = None
        self._text: list[str] = []
        self._reasoning: list[str] = []
        self._first = first
        self._ids = ids

    def take(self, event: StreamEvent) -> StreamEvent | None:
        """Record an event; return it renumbered for the whole answer, or None if it is not the end."""
        if isinstance(event, TextDelta) and not event.choice:
            self._text.append(event.text)
        elif isinstance(event, ReasoningDelta) and not event.choice:
            self._reasoning.append(event.text)
        elif isinstance(event, ToolCallDelta) and not event.choice:
            return self._take_call(event)
        elif isinstance(event, Continued) and event.way == "restart":
            self.calls, self._text, self._reasoning = {}, [], []
        elif isinstance(event, Warned) and event.kind == "tool_calls" and self.calls:
            return None
        elif isinstance(event, Finished) and self.calls:
            self.end = event
            return None
        return event

    def _take_call(self, event: ToolCallDelta) -> ToolCallDelta:
        index = self._first + event.index
        call = self.calls.setdefault(index, ToolCall())
        own = self._own_id(event.id, index) if event.id and not call.id else None
        event = replace(event, index=index, id=own)
        call.take(event)
        return event

    def _own_id(self, call_id: str, index: int) -> str:
        """A unique id within the answer, so that an approval applies to exactly one call.

        Some servers give all calls the same id.
        """
        own = call_id
        while own in self._ids:
            own = f"{call_id}_{index}"
            index += 1
        self._ids.add(own)
        return own

    @property
    def has_text(self) -> bool:
        """Whether the model wrote text besides its calls."""
        return bool(self._text)

    def ended(self, at: float) -> Events:
        """Its end, and ids for calls without one. Recorded before they run: a reply may end while they do."""
        unnamed = {index: call for index, call in self.calls.items() if not call.id}
        for index, call in unnamed.items():
            call.id = self._own_id(f"call-{index}", index)
        end = self.end or Finished(at)
        named = [ToolCallDelta(at, index, call.id) for index, call in unnamed.items()]
        return [*named, ToolRoundEnded(at, end.reasoning_field, end.extra)]

    def is_whole(self, index: int) -> bool:
        """Whether a call is complete: the last call of an incomplete answer may lack arguments."""
        cut = self.end is not None and self.end.reason in _CUT
        return bool(self.calls[index].arguments.strip()) or not cut or index != max(self.calls)

    def messages(self) -> tuple[Message, ...]:
        """The messages that the next request must repeat."""
        end, text, reasoning = self.end or Finished(0.0), "".join(self._text), "".join(self._reasoning)
        round_ = Round(text, reasoning, tuple(self.calls), end.reasoning_field, end.extra or {})
        calls = list(self.calls.values())
        return calling_message(round_, calls), *result_messages(calls)
