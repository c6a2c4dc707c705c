"""The request: the body of ``POST /v1/chat/completions``, parsed and checked."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from nbstream.demo.errors import APIError
from nbstream.demo.models import DemoModel, model_named

__all__ = ["Call", "RequestMessage", "parse_call"]

ROLES = ("system", "developer", "user", "assistant", "tool", "function")
MAX_STOPS = 4

# These change how an answer is sent or where it ends, but not its text.
_NOT_IN_SEED = frozenset(
    {"stream", "stream_options", "max_tokens", "max_completion_tokens", "stop", "n", "user"}
    | {"continue_final_message", "add_generation_prompt"}
)


@dataclass(frozen=True, slots=True)
class RequestMessage:
    """One message: role and text."""

    role: str
    text: str


@dataclass(frozen=True, slots=True)
class Call:
    """A request for a completion that the demo can answer.

    Parameters
    ----------
    model
        The model.
    messages
        The messages, oldest first.
    seed
        Hexadecimal digest of everything that the text of the answer depends on.
    stream, include_usage
        Whether the answer is streamed, and then ends with a chunk of token counts.
    max_tokens
        Maximum number of tokens; None for no limit.
    stop
        Texts before which the answer ends.
    as_json
        Whether the answer must be only a JSON object.
    schema
        JSON Schema that the answer must match; None if there is none.
    begun
        Partial answer to continue, as in vLLM (``continue_final_message``).
    tools
        Names of the tools that may be called.
    """

    model: DemoModel
    messages: tuple[RequestMessage, ...]
    seed: str
    stream: bool = False
    include_usage: bool = False
    max_tokens: int | None = None
    stop: tuple[str, ...] = ()
    as_json: bool = False
    schema: Mapping[str, Any] | None = None
    begun: str = ""
    tools: tuple[str, ...] = ()

    @property
    def prompts(self) -> list[str]:
        """The user's messages, oldest first."""
        return [message.text for message in self.messages if message.role == "user"]

    @property
    def prompt(self) -> str:
        """The last user message; empty if there is none."""
        return self.prompts[-1] if self.prompts else ""

    @property
    def system(self) -> str:
        """The system prompt; empty if there is none."""
        return "\n".join(message.text for message in self.messages if message.role in ("system", "developer"))


def parse_call(body: bytes, *, any_model: bool = False) -> Call:
    """Read a request.

    Parameters
    ----------
    body
        The body of the request.
    any_model
        Whether an unknown name means the default model.

    Raises
    ------
    APIError
        400 if the body is invalid; its ``param`` names the field. 404 if the model is
        unknown.
    """
    fields = _fields(body)
    model = _model(fields, any_name=any_model)
    messages, begun = _messages(fields.get("messages")), ""
    if _flag(fields, "continue_final_message") and len(messages) > 1 and messages[-1].role == "assistant":
        messages, begun = messages[:-1], messages[-1].text
        fields["messages"] = fields["messages"][:-1]
    return Call(
        model=model,
        messages=messages,
        seed=_seed(fields),
        stream=_flag(fields, "stream"),
        include_usage=_flag(_object(fields, "stream_options"), "include_usage"),
        max_tokens=_limit(fields),
        stop=_stop(fields.get("stop")),
        as_json=_object(fields, "response_format").get("type") == "json_object",
        schema=_schema(fields),
        begun=begun,
        tools=_tools(fields.get("tools") or []),
    )


def _invalid(param: str, what: str) -> APIError:
    return APIError(400, f"Invalid value for '{param}': {what}.", param=param, code="invalid_value")


def _fields(body: bytes) -> dict[str, Any]:
    try:
        fields = json.loads(body)
    except (ValueError, RecursionError) as error:
        raise APIError(400, f"The body of the request is not valid JSON: {error}.") from error
    if not isinstance(fields, dict):
        raise APIError(400, "The body of the request must be a JSON object.")
    return fields


def _model(fields: Mapping[str, Any], *, any_name: bool) -> DemoModel:
    name = fields.get("model")
    if not isinstance(name, str):
        raise _invalid("model", "must be the name of a model")
    return model_named(name, any_name=any_name)


def _messages(messages: object) -> tuple[RequestMessage, ...]:
    if not isinstance(messages, list) or not messages:
        raise _invalid("messages", "must be a list of at least one message")
    return tuple(_message(f"messages[{index}]", message) for index, message in enumerate(messages))


def _message(where: str, message: object) -> RequestMessage:
    if not isinstance(message, dict):
        raise _invalid(where, "a message must be an object")
    if message.get("role") not in ROLES:
        raise _invalid(f"{where}.role", f"use one of {', '.join(ROLES)}")
    return RequestMessage(message["role"], _text(f"{where}.content", message.get("content")))


def _text(where: str, content: object) -> str:
    if content is None:
        return ""
    if isinstance(content, str):
        return content
    if not isinstance(content, list) or not all(isinstance(part, dict) for part in content):
        raise _invalid(where, "must be text or a list of content parts")
    return "\n".join(str(part.get("text", "")) for part in content if part.get("type") == "text")


def _object(fields: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    value = fields.get(name)
    if value is not None and not isinstance(value, dict):
        raise _invalid(name, "must be an object")
    return value or {}


def _flag(fields: Mapping[str, Any], name: str) -> bool:
    value = fields.get(name)
    if value is not None and not isinstance(value, bool):
        raise _invalid(name, "must be true or false")
    return bool(value)


def _limit(fields: Mapping[str, Any]) -> int | None:
    for name in ("max_completion_tokens", "max_tokens"):
        value = fields.get(name)
        if value is None:
            continue
        if not isinstance(value, int) or isinstance(value, bool) or value < 1:
            raise _invalid(name, "must be a whole number of at least 1")
        return value
    return None


def _stop(value: object) -> tuple[str, ...]:
    stops = [value] if isinstance(value, str) else value or []
    if not isinstance(stops, list) or not all(isinstance(stop, str) and stop for stop in stops):
        raise _invalid("stop", "must be text or a list of texts")
    if len(stops) > MAX_STOPS:
        raise _invalid("stop", f"must have at most {MAX_STOPS} texts")
    return tuple(stops)


def _tools(tools: object) -> tuple[str, ...]:
    if not isinstance(tools, list) or not all(isinstance(tool, dict) for tool in tools):
        raise _invalid("tools", "must be a list of objects")
    return tuple(str(_object(tool, "function").get("name")) for tool in tools)


def _seed(fields: Mapping[str, Any]) -> str:
    kept = {name: value for name, value in fields.items() if name not in _NOT_IN_SEED}
    return hashlib.sha256(json.dumps(kept, sort_keys=True).encode()).hexdigest()


def _schema(fields: Mapping[str, Any]) -> Mapping[str, Any] | None:
    """The JSON Schema of ``response_format``."""
    described = _object(_object(fields, "response_format"), "json_schema").get("schema")
    return described if isinstance(described, dict) else None
