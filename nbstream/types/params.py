"""Parameters of a request that nbstream knows by name: the one list that signatures and checks are made of.

Any other parameter is sent with ``extra={…}``, or with ``-p NAME=VALUE`` in a cell.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any, TypedDict

from nbstream._util.names import did_you_mean
from nbstream.errors import ArgumentError

__all__ = [
    "COMMON_PARAMS",
    "KNOWN_PARAMS",
    "MISPLACED",
    "CommonParams",
    "ParamKeywords",
    "Params",
    "check_params",
    "unknown_param",
]


class CommonParams(TypedDict, total=False):
    """What most servers understand; a chat has a property for each."""

    temperature: float | None
    top_p: float | None
    max_tokens: int | None
    seed: int | None
    stop: str | Sequence[str] | None
    presence_penalty: float | None
    frequency_penalty: float | None
    response_format: Mapping[str, Any] | None
    reasoning_effort: str | None
    verbosity: str | None
    logprobs: bool | None
    top_logprobs: int | None
    logit_bias: Mapping[str, float] | None
    n: int | None
    user: str | None
    tool_choice: str | Mapping[str, Any] | None
    parallel_tool_calls: bool | None


class Params(CommonParams, total=False):
    """All that is known by name: of OpenAI's two APIs, then of other servers and providers."""

    audio: Mapping[str, Any] | None
    background: bool | None
    function_call: str | Mapping[str, Any] | None
    functions: Sequence[Mapping[str, Any]] | None
    include: Sequence[str] | None
    instructions: str | None
    max_completion_tokens: int | None
    max_output_tokens: int | None
    max_tool_calls: int | None
    metadata: Mapping[str, str] | None
    modalities: Sequence[str] | None
    prediction: Mapping[str, Any] | None
    previous_response_id: str | None
    prompt: Mapping[str, Any] | None
    prompt_cache_key: str | None
    reasoning: Mapping[str, Any] | None
    safety_identifier: str | None
    service_tier: str | None
    store: bool | None
    stream_options: Mapping[str, Any] | None
    text: Mapping[str, Any] | None
    truncation: str | None
    web_search_options: Mapping[str, Any] | None

    best_of: int | None
    cache_prompt: bool | None
    chat_template_kwargs: Mapping[str, Any] | None
    dry_multiplier: float | None
    enable_thinking: bool | None
    format: str | Mapping[str, Any] | None
    grammar: str | None
    guided_choice: Sequence[str] | None
    guided_grammar: str | None
    guided_json: str | Mapping[str, Any] | None
    guided_regex: str | None
    ignore_eos: bool | None
    include_reasoning: bool | None
    json_schema: Mapping[str, Any] | None
    keep_alive: str | int | None
    length_penalty: float | None
    min_p: float | None
    min_tokens: int | None
    mirostat: int | None
    models: Sequence[str] | None
    num_ctx: int | None
    num_predict: int | None
    options: Mapping[str, Any] | None
    plugins: Sequence[Mapping[str, Any]] | None
    provider: Mapping[str, Any] | None
    random_seed: int | None
    reasoning_format: str | None
    repeat_penalty: float | None
    repetition_penalty: float | None
    route: str | None
    safe_prompt: bool | None
    search_parameters: Mapping[str, Any] | None
    skip_special_tokens: bool | None
    stop_token_ids: Sequence[int] | None
    structured_outputs: Mapping[str, Any] | None
    think: bool | str | None
    thinking: Mapping[str, Any] | None
    thinking_budget: int | None
    top_a: float | None
    top_k: int | None
    transforms: Sequence[str] | None
    typical_p: float | None
    use_beam_search: bool | None


class ParamKeywords(Params, total=False):
    """Known parameters, and `extra` for all others."""

    extra: Mapping[str, Any] | None


COMMON_PARAMS: tuple[str, ...] = tuple(CommonParams.__annotations__)

KNOWN_PARAMS = Params.__optional_keys__ | {"tools"}
"""With ``tools``, which is an option of its own in Python; ``-p`` and `extra` take it as the API does."""

_OF_THE_CHAT = "Set it on the chat, Chat(…), or for one turn, Chat.send(…)."
_OF_A_CLIENT = "Use a client of your own: Chat(client=AsyncOpenAI(…))."
MISPLACED: Mapping[str, str] = {
    "api_key": "Use Chat(api_key=…) or the environment: parameters are saved and shown.",
    "content": "It is the first argument of send, or the lines below %%chat.",
    "extra_body": "Use extra={…}.",
    "extra_headers": _OF_A_CLIENT,
    "extra_query": _OF_A_CLIENT,
    "input": "The conversation holds it; Chat.load reads one from a file.",
    "messages": "Use Chat(messages=…) for examples; Chat.load reads a conversation from a file.",
    "model": _OF_THE_CHAT,
    "stream": _OF_THE_CHAT,
    "system": "Use Chat(system=…), chat.system, or %%chat --system.",
    "timeout": "Use Chat(timeouts=Timeouts(…)).",
    "wire": 'It is called api: Chat(api="responses").',
}
"""What is taken for a parameter of the API by mistake, and where it belongs."""


def check_params(params: Mapping[str, Any]) -> None:
    """Check that parameters can be sent with the model and the messages.

    Raises
    ------
    ArgumentError
        Names the first invalid parameter, and what to do.

    Examples
    --------
    >>> check_params({"temperature": 0.2, "top_k": 20})
    >>> check_params({"timeout": 5})
    Traceback (most recent call last):
        ...
    nbstream.errors.ArgumentError: 'timeout' is not a parameter of a request. Use Chat(timeouts=Timeouts(…)).
    """
    for name, value in params.items():
        if name in MISPLACED:
            raise ArgumentError(f"{name!r} is not a parameter of a request.", advice=MISPLACED[name])
        try:
            json.dumps(value, allow_nan=False)
        except (TypeError, ValueError, RecursionError) as error:
            raise ArgumentError(
                f"The parameter {name!r} cannot be sent as JSON: {error}.",
                advice="Use text, numbers, lists and dicts: for example int(…) of a NumPy number.",
            ) from None


def unknown_param(name: str) -> str:
    """A notice for a parameter that nbstream does not know; empty for one that it knows.

    Examples
    --------
    >>> unknown_param("temprature")
    "The parameter 'temprature' was sent, but nbstream does not know it. Did you mean 'temperature'?"
    """
    if name in KNOWN_PARAMS:
        return ""
    text = f"The parameter {name!r} was sent, but nbstream does not know it."
    return f"{text} {did_you_mean(name, KNOWN_PARAMS)}".rstrip()
