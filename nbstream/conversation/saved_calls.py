"""Tool calls in a conversation file: API messages between a user message and its answer."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from nbstream.recording.answer_messages import calling_message, result_messages
from nbstream.recording.state import ReplyState
from nbstream.types.events import (
    ReasoningDelta,
    StreamEvent,
    TextDelta,
    ToolCallDelta,
    ToolRoundEnded,
    ToolState,
    ToolStep,
)
from nbstream.types.tool_calls import ROUND_SEPARATOR
from nbstream.wire.returned import REASONING_FIELDS

__all__ = ["RoundReader", "call_lines", "foreign_fields"]

_ENDED: dict[str, ToolState] = {"returned": "returned", "failed": "failed", "refused": "refused"}
_OWN = frozenset({"role", "content", "name", "tool_calls", "tool_call_id", "nbstream", "refusal"})


def call_lines(state: ReplyState, place: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    """The messages before the last one of an answer, each marked with its place in the conversation."""
    for round_ in state.rounds:
        calls = [state.tool_calls[index] for index in round_.calls]
        unnamed = {} if round_.reasoning_field or not round_.reasoning else {"reasoning": round_.reasoning}
        yield calling_message(round_, calls).as_dict() | {"nbstream": {**place, **unnamed}}
        for call, message in zip(calls, result_messages(calls), strict=True):
            yield message.as_dict() | {"nbstream": {**place, "state": call.state}}


def foreign_fields(line: Mapping[str, Any]) -> dict[str, Any]:
    """Fields of a message that the API expects back."""
    return {name: value for name, value in line.items() if name not in _OWN}


class RoundReader:
    """Rebuilds the log of an answer's tool calls from messages.

    Attributes
    ----------
    reasoning_field : str or None
        Field name of the reasoning.
    calls : int
        How many calls there are.
    """

    def __init__(self) -> None:
        self.reasoning_field: str | None = None
        self.calls = 0
        self._events: list[StreamEvent] = []
        self._waiting: dict[str, int] = {}
        self._separator: list[StreamEvent] = []

    def take_calls(self, line: Mapping[str, Any], content: str) -> None:
        """Read a message with tool calls.

        Raises
        ------
        ValueError
            If its calls are unreadable.
        """
        calls = [_checked(call) for call in line["tool_calls"]]
        self._close()
        extra = foreign_fields(line)
        field = next((name for name in REASONING_FIELDS if isinstance(extra.get(name), str)), None)
        self.reasoning_field = field or self.reasoning_field
        own = line.get("nbstream")
        reasoning = extra.pop(field) if field else own.get("reasoning") if isinstance(own, Mapping) else ""
        if reasoning:
            self._events.append(ReasoningDelta(0.0, str(reasoning)))
        if content:
            self._events.append(TextDelta(0.0, content))
        self._events += [self._call(call) for call in calls]
        self._events.append(ToolRoundEnded(0.0, field, extra or None))
        self._separator = [TextDelta(0.0, ROUND_SEPARATOR)] if content else []

    def take_result(self, line: Mapping[str, Any], content: str) -> None:
        """Read the result of a call.

        Raises
        ------
        ValueError
            If there is no such call.
        """
        index = self._waiting.pop(str(line.get("tool_call_id")), None)
        if index is None:
            raise ValueError("a result without a call")
        own = line.get("nbstream")
        saved = own.get("state") if isinstance(own, Mapping) else None
        if saved != "unfinished":  # its content says only that there is no result
            self._events.append(ToolStep(0.0, index, _ENDED.get(str(saved), "returned"), content))

    def events(self, *, followed: bool) -> list[StreamEvent]:
        """Return the log so far, and clear it; `followed` if the answer continues after it."""
        if not followed:
            self._separator = []
        self._close()
        events, self._events = self._events, []
        return events

    def _call(self, call: Mapping[str, Any]) -> ToolCallDelta:
        function = call["function"]
        index, call_id = self.calls, str(call.get("id") or f"call-{self.calls}")
        self.calls += 1
        self._waiting[call_id] = index
        extra = {name: value for name, value in call.items() if name not in {"id", "type", "function"}}
        inner = {name: value for name, value in function.items() if name not in {"name", "arguments"}}
        extra |= {"function": inner} if inner else {}
        name, arguments = function["name"], function.get("arguments") or ""
        return ToolCallDelta(0.0, index, call_id, name, arguments, extra=extra or None)

    def _close(self) -> None:
        """Separate a round from the next; its calls without a result stay unfinished."""
        self._events += self._separator
        self._separator, self._waiting = [], {}


def _checked(call: object) -> Mapping[str, Any]:
    function = call.get("function") if isinstance(call, Mapping) else None
    if not isinstance(call, Mapping) or not isinstance(function, Mapping):
        raise ValueError("a tool call does not have the API's format")  # noqa: TRY004
    if not isinstance(function.get("name"), str) or not isinstance(function.get("arguments") or "", str):
        raise ValueError("a tool call has no name or no text as arguments")  # noqa: TRY004
    return call
