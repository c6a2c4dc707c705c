"""The JSON objects of the chat-completions API, field for field as OpenAI's server sends them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from nbstream.demo.call import Call
from nbstream.demo.generation import Generation, Token
from nbstream.demo.models import DemoModel

__all__ = ["Completion", "model_list", "model_object"]

# Constant, so that the same request returns the same bytes: 2025-01-01T00:00:00Z in seconds since 1970.
CREATED = 1_735_689_600


class Completion:
    """Builds the objects of one completion: the same id, model and time in each of them."""

    def __init__(self, call: Call, generation: Generation) -> None:
        self._generation = generation
        self._include_usage = call.include_usage
        self._common: dict[str, Any] = {
            "id": f"chatcmpl-demo-{call.seed[:24]}",
            "created": CREATED,
            "model": call.model.id,
            "system_fingerprint": "nbstream-demo",
        }

    def role_chunk(self) -> dict[str, Any]:
        """The first chunk, with the role and the called tool, if any."""
        delta: dict[str, Any] = {"role": "assistant", "content": "", "refusal": None}
        if self._generation.tool:
            delta |= {"content": None, "tool_calls": [{"index": 0} | self._tool_call("")]}
        return self.chunk(delta)

    def token_chunk(self, token: Token) -> dict[str, Any]:
        """The chunk of one piece of the answer."""
        if token.field != "arguments":
            return self.chunk({token.field: token.text})
        return self.chunk({"tool_calls": [{"index": 0, "function": {"arguments": token.text}}]})

    def chunk(self, delta: Mapping[str, Any], finish_reason: str | None = None) -> dict[str, Any]:
        """One ``chat.completion.chunk`` with a delta."""
        choice = {"index": 0, "delta": delta, "logprobs": None, "finish_reason": finish_reason}
        chunk = self._common | {"object": "chat.completion.chunk", "choices": [choice]}
        return chunk | {"usage": None} if self._include_usage else chunk

    def last_chunks(self) -> Iterable[dict[str, Any]]:
        """The finish reason and, where it was asked for, the token counts."""
        finish = self.chunk({}, self._generation.finish_reason)
        yield finish
        if self._include_usage:
            yield finish | {"choices": [], "usage": self._generation.usage()}

    def whole(self) -> dict[str, Any]:
        """The ``chat.completion`` of an answer that is not streamed."""
        message: dict[str, Any] = {
            "role": "assistant",
            "content": self._generation.text("content"),
            "refusal": None,
        }
        if self._generation.tool:
            arguments = self._generation.text("arguments")
            message |= {"content": None, "tool_calls": [self._tool_call(arguments)]}
        reasoning = self._generation.text("reasoning_content")
        choice = {
            "index": 0,
            "message": message | ({"reasoning_content": reasoning} if reasoning else {}),
            "logprobs": None,
            "finish_reason": self._generation.finish_reason,
        }
        kind = {"object": "chat.completion", "choices": [choice]}
        return self._common | kind | {"usage": self._generation.usage()}

    def _tool_call(self, arguments: str) -> dict[str, Any]:
        function = {"name": self._generation.tool, "arguments": arguments}
        call_id = self._common["id"].replace("chatcmpl", "call")
        return {"id": call_id, "type": "function", "function": function}


def model_object(model: DemoModel) -> dict[str, Any]:
    """One ``model``."""
    return {"id": model.id, "object": "model", "created": CREATED, "owned_by": "nbstream"}


def model_list(models: Iterable[DemoModel]) -> dict[str, Any]:
    """The ``list`` that ``GET /v1/models`` answers with."""
    return {"object": "list", "data": [model_object(model) for model in models]}
