"""The Responses API: converts the conversation, and can resume an answer.

A response with ``background=True`` continues on the server without a listener, so a broken stream resumes
after the last received event.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from typing import TYPE_CHECKING, Any

from nbstream.client.token_limit import renamed_for_responses
from nbstream.types.content import image_url
from nbstream.types.messages import RESPONSES_FIELD, Message
from nbstream.types.request import ChatRequest
from nbstream.wire.responses import ResponseDecoder

if TYPE_CHECKING:
    from openai import AsyncOpenAI

__all__ = ["decoder_of_response", "open_response", "response_body"]

_LOGPROBS = "message.output_text.logprobs"
_PARTS = {"text": "input_text", "image_url": "input_image"}


def open_response(
    sdk: AsyncOpenAI, request: ChatRequest, *, transformed: bool, **options: Any
) -> AbstractAsyncContextManager[Any]:
    """``POST /responses``, or the rest of a started response.

    Sent on entering the returned context manager; the parameters are those of `open_completion`.
    """
    responses = sdk.responses.with_streaming_response
    if request.resume is not None:
        response_id, after = request.resume
        return responses.retrieve(response_id, stream=True, starting_after=after, **options)
    body = response_body(request)
    named: dict[str, Any] = {name: body.pop(name) for name in ("model", "input", "stream")}
    if not transformed:
        body["input"], named["input"] = named["input"], ()
    return responses.create(**named, extra_body=body, **options)


def decoder_of_response(request: ChatRequest, clean: Callable[[str], str]) -> ResponseDecoder:
    """The reader of the answer."""
    return ResponseDecoder(clean, request.resume, logprobs=bool(request.params.get("logprobs")))


def response_body(request: ChatRequest) -> dict[str, Any]:
    """The JSON object that is sent.

    Examples
    --------
    >>> from nbstream.types.messages import Message
    >>> request = ChatRequest("m", (Message("user", "Hi"),), {"max_tokens": 9, "reasoning_effort": "low"})
    >>> response_body(request)
    {'model': 'm', 'input': [{'role': 'user', 'content': 'Hi'}], 'stream': True, \
'max_output_tokens': 9, 'reasoning': {'effort': 'low'}}
    """
    params = _with_logprobs(renamed_for_responses(request.params))
    if "reasoning_effort" in params:
        params["reasoning"] = {"effort": params.pop("reasoning_effort")}
    if "response_format" in params:
        params["text"] = dict(params.get("text") or {}) | {
            "format": _flat_format(params.pop("response_format"))
        }
    if isinstance(params.get("tools"), list):
        params["tools"] = [_flat(tool) for tool in params["tools"]]
    if "tool_choice" in params:
        params["tool_choice"] = _flat(params["tool_choice"])
    items = _input(request.messages, stored=params.get("store") is not False)
    return {"model": request.model, "input": items, "stream": request.stream} | params


def _input(messages: Sequence[Message], *, stored: bool) -> list[dict[str, Any]]:
    """The items of a conversation.

    Reasoning goes back only with the calls since the last user message: the API ignores older reasoning, and
    another endpoint would not find it.
    """
    asked = max((at for at, message in enumerate(messages) if message.role == "user"), default=-1)
    return [
        item
        for at, message in enumerate(messages)
        for item in _items(message, reasoned=at > asked, stored=stored)
    ]


def _with_logprobs(params: dict[str, Any]) -> dict[str, Any]:
    """The parameters with ``logprobs`` in the way of this API, which returns only what `include` names.

    Examples
    --------
    >>> _with_logprobs({"logprobs": True, "top_logprobs": 2})
    {'top_logprobs': 2, 'include': ['message.output_text.logprobs']}
    """
    wanted = params.pop("logprobs", None)
    included = params.get("include") or []
    if wanted and isinstance(included, list | tuple) and _LOGPROBS not in included:
        params["include"] = [*included, _LOGPROBS]
    return params


def _flat(tool: Any) -> Any:
    """A function or a choice of one; this API has a flat format for both."""
    if not isinstance(tool, Mapping) or not isinstance(tool.get("function"), Mapping):
        return tool
    return {"type": tool.get("type", "function"), **tool["function"]}


def _flat_format(value: Any) -> Any:
    """The format of an answer; this API takes the schema without another object around it."""
    if not isinstance(value, Mapping) or not isinstance(value.get("json_schema"), Mapping):
        return value
    return {"type": "json_schema", **value["json_schema"]}


def _items(message: Message, *, reasoned: bool, stored: bool) -> Iterator[dict[str, Any]]:
    """The items of a message; its calls and results are separate items."""
    if message.role == "tool":
        yield {"type": "function_call_output", "call_id": message.tool_call_id, "output": message.content}
        return
    if message.content or not message.tool_calls:
        yield _translated(message)
    for call in message.tool_calls:
        item = {"type": "function_call", "call_id": call["id"], **call["function"]}
        own = call.get(RESPONSES_FIELD) or {}
        reasoning = own.get("reasoning") or ()
        if reasoned and reasoning and (stored or all(map(_has_content, reasoning))):
            yield from reasoning
            item |= {"id": own["id"]} if "id" in own else {}  # without its reasoning it must have none
        yield item


def _has_content(reasoning: Mapping[str, Any]) -> bool:
    """Whether an item of reasoning is understood by an API that has not stored it."""
    return bool(reasoning.get("encrypted_content") or reasoning.get("content"))


def _translated(message: Message) -> dict[str, Any]:
    content: Any = message.content
    if not isinstance(content, str):
        content = [_part(part, said=message.role == "assistant") for part in content]
    named = {} if message.name is None else {"name": message.name}
    return {"role": message.role, "content": content} | named


def _part(part: Mapping[str, Any], *, said: bool) -> dict[str, Any]:
    kind = str(part.get("type"))
    name = "output_text" if said and kind == "text" else _PARTS.get(kind, kind)
    translated = dict(part) | {"type": name}
    url = image_url(part)
    if url is not None:
        translated["image_url"] = url
    return translated
