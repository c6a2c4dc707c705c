"""Semantic events of the Responses API: Server-Sent Events in, stream events out.

Follows the streaming events of ``POST /v1/responses``. Each carries a ``sequence_number``, after which the
stream of a background response can be resumed. A complete ``response`` is read as well.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, ClassVar

from nbstream.types.events import Events, ReasoningDelta, TokensScored, ToolCallDelta
from nbstream.types.messages import RESPONSES_FIELD
from nbstream.wire.calls import CallAssembler, CallPart
from nbstream.wire.content import joined, pieces, pieces_beside
from nbstream.wire.decoder import AnswerDecoder
from nbstream.wire.logprobs import scored_tokens
from nbstream.wire.problem import Problem, problem_in
from nbstream.wire.thinking import ThinkTags

__all__ = ["ResponseDecoder"]

_REASONS = {"max_output_tokens": "length"}


class ResponseDecoder(AnswerDecoder):
    """Decoder of one answer of the Responses API; see `AnswerDecoder` for its attributes.

    Parameters
    ----------
    clean
        Takes secrets out of the server's messages.
    resume
        Id of the response and number of its last received event; events up to it are skipped.
    logprobs
        As of `AnswerDecoder`.

    Examples
    --------
    >>> from nbstream.wire.sse import ServerSentEvent
    >>> decoder = ResponseDecoder()
    >>> data = b'{"type": "response.output_text.delta", "sequence_number": 4, "delta": "Hi"}'
    >>> decoder.decode([ServerSentEvent(data, "response.output_text.delta")], at=0.5)
    [TextDelta(at=0.5, text='Hi', choice=0)]
    """

    def __init__(
        self,
        clean: Callable[[str], str] = str,
        resume: tuple[str, int] | None = None,
        *,
        logprobs: bool = False,
    ) -> None:
        super().__init__(clean, logprobs=logprobs)
        self._response_id: str | None = resume[0] if resume else None
        self._sequence = resume[1] if resume else -1
        self._resumed = resume is not None
        self._calls = CallAssembler()
        self._reasoning_items: list[dict[str, Any]] = []
        self._part_scored = False

    @property
    def position(self) -> tuple[str, int] | None:
        """Id of the response and number of its last event, once the id is known."""
        return None if self._response_id is None else (self._response_id, self._sequence)

    def _take(self, value: dict[str, Any], name: str, at: float, out: Events) -> None:
        number = value.get("sequence_number")
        if type(number) is int:
            if number <= self._sequence:
                return
            self._sequence = number
        kind = value.get("type")
        handler = self._handlers.get(kind) if isinstance(kind, str) else None
        if handler is not None:
            self.started = True
            handler(self, value, at, out)
        elif value.get("object") == "response":
            self.started = True
            self._whole(value, at, out)
        elif not isinstance(kind, str) or not kind.startswith("response."):
            self._not_of_an_answer(value, "error" if kind == "error" else name, at, out)

    def _note(self, value: dict[str, Any], at: float, out: Events) -> None:
        """Take the id from an event that contains the current response."""
        response = _mapping(value.get("response"))
        if not self._identified:
            self._identify(response.get("model"), response.get("id"), at, out)
        if isinstance(response.get("id"), str):
            self._response_id = response["id"]

    def _text(self, value: dict[str, Any], at: float, out: Events) -> None:
        if isinstance(value.get("delta"), str):
            self._say(value["delta"], 0, at, out)
        self._score(value, at, out)

    def _text_done(self, value: dict[str, Any], at: float, out: Events) -> None:
        if not self._part_scored:
            self._score(value, at, out)
        self._part_scored = False

    def _score(self, value: Mapping[str, Any], at: float, out: Events) -> None:
        """Take the probabilities of a delta, or of a whole part, which repeats those of its deltas."""
        if tokens := scored_tokens({"content": value.get("logprobs")}):
            self._scored = self._part_scored = True
            out.append(TokensScored(at, tokens))

    def _reasoning(self, value: dict[str, Any], at: float, out: Events) -> None:
        self._add(ReasoningDelta, value.get("delta"), 0, at, out)

    def _next_summary(self, value: dict[str, Any], at: float, out: Events) -> None:
        if value.get("summary_index"):
            self._add(ReasoningDelta, "\n\n", 0, at, out)

    def _refused(self, value: dict[str, Any], at: float, out: Events) -> None:
        self._refuse(value.get("delta"), 0, at, out)

    def _cited(self, value: dict[str, Any], at: float, out: Events) -> None:
        self._beside_text({"annotations": [value.get("annotation")]}, at, out)

    def _sound(self, value: dict[str, Any], at: float, out: Events) -> None:
        self._beside_text({"audio": {"data": value.get("delta")}}, at, out)

    def _item_done(self, value: dict[str, Any], at: float, out: Events) -> None:
        """Add an image, or keep reasoning for the next request; both are complete only now."""
        item = _mapping(value.get("item"))
        if item.get("type") == "image_generation_call":
            self._beside_text({"images": [item]}, at, out)
        elif item.get("type") == "reasoning":
            self._reasoning_items.append(_returnable(item))

    def _beside_text(self, value: dict[str, Any], at: float, out: Events) -> None:
        for piece in pieces_beside(value):
            self._put(piece, 0, at, out)

    def _item(self, value: dict[str, Any], at: float, out: Events) -> None:
        item = _mapping(value.get("item"))
        if item.get("type") == "function_call":
            self._call(value.get("output_index"), item, str(item.get("arguments") or ""), at, out)

    def _arguments(self, value: dict[str, Any], at: float, out: Events) -> None:
        self._call(value.get("output_index"), {}, str(value.get("delta") or ""), at, out)

    def _call(self, index: object, item: Mapping[str, Any], arguments: str, at: float, out: Events) -> None:
        self._came.add(ToolCallDelta)
        self.chars += len(arguments) or 1
        key = index if isinstance(index, int) else None
        part = CallPart(
            key, _text(item.get("call_id")), _text(item.get("name")), arguments, self._to_return(item)
        )
        out += self._calls.take([part], at)

    def _to_return(self, call: Mapping[str, Any]) -> dict[str, Any] | None:
        """What the next request must repeat with a call: the reasoning items before it, and its own id."""
        if not call:  # only a fragment of its arguments
            return None
        items, self._reasoning_items = self._reasoning_items, []
        own = {"id": call["id"]} if _text(call.get("id")) else {}
        before = {"reasoning": items} if items else {}
        return {RESPONSES_FIELD: own | before} if own or before else None

    def _completed(self, value: dict[str, Any], at: float, out: Events) -> None:
        """Take the end of a response; without deltas, all of it."""
        self._note(value, at, out)
        response = _mapping(value.get("response"))
        if not self._came and not self._resumed:
            self._tags = ThinkTags()
            self._read_output(response, at, out)
        self._conclude(response, at, out)

    def _conclude(self, response: Mapping[str, Any], at: float, out: Events) -> None:
        """Take the end of an answer from the response in its last state."""
        problem = problem_in(response)
        if problem is not None or response.get("status") in ("failed", "cancelled"):
            self._fail(problem or Problem(f"the response was {response.get('status')}"), at, out)
            return
        self._count(response.get("usage"), at, out)
        reason = _mapping(response.get("incomplete_details")).get("reason")
        usual = "tool_calls" if self._calls else "stop"
        self._end(_REASONS.get(str(reason), str(reason)) if reason else usual, at, out)
        self.done = True

    def _whole(self, response: dict[str, Any], at: float, out: Events) -> None:
        """Read a response that was received in one piece."""
        self._note({"response": response}, at, out)
        self._read_output(response, at, out)
        self._conclude(response, at, out)

    def _read_output(self, response: Mapping[str, Any], at: float, out: Events) -> None:
        output = response.get("output")
        for index, item in enumerate(output if isinstance(output, list) else []):
            self._output(index, _mapping(item), at, out)

    def _output(self, index: int, item: Mapping[str, Any], at: float, out: Events) -> None:
        match item.get("type"):
            case "message":
                for piece in pieces(item.get("content")):
                    self._put(piece, 0, at, out)
                for part in _parts(item.get("content")):
                    self._score(part, at, out)
            case "reasoning":
                for number, part in enumerate(_parts(item.get("summary"))):
                    self._next_summary({"summary_index": number}, at, out)
                    self._add(ReasoningDelta, joined(part), 0, at, out)
                self._reasoning_items.append(_returnable(item))
            case "function_call":
                self._call(index, item, str(item.get("arguments") or ""), at, out)
            case "image_generation_call":
                self._beside_text({"images": [item]}, at, out)

    _handlers: ClassVar[dict[str, Callable[..., None]]] = {
        "response.created": _note,
        "response.queued": _note,
        "response.in_progress": _note,
        "response.output_item.added": _item,
        "response.output_item.done": _item_done,
        "response.output_text.delta": _text,
        "response.output_text.done": _text_done,
        "response.output_text.annotation.added": _cited,
        "response.audio.transcript.delta": _text,
        "response.audio.delta": _sound,
        "response.reasoning_text.delta": _reasoning,
        "response.reasoning_summary_text.delta": _reasoning,
        "response.reasoning_summary_part.added": _next_summary,
        "response.refusal.delta": _refused,
        "response.function_call_arguments.delta": _arguments,
        "response.completed": _completed,
        "response.incomplete": _completed,
        "response.failed": _completed,
        "response.cancelled": _completed,
    }


def _returnable(item: Mapping[str, Any]) -> dict[str, Any]:
    """An item of an answer as an item of a request."""
    return {name: value for name, value in item.items() if name != "status" and value is not None}


def _mapping(value: object) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}


def _parts(value: object) -> list[Mapping[str, Any]]:
    return [part for part in value if isinstance(part, Mapping)] if isinstance(value, list) else []


def _text(value: object) -> str:
    return value if isinstance(value, str) else ""
