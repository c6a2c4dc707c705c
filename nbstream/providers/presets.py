"""Presets: URLs, key variables and features of the known providers. Data, no decisions."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

__all__ = ["LOCAL_PORTS", "PREFILLS", "PROVIDERS", "SERVERS", "Prefill", "Provider", "server_of"]


@dataclass(frozen=True, slots=True)
class Prefill:
    """How a provider continues an answer: the partial answer is sent as the last message.

    Parameters
    ----------
    message
        Fields of that message, besides role and content.
    params
        Fields of the request.
    base_url
        URL of the API that does this, where it is not the usual one.
    """

    message: Mapping[str, Any] = field(default_factory=dict)
    params: Mapping[str, Any] = field(default_factory=dict)
    base_url: str = ""


_BY_FLAGS = Prefill(params={"continue_final_message": True, "add_generation_prompt": False})
_BY_MARK = Prefill(message={"prefix": True})


@dataclass(frozen=True, slots=True)
class Provider:
    """One provider of an OpenAI-compatible API.

    Parameters
    ----------
    base_url
        URL of its API.
    key_env
        Environment variable that holds its key; empty for a local server, which needs none.
    model
        Model to use when none is named; empty where the server is asked what it has.
    hint
        What to do when it is not reached.
    max_tokens
        Name of the parameter that limits the answer's length.
    prefill
        How it continues an incomplete answer; None if it cannot.
    """

    base_url: str
    key_env: str = ""
    model: str = ""
    hint: str = ""
    max_tokens: str = "max_tokens"
    prefill: Prefill | None = None


PROVIDERS: dict[str, Provider] = {
    "openai": Provider(
        "https://api.openai.com/v1", "OPENAI_API_KEY", "gpt-5-mini", max_tokens="max_completion_tokens"
    ),
    "assisters": Provider("https://api.assisters.dev/v1", "ASSISTERS_API_KEY", "llama-3.1-8b"),
    "openrouter": Provider("https://openrouter.ai/api/v1", "OPENROUTER_API_KEY", "openrouter/auto"),
    "groq": Provider("https://api.groq.com/openai/v1", "GROQ_API_KEY"),
    "together": Provider("https://api.together.xyz/v1", "TOGETHER_API_KEY"),
    "mistral": Provider(
        "https://api.mistral.ai/v1", "MISTRAL_API_KEY", "mistral-small-latest", prefill=_BY_MARK
    ),
    "deepseek": Provider(
        "https://api.deepseek.com/v1",
        "DEEPSEEK_API_KEY",
        "deepseek-chat",
        prefill=replace(_BY_MARK, base_url="https://api.deepseek.com/beta"),
    ),
    "gemini": Provider("https://generativelanguage.googleapis.com/v1beta/openai", "GEMINI_API_KEY"),
    "anthropic": Provider("https://api.anthropic.com/v1", "ANTHROPIC_API_KEY"),
    "ollama": Provider("http://127.0.0.1:11434/v1", hint="Start it with: ollama serve"),
    "lmstudio": Provider("http://127.0.0.1:1234/v1", hint="Start the local server in LM Studio."),
    "llamacpp": Provider(
        "http://127.0.0.1:8080/v1", hint="Start it with: llama-server -m MODEL.gguf", prefill=_BY_FLAGS
    ),
    "vllm": Provider("http://127.0.0.1:8000/v1", hint="Start it with: vllm serve MODEL", prefill=_BY_FLAGS),
}

LOCAL_PORTS: dict[int, str] = {
    11434: "ollama",
    1234: "lmstudio",
    8080: "llamacpp",
    8000: "vllm",
    1337: "jan",
    4891: "gpt4all",
    5001: "koboldcpp",
    30000: "sglang",
    12434: "docker",
}
"""Ports on which local servers listen by default, and the servers, in the order of preference."""

SERVERS: dict[str, str] = {"vllm": "vllm", "llamacpp": "llamacpp", "nbstream": "demo"}
"""What servers of one's own call the owner of their models (``owned_by``), and whose servers they are."""

PREFILLS: dict[str, Prefill | None] = {name: preset.prefill for name, preset in PROVIDERS.items()}
PREFILLS |= {"demo": _BY_FLAGS, "local": _BY_FLAGS}
"""How an answer is continued by each provider, the demo and a local model; None where there is no way."""


def server_of(models: Iterable[Mapping[str, Any]]) -> str:
    """Whose server lists these models; empty where they do not tell.

    Examples
    --------
    >>> server_of([{"id": "m", "owned_by": "vllm"}]), server_of([{"id": "m", "owned_by": "me"}])
    ('vllm', '')
    """
    owners = [owner for model in models if isinstance(owner := model.get("owned_by"), str)]
    return next((SERVERS[owner] for owner in owners if owner in SERVERS), "")
