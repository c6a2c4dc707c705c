"""The names of the parameter that limits the length of an answer: which API wants which, decided here.

Users write ``max_tokens``. OpenAI and Azure call it ``max_completion_tokens``, and refuse the old name for
newer models; most other servers know only the old one; the Responses API has a third.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from itertools import permutations
from typing import Any
from urllib.parse import urlsplit

from nbstream.client.addresses import preset_at
from nbstream.providers.endpoint import Endpoint
from nbstream.providers.presets import PROVIDERS

__all__ = ["has_limit", "other_name", "renamed_for", "renamed_for_responses"]

_COMMON = "max_tokens"
_NEW = "max_completion_tokens"
_CHAT_NAMES = (_COMMON, _NEW)
_RESPONSES = "max_output_tokens"
# Azure's API without a version is OpenAI's, whose newer models refuse the old name.
_NAMES = {name: preset.max_tokens for name, preset in PROVIDERS.items()} | {
    "azure": PROVIDERS["openai"].max_tokens
}
_AZURE_HOSTS = (".openai.azure.com", ".cognitiveservices.azure.com", ".openai.azure.us")


def has_limit(params: Mapping[str, Any]) -> bool:
    """Whether a request limits the length of its answer, under whichever name."""
    return not params.keys().isdisjoint(_CHAT_NAMES)


def renamed_for(endpoint: Endpoint, params: Mapping[str, Any]) -> dict[str, Any]:
    """The parameters, with ``max_tokens`` under the name that the endpoint's chat completions API expects."""
    return _renamed(params, {_COMMON: _name_at(endpoint)})


def renamed_for_responses(params: Mapping[str, Any]) -> dict[str, Any]:
    """The parameters, with the limit under its name in the Responses API.

    Examples
    --------
    >>> renamed_for_responses({"max_tokens": 9, "seed": 1})
    {'max_output_tokens': 9, 'seed': 1}
    """
    return _renamed(params, dict.fromkeys(_CHAT_NAMES, _RESPONSES))


def other_name(params: Mapping[str, Any], refusal: str) -> tuple[str, str] | None:
    """The name in use and the one to try, where a server refuses the one in use.

    A server that knows only the old name refuses the new one as an unknown field, without naming the old;
    one that wants the new name says so. A refusal of ``max_tokens`` alone is about its value.

    Examples
    --------
    >>> other_name({"max_tokens": 9}, "Use 'max_completion_tokens' instead of 'max_tokens'.")
    ('max_tokens', 'max_completion_tokens')
    >>> other_name({"max_tokens": 9}, "max_tokens is too large") is None
    True
    """
    for name, other in permutations(_CHAT_NAMES):
        if name in params and re.search(rf"\b{name}\b", refusal) and (name == _NEW or other in refusal):
            return name, other
    return None


def _renamed(params: Mapping[str, Any], names: Mapping[str, str]) -> dict[str, Any]:
    return {names.get(name, name): value for name, value in params.items()}


def _name_at(endpoint: Endpoint) -> str:
    """The name at an endpoint, which may have been given as an address without a provider."""
    name = endpoint.provider
    if name not in _NAMES:
        host = (urlsplit(endpoint.base_url).hostname or "").lower()
        name = "azure" if host.endswith(_AZURE_HOSTS) else preset_at(endpoint.base_url)[0]
    return _NAMES.get(name, _COMMON)
