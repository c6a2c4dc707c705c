"""Chooses one of a server's models if none was named."""

from __future__ import annotations

import re
from collections.abc import Sequence

from nbstream.client.chat_client import ChatClient
from nbstream.errors import SettingsError

__all__ = ["chat_model", "first_model"]

# Servers list models of all kinds without saying which ones chat.
_NO_CHAT = re.compile(
    r"embed|\bbge|\bgte-|\be5-|minilm|rerank|whisper|\btts|dall-e|\bimage|moderation", re.IGNORECASE
)


async def first_model(client: ChatClient) -> str:
    """Choose a model of an endpoint that was given without one.

    Raises
    ------
    SettingsError
        If the endpoint lists no models.
    """
    models = await client.known_models()
    if not models:
        raise SettingsError(f"{client.endpoint.host} lists no models.", advice="Name one with -m.")
    return chat_model(models)


def chat_model(names: Sequence[str]) -> str:
    """The first model that can chat, judged by its name.

    Examples
    --------
    >>> chat_model(["nomic-embed-text", "llama3.2:3b"])
    'llama3.2:3b'
    """
    return next((name for name in names if not _NO_CHAT.search(name)), names[0])
