"""Answers that take several requests: the model calls tools, their results go back, and it goes on.

One reply, one event log: calls of a later request are numbered after those of the earlier ones, and the
reply is finished only when a request ends without a call.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Callable, Mapping
from contextlib import aclosing
from dataclasses import dataclass, field, replace
from typing import Any

from nbstream.errors import ProtocolError
from nbstream.events import Failed, Finished, StreamEvent, TextDelta, ToolCallDelta, ToolStep, Warned
from nbstream.messages import Message
from nbstream.request import ChatRequest
from nbstream.state import ToolCall
from nbstream.tools import Tool, ToolFailed

__all__ = ["Approvals", "Toolbox"]

Events = list[StreamEvent]
Send = Callable[[ChatRequest], AsyncGenerator[Events, None]]
Clock = Callable[[], float]


class Approvals:
    """Calls that wait for a reader's word."""

    def __init__(self) -> None:
        self._waiting: dict[str, asyncio.Future[bool]] = {}

    def expect(self, call: str) -> asyncio.Future[bool]:
        """Give what `decide` will say: whether the call may run."""
        waiting = self._waiting[call] = asyncio.get_running_loop().create_future()
        return waiting

    def decide(self, call: str, *, allow: bool) -> None:
        """Let a waiting call run, or not; KeyError where none of that id waits. Safe from any thread."""
        waiting = self._waiting.pop(call)
        waiting.get_loop().call_soon_threadsafe(_resolve, waiting, allow)


@dataclass(frozen=True, slots=True)
class Toolbox:
    """The tools of a chat, and how they may be used.

    Parameters
    ----------
    tools
        By name.
    ask
        Whether each call waits for approval.
    steps
        How many times in one answer the model may call tools.
    """

    tools: Mapping[str, Tool] = field(default_factory=dict)
    ask: bool = True
    steps: int = 8

    def params(self) -> dict[str, Any]:
        """What a request carries of the tools."""
        return {"tools": [tool.as_dict() for tool in self.tools.values()]} if self.tools else {}

    async def answer(
        self, request: ChatRequest, send: Send, approvals: Approvals, clock: Clock
    ) -> AsyncGenerator[Events, None]:
        """Send a request, and again with the results as long as the model calls tools."""
        before, names = 0, set[str]()
        for _ in range(self.steps + 1):
            step = _Step(before, names)
            async with aclosing(send(request)) as batches:
                async for events in batches:
                    shown = [event for event in map(step.take, events) if event is not None]
                    if shown:
                        yield shown
            if not step.calls_tools:
                return
            results: list[Message] = []
            for index, call in sorted(step.calls.items()):
                word = approvals.expect(step.shown_id(index)) if self.ask else None
                async for event in self._run(before + index, call, results, word, clock):
                    yield [event]
            before += len(step.calls)
            request = replace(request, messages=(*request.messages, step.message(), *results))
            if step.text:
                yield [TextDelta(clock(), "\n\n")]
        yield [Failed(clock(), self._too_many())]

    async def _run(
        self,
        index: int,
        call: ToolCall,
        results: list[Message],
        word: asyncio.Future[bool] | None,
        clock: Clock,
    ) -> AsyncGenerator[StreamEvent, None]:
        """Run one call, after the reader's word if one is waited for; its result is for the model."""
        call_id = call.id or f"call-{index}"
        tool = self.tools.get(call.name or "")
        state, result = "failed", f"There is no tool named {call.name}."
        if tool is not None and word is not None:
            yield ToolStep(clock(), index, "asking")
            if not await word:
                tool, state, result = None, "refused", "The user refused this call."
        if tool is not None:
            yield ToolStep(clock(), index, "running")
            try:
                state, result = "returned", await tool.call(call.arguments)
            except ToolFailed as error:
                result = str(error)
        results.append(Message("tool", result, tool_call_id=call_id))
        yield ToolStep(clock(), index, state, result)  # type: ignore[arg-type]

    def _too_many(self) -> ProtocolError:
        return ProtocolError(
            f"The model called tools {self.steps} times without coming to an answer.",
            kind="limit",
            advice="Raise tool_steps, or ask for less at once.",
        )


def _resolve(waiting: asyncio.Future[bool], allow: bool) -> None:
    if not waiting.done():  # the reply may have been stopped meanwhile
        waiting.set_result(allow)


class _Step:
    """One request of an answer: what it said and which tools it called."""

    def __init__(self, before: int, ids: set[str]) -> None:
        self.calls: dict[int, ToolCall] = {}
        self.calls_tools = False
        self.text = ""
        self._before = before
        self._ids = ids
        self._shown: dict[int, str] = {}

    def shown_id(self, index: int) -> str:
        """The id by which a reader knows a call."""
        return self._shown.get(index) or f"call-{self._before + index}"

    def take(self, event: StreamEvent) -> StreamEvent | None:
        """Note an event; gives it as it stands in the whole answer, or None where it is not its end."""
        if isinstance(event, TextDelta) and not event.choice:
            self.text += event.text
        elif isinstance(event, ToolCallDelta) and not event.choice:
            call = self.calls.setdefault(event.index, ToolCall())
            call.id, call.name = event.id or call.id, event.name or call.name
            call.arguments += event.arguments
            if event.id and event.index not in self._shown:
                self._shown[event.index] = self._own_id(event.id, event.index)
            return replace(event, index=event.index + self._before, id=self._shown.get(event.index))
        elif isinstance(event, Warned) and event.kind == "tool_calls" and self.calls:
            return None
        elif isinstance(event, Finished) and self.calls:
            self.calls_tools = True
            return None
        return event

    def _own_id(self, call_id: str, index: int) -> str:
        """An id that no other call of the answer has: a word on one call must not count for the next.

        Some servers give all calls the same id.
        """
        own = call_id if call_id not in self._ids else f"{call_id}#{self._before + index}"
        self._ids.add(own)
        return own

    def message(self) -> Message:
        """The model's own message, as the next request must repeat it."""
        calls = [
            {
                "id": call.id or f"call-{self._before + index}",
                "type": "function",
                "function": {"name": call.name or "", "arguments": call.arguments or "{}"},
            }
            for index, call in sorted(self.calls.items())
        ]
        return Message("assistant", self.text, tool_calls=tuple(calls))
