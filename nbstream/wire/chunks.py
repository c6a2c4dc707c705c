"""Chat-completion chunks: Server-Sent Events in, stream events out.

Follows the streaming format of the chat-completions API (``chat.completion.chunk`` objects, then
``[DONE]``) with the spellings that other servers use for it; a whole ``chat.completion`` is read as well.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from nbstream.events import (
    ReasoningDelta,
    RefusalDelta,
    StreamEvent,
    TextDelta,
    UsageReported,
    text_deltas,
)
from nbstream.usage import Usage
from nbstream.wire.calls import CallAssembler, CallPart
from nbstream.wire.decoder import AnswerDecoder, Events
from nbstream.wire.problem import Problem
from nbstream.wire.repeated import RepeatedChunk
from nbstream.wire.sse import ServerSentEvent

__all__ = ["ChunkDecoder"]


class ChunkDecoder(AnswerDecoder):
    """Decoder of one answer of the chat-completions API; see `AnswerDecoder` for its attributes.

    Examples
    --------
    >>> from nbstream.wire.sse import ServerSentEvent
    >>> decoder = ChunkDecoder()
    >>> chunk = ServerSentEvent(b'{"choices": [{"delta": {"content": "Hi"}, "finish_reason": "stop"}]}')
    >>> decoder.decode([chunk], at=0.5)
    [TextDelta(at=0.5, text='Hi', choice=0)]
    >>> decoder.complete
    True
    """

    def __init__(self, clean: Callable[[str], str] = str) -> None:
        super().__init__(clean)
        self._calls: dict[int, CallAssembler] = {}
        self._repeated = RepeatedChunk()

    def decode_run(self, block: bytes, at: float) -> tuple[Events, int]:
        """Decode the chunks that a block begins with and that differ in their texts; gives their size too."""
        runs = self._repeated.runs
        if runs is None or self._joiner is not None or self.done or self.failed:
            return [], 0
        texts, size = runs.read(block)
        self.chars += sum(map(len, texts))
        return [*text_deltas(at, filter(None, texts))], size

    def _object(self, event: ServerSentEvent, at: float, out: Events) -> None:
        text = self._repeated.text_in(event.data)
        if text and event.event != "error" and self._joiner is None:
            self.chars += len(text)
            out.append(TextDelta(at, text))
            return
        before = len(out)
        super()._object(event, at, out)
        if self.finish_reason is None and len(out) == before + 1 and _is_answer(out[-1]):
            self._repeated.learn(event.data)

    def _take(self, value: dict[str, Any], name: str, at: float, out: Events) -> None:
        choices = value.get("choices")
        if not self._identified:
            self._identify(value.get("model"), value.get("id"), at, out)
        if choices:
            self.started = True
            for choice in choices if isinstance(choices, list) else [choices]:
                self._choice(choice, at, out)
        usage = value.get("usage")
        if usage and isinstance(usage, Mapping):
            self.counted = self.finish_reason is not None
            out.append(UsageReported(at, Usage.from_api(usage)))
        if value.get("error") or name == "error" or (not choices and not usage and "choices" not in value):
            self._not_of_an_answer(value, name, at, out)
        elif self.finish_reason == "error":
            self._fail(Problem("finish_reason is 'error'"), at, out)

    def _choice(self, choice: object, at: float, out: Events) -> None:
        if not isinstance(choice, dict):
            self._skip("a choice is not an object", repr(choice).encode("utf-8", "replace"), at, out)
            return
        delta = choice.get("delta") or choice.get("message")
        index = choice.get("index") or 0
        if index:
            index = self._extra_choice(index, at, out)
        if isinstance(delta, dict):
            if index in self._calls and not choice.get("delta"):  # a message that repeats all its deltas
                delta = {name: value for name, value in delta.items() if name != "tool_calls"}
            content = delta.get("content")
            if isinstance(content, str):
                self._add(TextDelta, content, index, at, out)
            elif isinstance(content, list):
                self._parts(content, index, at, out)
            if len(delta) > 1 or not content:
                self._beside_content(delta, index, at, out)
        reason = choice.get("finish_reason")
        if reason and not index:
            self._end(str(reason), at, out)

    def _extra_choice(self, index: object, at: float, out: Events) -> int:
        if not isinstance(index, int):
            return 0
        self._warn("extra_choices", "The server sent several answers; the first is shown.", at, out)
        return index

    def _parts(self, parts: list[object], index: int, at: float, out: Events) -> None:
        """Mistral streams content as parts: text, and thinking made of text parts itself."""
        for part in parts:
            if not isinstance(part, dict):
                continue
            if part.get("type") == "thinking":
                self._add(ReasoningDelta, _joined(part.get("thinking")), index, at, out)
            else:
                self._add(TextDelta, part.get("text"), index, at, out)

    def _beside_content(self, delta: Mapping[str, Any], index: int, at: float, out: Events) -> None:
        if not index:
            self._fields.take(delta)
        self._add(ReasoningDelta, _reasoning(delta), index, at, out)
        refusal = delta.get("refusal")
        if refusal and not index:
            self._warn("refusal", "The model refused.", at, out)
        self._add(RefusalDelta, refusal, index, at, out)
        if "tool_calls" in delta or "function_call" in delta:
            self._tool_calls(delta, index, at, out)

    def _tool_calls(self, delta: Mapping[str, Any], choice: int, at: float, out: Events) -> None:
        """Take calls, also one in the older form, of which a message has at most one."""
        given, legacy = delta.get("tool_calls") or [], delta.get("function_call")
        parts = [self._call_part(call, at, out) for call in (given if isinstance(given, list) else [given])]
        if isinstance(legacy, Mapping):
            parts.append(replace(CallPart.of({"function": legacy}), key="function_call"))
        calls = self._calls.setdefault(choice, CallAssembler())
        for event in calls.take([part for part in parts if part is not None], at, choice):
            self.chars += len(event.arguments or event.name or " ")
            out.append(event)

    def _call_part(self, call: object, at: float, out: Events) -> CallPart | None:
        if isinstance(call, Mapping):
            return CallPart.of(call)
        self._skip("a tool call is not an object", repr(call).encode("utf-8", "replace"), at, out)
        return None


def _is_answer(event: StreamEvent) -> bool:
    return isinstance(event, TextDelta) and not event.choice


def _reasoning(delta: Mapping[str, Any]) -> str:
    """Reasoning by whichever name: DeepSeek and vLLM, OpenRouter and Ollama, OpenRouter's details."""
    for name in ("reasoning_content", "reasoning"):
        value = delta.get(name)
        if value and isinstance(value, str):
            return value
    return _joined(delta.get("reasoning_details"))


def _joined(parts: object) -> str:
    """The texts of a list of parts."""
    if isinstance(parts, str):
        return parts
    if not isinstance(parts, list):
        return ""
    return "".join(p["text"] for p in parts if isinstance(p, dict) and isinstance(p.get("text"), str))
