"""Chat-completion chunks: Server-Sent Events in, stream events out. Tolerant, and silent about nothing.

Follows the streaming format of the chat-completions API (``chat.completion.chunk`` objects, then
``[DONE]``) with the spellings that other servers use for it. A chunk that cannot be read becomes a
`ChunkSkipped`, never an exception: one bad chunk must not cost a paid-for answer.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping
from typing import Any

import jiter

from nbstream.errors import ModelError
from nbstream.events import (
    ChunkSkipped,
    Failed,
    Finished,
    Identified,
    ReasoningDelta,
    RefusalDelta,
    StreamEvent,
    TextDelta,
    ToolCallDelta,
    UsageReported,
    Warned,
    WarningKind,
)
from nbstream.usage import Usage
from nbstream.wire.problem import Problem, problem_in
from nbstream.wire.sse import ServerSentEvent

__all__ = ["ChunkDecoder"]

_RAW_SHOWN = 500
_ENDINGS: dict[str, tuple[WarningKind, str]] = {
    "length": ("length", "The answer was cut by the token limit."),
    "content_filter": ("content_filter", "The provider's content filter cut the answer."),
    "tool_calls": ("tool_calls", "The model asks for a tool call."),
    "function_call": ("tool_calls", "The model asks for a tool call."),
}


class ChunkDecoder:
    """Decoder of one answer.

    Parameters
    ----------
    clean
        Applied to every message of the server that may reach a reader, to take secrets out.

    Attributes
    ----------
    finish_reason : str or None
        Why the model ended the answer, once the server said so.
    done : bool
        Whether the server sent ``[DONE]``.
    failed : bool
        Whether the server reported an error inside the stream.
    started : bool
        Whether anything came that looks like a chunk.
    """

    def __init__(self, clean: Callable[[str], str] = str) -> None:
        self.finish_reason: str | None = None
        self.done = False
        self.failed = False
        self.started = False
        self._clean = clean
        self._identified = False
        self._warned: set[WarningKind] = set()
        self._last_tool = 0
        self._tool_ids: dict[str, int] = {}
        self._fallback = False
        self._high_surrogate = ""

    @property
    def complete(self) -> bool:
        """Whether the server said that the answer is whole: a finish_reason, or ``[DONE]``."""
        return self.done or self.finish_reason is not None

    def decode(self, events: Iterable[ServerSentEvent], at: float) -> list[StreamEvent]:
        """Decode what one read of the stream brought; `at` is seconds since the request."""
        out: list[StreamEvent] = []
        for event in events:
            if self.done or self.failed:
                self._warn("trailing_data", "The server sent more after the end of the answer.", at, out)
            elif event.data[:1] == b"{":
                self._chunk(event, at, out)
            else:
                self._not_an_object(event, at, out)
        return out

    def whole(self, body: bytes, at: float) -> list[StreamEvent]:
        """Decode an answer that came as one JSON object, without a stream."""
        out: list[StreamEvent] = []
        self._chunk(ServerSentEvent(body), at, out)
        return out

    def close(self, at: float) -> list[StreamEvent]:
        """Take the end of the stream. Ends with `Finished` where the answer is complete, else without."""
        out: list[StreamEvent] = []
        if self._high_surrogate:
            self._high_surrogate = ""
            out.append(TextDelta(at, "\N{REPLACEMENT CHARACTER}"))
        if self.failed or not self.complete:
            return out
        if self.finish_reason is None:
            self._warn("no_finish_reason", "The server did not say why the answer ended.", at, out)
        elif not self.done:
            self._warn("missing_done", "The server ended the stream without [DONE].", at, out)
        out.append(Finished(at, self.finish_reason))
        return out

    def _not_an_object(self, event: ServerSentEvent, at: float, out: list[StreamEvent]) -> None:
        data = event.data.strip()
        if data == b"[DONE]":
            self.done = True
        elif event.event == "error":
            self._fail(_problem_in_text(data), at, out)
        elif data[:1] == b"{":
            self._chunk(event, at, out)
        elif data:
            self._skip("not a JSON object", data, at, out)

    def _chunk(self, event: ServerSentEvent, at: float, out: list[StreamEvent]) -> None:
        try:
            chunk = jiter.from_json(event.data)
        except ValueError:
            chunk = self._parse_slowly(event.data, at, out)
            if chunk is None:
                return
        choices = chunk.get("choices")
        self.started = self.started or choices is not None
        if not self._identified:
            self._identify(chunk, at, out)
        if isinstance(choices, list):
            for choice in choices:
                self._choice(choice, at, out)
        if not choices or event.event == "error":
            self._without_choices(chunk, event, at, out)
        usage = chunk.get("usage")
        if usage and isinstance(usage, Mapping):
            out.append(UsageReported(at, Usage.from_api(usage)))

    def _parse_slowly(self, data: bytes, at: float, out: list[StreamEvent]) -> dict[str, Any] | None:
        """Parse what jiter refuses: lone surrogates and bad UTF-8, both of which real servers send."""
        self._fallback = True
        text = data.decode("utf-8", "replace")
        try:
            chunk = json.loads(text)
        except (ValueError, RecursionError) as error:
            self._skip(str(error), data, at, out)
            return None
        if "\N{REPLACEMENT CHARACTER}" in text:
            self._warn("bad_utf8", "Some characters of the answer were damaged on the way.", at, out)
        return chunk if isinstance(chunk, dict) else None

    def _identify(self, chunk: Mapping[str, Any], at: float, out: list[StreamEvent]) -> None:
        model, response_id = _text_or_none(chunk.get("model")), _text_or_none(chunk.get("id"))
        if model or response_id:
            self._identified = True
            out.append(Identified(at, model, response_id))

    def _choice(self, choice: object, at: float, out: list[StreamEvent]) -> None:
        if not isinstance(choice, dict):
            self._skip("a choice is not an object", repr(choice).encode(), at, out)
            return
        delta = choice.get("delta") or choice.get("message")
        index = choice.get("index") or 0
        if index:
            self._warn("extra_choices", "The server sent several answers; the first is shown.", at, out)
        if isinstance(delta, dict):
            content = delta.get("content")
            if content:
                self._content(content, index, at, out)
            if len(delta) > 1 or not content:
                self._beside_content(delta, index, at, out)
        reason = choice.get("finish_reason")
        if reason and not index:
            self._end(str(reason), at, out)

    def _content(self, content: object, index: int, at: float, out: list[StreamEvent]) -> None:
        if isinstance(content, str):
            text = self._mended(content) if self._fallback else content
            if text:
                out.append(TextDelta(at, text, index))
        elif isinstance(content, list):
            for part in content:
                self._part(part, index, at, out)

    def _part(self, part: object, index: int, at: float, out: list[StreamEvent]) -> None:
        """Mistral streams content as parts: text, and thinking made of text parts itself."""
        if not isinstance(part, dict):
            return
        if part.get("type") == "thinking" and isinstance(part.get("thinking"), list):
            texts = (p.get("text") for p in part["thinking"] if isinstance(p, dict))
            out.extend(ReasoningDelta(at, text, index) for text in texts if isinstance(text, str) and text)
        elif isinstance(part.get("text"), str):
            self._content(part["text"], index, at, out)

    def _beside_content(
        self, delta: Mapping[str, Any], index: int, at: float, out: list[StreamEvent]
    ) -> None:
        reasoning = _reasoning(delta)
        if reasoning:
            out.append(ReasoningDelta(at, reasoning, index))
        refusal = delta.get("refusal")
        if refusal and isinstance(refusal, str):
            self._warn("refusal", "The model refused.", at, out)
            out.append(RefusalDelta(at, refusal, index))
        calls = delta.get("tool_calls")
        if isinstance(calls, list):
            for call in calls:
                self._tool_call(call, index, at, out)

    def _tool_call(self, call: object, choice: int, at: float, out: list[StreamEvent]) -> None:
        if not isinstance(call, dict):
            return
        function = call.get("function")
        function = function if isinstance(function, dict) else {}
        call_id, arguments = _text_or_none(call.get("id")), _text_or_none(function.get("arguments"))
        index = self._tool_index(call.get("index"), call_id)
        name = _text_or_none(function.get("name"))
        out.append(ToolCallDelta(at, index, call_id, name, arguments or "", choice))

    def _tool_index(self, index: object, call_id: str | None) -> int:
        """By index; where a server leaves it out, by id; without either it continues the last call."""
        if isinstance(index, int):
            self._last_tool = index
        elif call_id is not None:
            self._last_tool = self._tool_ids.setdefault(call_id, len(self._tool_ids))
        return self._last_tool

    def _end(self, reason: str, at: float, out: list[StreamEvent]) -> None:
        self.finish_reason = reason
        if reason in _ENDINGS:
            self._warn(*_ENDINGS[reason], at, out)

    def _without_choices(
        self, chunk: Mapping[str, Any], event: ServerSentEvent, at: float, out: list[StreamEvent]
    ) -> None:
        problem = problem_in(chunk)
        if problem is None and event.event == "error":
            problem = Problem(event.data[:_RAW_SHOWN].decode("utf-8", "replace"))
        if problem is not None:
            self._fail(problem, at, out)
        elif "choices" not in chunk and not chunk.get("usage"):
            self._warn("unknown_event", "The server sent an event that is not part of an answer.", at, out)

    def _fail(self, problem: Problem, at: float, out: list[StreamEvent]) -> None:
        self.failed = True
        message = self._clean(f"The server ended the answer with an error: {problem.message}")
        out.append(Failed(at, ModelError(message, advice="Run the cell again to retry.")))

    def _skip(self, reason: str, raw: bytes, at: float, out: list[StreamEvent]) -> None:
        shown = raw[:_RAW_SHOWN].decode("utf-8", "replace")
        out.append(ChunkSkipped(at, self._clean(reason), self._clean(shown)))

    def _warn(self, kind: WarningKind, text: str, at: float, out: list[StreamEvent]) -> None:
        if kind not in self._warned:
            self._warned.add(kind)
            out.append(Warned(at, kind, text))

    def _mended(self, text: str) -> str:
        """Join surrogates that the server cut apart: a lone one could be neither sent nor saved."""
        text = self._high_surrogate + text
        cut = "\ud800" <= text[-1:] <= "\udbff"
        self._high_surrogate = text[-1] if cut else ""
        text = text[:-1] if cut else text
        return text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")


def _problem_in_text(data: bytes) -> Problem:
    """The error that an ``event: error`` carries as plain text."""
    return Problem(data[:_RAW_SHOWN].decode("utf-8", "replace") or "no message")


def _text_or_none(value: object) -> str | None:
    return value if isinstance(value, str) and value else None


def _reasoning(delta: Mapping[str, Any]) -> str:
    """Reasoning by whichever name: DeepSeek and vLLM, OpenRouter and Ollama, OpenRouter's details."""
    for name in ("reasoning_content", "reasoning"):
        value = delta.get(name)
        if value and isinstance(value, str):
            return value
    details = delta.get("reasoning_details")
    if not isinstance(details, list):
        return ""
    return "".join(d["text"] for d in details if isinstance(d, dict) and isinstance(d.get("text"), str))
