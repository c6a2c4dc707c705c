"""Chat-completion chunks: Server-Sent Events in, stream events out.

Follows the streaming format of the chat-completions API (``chat.completion.chunk`` objects, then
``[DONE]``) and the variants that other servers use; a complete ``chat.completion`` is read as well.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from nbstream.types.events import (
    Events,
    ReasoningDelta,
    StreamEvent,
    TextDelta,
    TokensScored,
    ToolCallDelta,
)
from nbstream.wire.calls import CallAssembler, CallPart
from nbstream.wire.content import joined, pieces, pieces_beside, reasoning_of, sources, without_reasoning
from nbstream.wire.decoder import AnswerDecoder
from nbstream.wire.logprobs import scored_tokens
from nbstream.wire.problem import Problem, problem_in
from nbstream.wire.repeated import RepeatedChunk
from nbstream.wire.sse import ServerSentEvent
from nbstream.wire.thinking import ThinkTags

__all__ = ["ChunkDecoder"]

_USUAL_FIELDS = frozenset(
    {"role", "content", "reasoning_content", "reasoning", "refusal", "tool_calls", "function_call"}
)
_CALLS = frozenset({"tool_calls", "function_call"})
_REPEATED_CHARS = 16
"""A last delta of at least this length that equals all earlier text is not a coincidence."""


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

    def __init__(self, clean: Callable[[str], str] = str, *, logprobs: bool = False) -> None:
        super().__init__(clean, logprobs=logprobs)
        self._calls: dict[int, CallAssembler] = {}
        self._repeated = RepeatedChunk()
        self._index: int | None = None
        self._problem: Problem | None = None

    def decode_run(self, block: bytes, at: float) -> tuple[Events, int]:
        """Decode the leading chunks of a block that differ only in their texts; return their size too."""
        runs = self._repeated.runs
        if runs is None or self._joiner is not None or self.done or self.failed:
            return [], 0
        texts, size = runs.read(block)
        self.chars += sum(map(len, texts))
        self._texts += texts
        return [TextDelta(at, text) for text in texts if text], size

    def _object(self, event: ServerSentEvent, at: float, out: Events) -> None:
        text = self._repeated.text_in(event.data)
        if text and event.event != "error" and self._joiner is None:
            self.chars += len(text)
            self._texts.append(text)
            out.append(TextDelta(at, text))
            return
        before = len(out)
        super()._object(event, at, out)
        plain = self.finish_reason is None and self._tags is None
        if plain and len(out) == before + 1 and _is_answer(out[-1]):
            self._repeated.learn(event.data)

    def _take(self, value: dict[str, Any], name: str, at: float, out: Events) -> None:
        self._was_whole = self.finish_reason is not None
        choices = value.get("choices")
        if not self._identified:
            self._identify(value.get("model"), value.get("id"), at, out)
        if choices:
            self.started = True
            if self._index is None:
                self._index = _shown_index(choices)
            for choice in choices if isinstance(choices, list) else [choices]:
                self._choice(choice, at, out)
        usage = value.get("usage")
        if "x_groq" in value:
            usage = usage or _groq_usage(value)
        if usage:
            self._count(usage, at, out)
        cited = "citations" in value or "search_results" in value
        if cited:
            for piece in sources(value):
                self._put(piece, 0, at, out)
        known = choices or usage or cited or "choices" in value
        if value.get("error") or name == "error" or not known:
            self._not_of_an_answer(value, name, at, out)
        elif self._problem is not None or self.finish_reason == "error":
            self._fail(self._problem or Problem("finish_reason is 'error'"), at, out)

    def _choice(self, choice: object, at: float, out: Events) -> None:
        if not isinstance(choice, dict):
            self._skip("a choice is not an object", repr(choice).encode("utf-8", "replace"), at, out)
            return
        index = choice.get("index") or 0
        if index or self._index:
            index = self._extra_choice(index, at, out)
        reason, delta = choice.get("finish_reason"), choice.get("delta") or self._undivided(choice, index)
        if isinstance(delta, str):
            delta = {"content": delta}
        if isinstance(delta, dict):
            content = delta.get("content")
            if isinstance(content, str):
                if not (reason and self._is_repeated(content, index)):
                    self._say(content, index, at, out)
            elif content:
                self._parts(content, index, at, out)
            if len(delta) > 1 or not content:
                self._beside_content(delta, index, at, out)
        if not index and choice.get("logprobs") and (tokens := scored_tokens(choice["logprobs"])):
            self._scored = True
            out.append(TokensScored(at, tokens))
        if (reason or "error" in choice or "usage" in choice) and not index:
            self._of_the_answer(choice, reason, at, out)

    def _undivided(self, choice: Mapping[str, Any], index: int) -> Mapping[str, Any] | None:
        """The new part of a choice without a delta: a complete message, or the text of the older API."""
        message, text = choice.get("message"), choice.get("text")
        if isinstance(message, dict):
            return message if index else self._rest_of(message)
        return {"content": text} if text and isinstance(text, str) else None

    def _rest_of(self, message: dict[str, Any]) -> dict[str, Any]:
        """A complete message without the parts already received as deltas."""
        rest = dict(message)
        if ReasoningDelta in self._came:
            rest = without_reasoning(rest)
        if ToolCallDelta in self._came:
            rest = {name: value for name, value in rest.items() if name not in _CALLS}
        if self._texts:
            tags, content = ThinkTags(), joined(message.get("content"))
            text, said = tags.split(content).text + tags.flush().text, "".join(self._texts)
            rest["content"] = text[len(said) :] if text.startswith(said) else ""
        return rest

    def _is_repeated(self, content: str, index: int) -> bool:
        """Whether the last delta repeats the complete text."""
        several = not index and len(self._texts) > 1 and len(content) >= _REPEATED_CHARS
        return several and content == "".join(self._texts)

    def _of_the_answer(self, choice: Mapping[str, Any], reason: object, at: float, out: Events) -> None:
        """Read what a choice reports about the answer: finish reason, error, usage."""
        if choice.get("error"):
            self._problem = problem_in({"error": choice["error"]})
        if reason:
            self._end(str(reason), at, out)
        if choice.get("usage"):
            self._count(choice["usage"], at, out)

    def _extra_choice(self, index: object, at: float, out: Events) -> int:
        if not isinstance(index, int) or index == self._index:
            return 0
        self._warn("extra_choices", "The server sent several answers; the first is shown.", at, out)
        return index or 1

    def _parts(self, content: object, index: int, at: float, out: Events) -> None:
        """Content that is not text: content parts, as Mistral and others stream them."""
        for piece in pieces(content):
            self._put(piece, index, at, out)

    def _beside_content(self, delta: Mapping[str, Any], index: int, at: float, out: Events) -> None:
        if not index:
            self._fields.take(delta)
        self._add(ReasoningDelta, reasoning_of(delta), index, at, out)
        if not delta.keys() <= _USUAL_FIELDS:
            self._problem = problem_in({"error": delta.get("error")}) or self._problem
            for piece in pieces_beside(delta):
                self._put(piece, index, at, out)
            if not self._came:
                self._unknown_fields(delta)
        if refusal := delta.get("refusal"):
            self._refuse(refusal, index, at, out)
        if "tool_calls" in delta or "function_call" in delta:
            self._tool_calls(delta, index, at, out)

    def _unknown_fields(self, delta: Mapping[str, Any]) -> None:
        for name, value in delta.items():
            if value and name not in _USUAL_FIELDS:
                self._beside.field(name, len(str(value)))

    def _tool_calls(self, delta: Mapping[str, Any], choice: int, at: float, out: Events) -> None:
        """Add calls, including one in the older form (at most one per message)."""
        given, legacy = delta.get("tool_calls") or [], delta.get("function_call")
        parts = [self._call_part(call, at, out) for call in (given if isinstance(given, list) else [given])]
        if isinstance(legacy, Mapping):
            parts.append(replace(CallPart.of({"function": legacy}), key="function_call"))
        calls = self._calls.setdefault(choice, CallAssembler())
        for event in calls.take([part for part in parts if part is not None], at, choice):
            self.chars += len(event.arguments or event.name or " ")
            self._came.add(ToolCallDelta)
            out.append(event)

    def _call_part(self, call: object, at: float, out: Events) -> CallPart | None:
        if isinstance(call, Mapping):
            return CallPart.of(call)
        self._skip("a tool call is not an object", repr(call).encode("utf-8", "replace"), at, out)
        return None


def _shown_index(choices: object) -> int:
    """Which of several answers is shown: the first, even if the server counts from 1."""
    listed = choices if isinstance(choices, list) else [choices]
    indices = [choice.get("index") or 0 for choice in listed if isinstance(choice, dict)]
    numbers = [index for index in indices if isinstance(index, int)]
    return min(numbers, default=0)


def _is_answer(event: StreamEvent) -> bool:
    return isinstance(event, TextDelta) and not event.choice


def _groq_usage(value: Mapping[str, Any]) -> object:
    """Token counts in the place where Groq puts them."""
    own = value.get("x_groq")
    return own.get("usage") if isinstance(own, Mapping) else None
