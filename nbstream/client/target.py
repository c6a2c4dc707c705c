"""What a caller wants to talk to: a model, a provider, an address, or a client of the caller's own."""

from __future__ import annotations

import difflib
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from nbstream._util.redaction import without_credentials
from nbstream.errors import ArgumentError
from nbstream.providers.presets import PROVIDERS

if TYPE_CHECKING:
    from openai import AsyncOpenAI

__all__ = ["DEMO", "LOCAL", "Target", "check_provider", "nearest_provider", "provider_of", "split_model"]

DEMO = "demo"
LOCAL = "local"
_PROVIDER_NAMES = (*PROVIDERS, "azure", LOCAL, DEMO)


@dataclass(frozen=True, slots=True)
class Target:
    """What the caller asked for; empty fields mean the default.

    Parameters
    ----------
    model
        ``NAME`` or ``PROVIDER:NAME``.
    base_url
        URL of an API.
    key
        API key for it.
    client
        A ready `AsyncOpenAI`, used as it is.
    """

    model: str = ""
    base_url: str = ""
    key: str | None = None
    client: AsyncOpenAI | None = None

    def switched_to(self, model: str, base_url: str) -> Target:
        """The same with another model or address; key and client are dropped where the host changes."""
        if base_url or provider_of(model):
            return Target(model, base_url)
        return replace(self, model=model or self.model)

    def with_model(self, model: str, default: str) -> Target:
        """The same endpoint with another of its models; `default` is the model where none is requested."""
        if not model or provider_of(model):
            return replace(self.switched_to(model, ""), model=model)
        provider = "" if self.base_url or self.client else provider_of(self.model or default)
        return replace(self, model=f"{provider}:{model}" if provider else model)

    def __repr__(self) -> str:
        # A base URL may contain a user name and a password; the key and the client are never shown.
        return f"Target(model={self.model!r}, base_url={without_credentials(self.base_url)!r})"


def provider_of(model: str) -> str:
    """The provider that is named before a model; empty where none is.

    Examples
    --------
    >>> provider_of("ollama:llama3.2"), provider_of("qwen3:8b")
    ('ollama', '')
    """
    return split_model(model)[0]


def split_model(wanted: str) -> tuple[str, str]:
    """Split ``PROVIDER:MODEL``; a colon in a model's own name (``llama3.2:3b``) stays there.

    Examples
    --------
    >>> split_model("ollama:llama3.2:3b"), split_model("llama3.2:3b"), split_model("groq")
    (('ollama', 'llama3.2:3b'), ('', 'llama3.2:3b'), ('groq', ''))
    """
    head, colon, tail = wanted.partition(":")
    if head in _PROVIDER_NAMES:
        return (head, tail) if colon else (head, "")
    return "", wanted


def check_provider(name: str) -> None:
    """Check that a provider of that name is known.

    Raises
    ------
    ArgumentError
        When it is not; names the nearest.
    """
    if name not in _PROVIDER_NAMES:
        known = ", ".join(_PROVIDER_NAMES)
        advice = f"{nearest_provider(name)}Known providers: {known}."
        raise ArgumentError(f"Unknown provider {name!r}.", advice=advice)


def nearest_provider(name: str) -> str:
    """A suggestion of the provider with the most similar name; empty if there is none."""
    near = difflib.get_close_matches(name.lower(), _PROVIDER_NAMES, n=1, cutoff=0.75)
    return f"Did you mean {near[0]}:? " if near else ""
