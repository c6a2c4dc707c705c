"""The Responses API: the same conversation in its terms, and an answer that can be taken up again.

A response with ``background=True`` is written at the server whether or not anyone listens, so a stream that
was cut goes on from the last event that came.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import AbstractAsyncContextManager
from typing import TYPE_CHECKING, Any

from nbstream.request import ChatRequest
from nbstream.wire.responses import ResponseDecoder

if TYPE_CHECKING:
    from openai import AsyncOpenAI

__all__ = ["decoder_of_response", "open_response", "response_body"]

_RENAMED = {"max_tokens": "max_output_tokens", "max_completion_tokens": "max_output_tokens"}
_PARTS = {"text": "input_text", "image_url": "input_image"}


def open_response(sdk: AsyncOpenAI, request: ChatRequest, **options: Any) -> AbstractAsyncContextManager[Any]:
    """``POST /responses``, or the rest of a response that has begun; sent when the result is entered."""
    responses = sdk.responses.with_streaming_response
    if request.resume is not None:
        response_id, after = request.resume
        return responses.retrieve(response_id, stream=True, starting_after=after, **options)
    body = response_body(request)
    named: Mapping[str, Any] = {name: body.pop(name) for name in ("model", "input", "stream")}
    return responses.create(**named, extra_body=body, **options)


def decoder_of_response(request: ChatRequest, clean: Callable[[str], str]) -> ResponseDecoder:
    """What reads the answer."""
    return ResponseDecoder(clean, request.resume)


def response_body(request: ChatRequest) -> dict[str, Any]:
    """The JSON object that is sent.

    Examples
    --------
    >>> from nbstream.messages import Message
    >>> request = ChatRequest("m", (Message("user", "Hi"),), {"max_tokens": 9, "reasoning_effort": "low"})
    >>> response_body(request)
    {'model': 'm', 'input': [{'role': 'user', 'content': 'Hi'}], 'stream': True, \
'max_output_tokens': 9, 'reasoning': {'effort': 'low'}}
    """
    params = {_RENAMED.get(name, name): value for name, value in request.params.items()}
    if "reasoning_effort" in params:
        params["reasoning"] = {"effort": params.pop("reasoning_effort")}
    messages = [_translated(message.as_dict()) for message in request.messages]
    return {"model": request.model, "input": messages, "stream": request.stream} | params


def _translated(message: dict[str, Any]) -> dict[str, Any]:
    content = message["content"]
    return message if isinstance(content, str) else message | {"content": [_part(part) for part in content]}


def _part(part: Mapping[str, Any]) -> dict[str, Any]:
    kind = str(part.get("type"))
    translated = dict(part) | {"type": _PARTS.get(kind, kind)}
    if kind == "image_url" and isinstance(part.get("image_url"), Mapping):
        translated["image_url"] = part["image_url"].get("url")
    return translated
