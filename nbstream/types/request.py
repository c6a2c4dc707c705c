"""One chat completions request, as a value that can be inspected before it is sent."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Literal

from nbstream.types.messages import Message
from nbstream.types.prompt_hash import canonical_json

__all__ = ["APIName", "ChatRequest"]

APIName = Literal["chat", "responses"]


@dataclass(frozen=True, slots=True)
class ChatRequest:
    """One request to ``POST /chat/completions``.

    Parameters
    ----------
    model
        Name of the model, as the endpoint knows it.
    messages
        The conversation, oldest first.
    params
        Every other field of the body (``temperature``, ``max_tokens``, …), passed through untouched.
    stream
        Whether to request the answer as a stream of events.
    include_usage
        Whether to request token counts at the end of the stream (``stream_options.include_usage``).
    prefill
        Message with the start of the answer, which the model continues.
    api
        API to use: ``"chat"`` for ``/chat/completions``, ``"responses"`` for ``/responses``.
    resume
        Id of a started response and number of its last received event: requests the rest.

    Examples
    --------
    >>> request = ChatRequest("m", (Message("user", "Hi"),), {"temperature": 0})
    >>> request.body()["stream_options"]
    {'include_usage': True}
    """

    model: str
    messages: tuple[Message, ...]
    params: Mapping[str, Any] = field(default_factory=dict)
    stream: bool = True
    include_usage: bool = True
    prefill: Mapping[str, Any] | None = None
    api: APIName = "chat"
    resume: tuple[str, int] | None = None

    def body(self) -> dict[str, Any]:
        """The JSON object that is sent."""
        body: dict[str, Any] = {
            "model": self.model,
            "messages": self._messages(),
            "stream": self.stream,
        }
        if self.stream and self.include_usage:
            body["stream_options"] = {"include_usage": True}
        return body | dict(self.params)

    def without_usage(self) -> ChatRequest:
        """The same request for servers that reject ``stream_options``."""
        return replace(self, include_usage=False)

    def renaming(self, param: str, name: str) -> ChatRequest:
        """The same request with another name for a parameter."""
        params = {name if key == param else key: value for key, value in self.params.items()}
        return replace(self, params=params)

    def continuing(
        self, text: str, message: Mapping[str, Any] | None = None, params: Mapping[str, Any] | None = None
    ) -> ChatRequest:
        """The request for the rest of an answer after `text`.

        Parameters
        ----------
        text
            The partial answer.
        message, params
            Fields that the provider requires in the message and in the body to continue it.
        """
        prefill = {"role": "assistant", "content": text} | dict(message or {})
        return replace(self, prefill=prefill, params=dict(self.params) | dict(params or {}))

    def resuming(self, response_id: str, after: int) -> ChatRequest:
        """The request for the events after this one of a started response."""
        return replace(self, resume=(response_id, after))

    def _messages(self) -> list[dict[str, Any]]:
        messages = [message.as_dict() for message in self.messages]
        return messages if self.prefill is None else [*messages, dict(self.prefill)]

    def fingerprint(self) -> str:
        """SHA-256 of the canonical JSON body, in hexadecimal: the same request has the same hash."""
        return hashlib.sha256(canonical_json(self.body())).hexdigest()
