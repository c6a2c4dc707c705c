"""The messages that an answer adds to the conversation: tool calls, their results, and the answer.

The same whether the next request belongs to the same answer, to a later turn, or to a conversation that was
saved and loaded.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from nbstream.recording.state import ReplyState
from nbstream.types.call_arguments import sent_arguments
from nbstream.types.messages import Message
from nbstream.types.tool_calls import Round, ToolCall

__all__ = ["answer_messages", "calling_message", "result_messages"]


_IMAGES = "[The answer was an image.]"
"""What a later request says of an answer without text: no API takes back the images of its models."""
_BROKEN_OFF = "[The answer ended here.]"
"""What it says of one that ended after its calls: some APIs take no user message directly after a result."""
_NO_RESULT = "The answer ended before this call did. It may have run."
"""The result of a call that has none: no API takes a call without a result."""


def answer_messages(state: ReplyState) -> tuple[Message, ...]:
    """The messages of an answer so far; the last one has no calls."""
    messages: list[Message] = []
    for round_ in state.rounds:
        calls = [state.tool_calls[index] for index in round_.calls]
        messages += [calling_message(round_, calls), *result_messages(calls)]
    last = state.last_round
    text = last.text or (_IMAGES if state.images else "")
    if not text and messages and state.status in {"stopped", "failed"}:
        text = _BROKEN_OFF
    if text:
        returned = any(round_.reasoning_field for round_ in state.rounds)
        extra = _returned(last) if returned else {}
        messages.append(Message("assistant", text, extra=extra))
    return tuple(messages)


def calling_message(round_: Round, calls: Sequence[ToolCall]) -> Message:
    """The assistant message with tool calls, as later requests must repeat it."""
    made = tuple(_call(call) for call in calls)
    return Message("assistant", round_.text, tool_calls=made, extra=_returned(round_))


def result_messages(calls: Sequence[ToolCall]) -> tuple[Message, ...]:
    """The results of the calls."""
    return tuple(
        Message("tool", _NO_RESULT if call.result is None else call.result, tool_call_id=call.id)
        for call in calls
    )


def _call(call: ToolCall) -> Mapping[str, Any]:
    extra = dict(call.extra)
    function = {"name": call.name or "", "arguments": sent_arguments(call.arguments)}
    function |= extra.pop("function", {})
    return {"id": call.id, "type": "function", "function": function} | extra


def _returned(round_: Round) -> dict[str, Any]:
    """Extra fields that are sent back with a message."""
    reasoning = {round_.reasoning_field: round_.reasoning} if round_.reasoning_field else {}
    return reasoning | dict(round_.extra)
