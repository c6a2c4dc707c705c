"""The request of an answer and its destination, kept so that it can be sent again as code.

It holds no key: only where one was sent, and the names of what else a script cannot know.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

from nbstream.types.request import ChatRequest

__all__ = ["Destination", "SentLog", "SentRequest"]


@dataclass(frozen=True, slots=True)
class Destination:
    """Where a request goes.

    Parameters
    ----------
    base_url
        URL of the API, without a user and a password.
    provider
        Name of the provider; ``"client"`` for the user's own client.
    key_env
        Environment variable that holds the key.
    sends_key
        Whether a key is sent.
    azure
        The ``api-version`` of an `AsyncAzureOpenAI`; empty for any other client.
    entra
        Whether that one uses a token of Entra ID instead of a key.
    left_out
        Names of headers and query parameters of the user's own client that are not part of its code.
    """

    base_url: str
    provider: str = ""
    key_env: str = ""
    sends_key: bool = False
    azure: str = ""
    entra: bool = False
    left_out: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class SentRequest:
    """A request, and where it went.

    Parameters
    ----------
    request
        The request.
    destination
        Where it went.
    redact
        Masks secrets within a value.
    """

    request: ChatRequest
    destination: Destination
    redact: Callable[[Any], Any]


class SentLog:
    """The first request of an answer, as the server accepted it.

    Later requests of the same answer carry results of tools, or continue it after a disconnect.

    Attributes
    ----------
    first : SentRequest or None
        None until something is sent.
    """

    def __init__(self) -> None:
        self.first: SentRequest | None = None

    def note(self, sent: SentRequest) -> None:
        """Keep a request if it is the first, or repeats the first without an option that was refused."""
        sent = replace(sent, request=replace(sent.request, resume=None))
        if self.first is None or _asks_the_same(self.first.request, sent.request):
            self.first = sent

    def correct(self, request: ChatRequest, destination: Destination) -> None:
        """Describe the destination of a request by what was really sent."""
        if self.first is not None and self.first.request == replace(request, resume=None):
            self.first = replace(self.first, destination=destination)


def _asks_the_same(first: ChatRequest, other: ChatRequest) -> bool:
    return first.messages is other.messages and first.prefill == other.prefill
