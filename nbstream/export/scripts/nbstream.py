"""The script for nbstream itself, which also reaches models that have no address."""

from __future__ import annotations

from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

from nbstream.errors import StateError
from nbstream.export.scripts.literals import arguments, python_literal
from nbstream.export.scripts.plan import Plan
from nbstream.local import MODELS
from nbstream.providers.presets import PROVIDERS
from nbstream.types.params import KNOWN_PARAMS

__all__ = ["nbstream_script"]

_NO_PARAMS = frozenset({"model", "messages", "input", "stream", "stream_options"})


def nbstream_script(plan: Plan) -> str:
    """The script.

    Raises
    ------
    StateError
        When `Chat` cannot send this request by itself.
    """
    *before, last = _messages(plan)
    chat = {"messages": before} if before else {}
    sending = arguments(_keywords(plan), python_literal(last["content"]))
    opened = _chat(plan, chat)
    uses_key = "os.environ" in opened.partition("messages=")[0]
    imports = "import os\n\n" * uses_key + _sdk_import(plan) + "from nbstream import Chat\n\n"
    return (
        f"{plan.comments(by_address=False)}{imports}chat = {opened}\nfor delta in chat.send{sending}:\n"
        '    print(delta, end="", flush=True)\nprint()\n'
    )


def _messages(plan: Plan) -> list[dict[str, Any]]:
    """The messages in the format that `Chat` takes, whichever API they went to."""
    messages = plan.messages
    last = messages[-1] if messages else {}
    turns = [message for message in messages[:-1] if message["role"] != "system"]
    answered = not turns or (turns[-1]["role"] == "assistant" and not turns[-1].get("tool_calls"))
    if plan.request.prefill is not None or last.get("role") != "user" or not answered:
        raise StateError(
            "This request continues an answer, which Chat.send does not do.",
            advice='Use the code for "openai", "httpx" or "curl".',
        )
    return messages


def _keywords(plan: Plan) -> dict[str, Any]:
    """The keywords of `Chat.send`: known parameters by name, others as `extra`."""
    params = {name: value for name, value in plan.params.items() if name not in _NO_PARAMS}
    named = {name: value for name, value in params.items() if _is_keyword(name, value)}
    extra = {name: value for name, value in params.items() if name not in named}
    if "stream_options" in plan.params:
        extra["stream_options"] = plan.params["stream_options"]
    if not plan.request.stream:
        named["stream"] = False
    if plan.request.api == "responses":
        named["api"] = "responses"
    return named | ({"extra": extra} if extra else {})


def _is_keyword(name: str, value: Any) -> bool:
    return name in KNOWN_PARAMS and name != "tools" and value is not None


def _chat(plan: Plan, keywords: dict[str, Any]) -> str:
    """The expression that creates the chat."""
    destination, model = plan.destination, plan.request.model
    written: list[str] = []
    if destination.azure:
        token = "azure_ad_token" if destination.entra else "api_key"
        written = [
            f"base_url={python_literal(destination.base_url)}",
            f"api_version={python_literal(destination.azure)}",
            f'{token}=os.environ["{destination.key_env}"]',
        ]
        written = [f"client=AsyncAzureOpenAI({', '.join(written)})"]
    elif named := _named(plan):
        model = named
    else:
        written = [f"base_url={python_literal(destination.base_url)}"]
        written += [f'api_key=os.environ["{destination.key_env}"]'] * destination.sends_key
    first = ", ".join([python_literal(model), *written])
    if not keywords:
        return f"Chat({first})"
    lines = "".join(f"    {line},\n" for line in [python_literal(model), *written])
    lines += "".join(f"    {name}={python_literal(value, '    ')},\n" for name, value in keywords.items())
    return f"Chat(\n{lines})"


def _sdk_import(plan: Plan) -> str:
    return "from openai import AsyncAzureOpenAI\n" if plan.destination.azure else ""


def _named(plan: Plan) -> str:
    """``PROVIDER:MODEL``, if that leads to the same address; else empty."""
    destination, model = plan.destination, plan.request.model
    match destination.provider:
        case "demo" | "azure" as provider:
            return f"{provider}:{model}"
        case "local":
            return f"local:{model if model in MODELS else _file(destination.base_url)}"
    preset = PROVIDERS.get(destination.provider)
    same = preset is not None and preset.base_url == destination.base_url
    return f"{destination.provider}:{model}" if same else ""


def _file(base_url: str) -> str:
    return str(Path(unquote(urlsplit(base_url).path.split("/")[1])))
