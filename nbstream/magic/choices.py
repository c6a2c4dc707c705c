"""The models and chats that a session can name."""

from __future__ import annotations

from typing import TYPE_CHECKING

from nbstream.local import installed
from nbstream.providers.presets import PROVIDERS

if TYPE_CHECKING:
    from nbstream.magic.session import Session

__all__ = ["chat_choices", "model_choices"]

_NAMED = frozenset({"demo", "azure", "local"})
"""Provider prefixes that are not presets."""


def model_choices(session: Session) -> list[str]:
    """Models that were listed in this session, those on this machine, then the defaults of providers."""
    listed = [
        f"{provider}:{name}" if provider in PROVIDERS or provider in _NAMED else name
        for provider, names in session.known_models.items()
        for name in names
    ]
    presets = [f"{name}:{preset.model}" for name, preset in PROVIDERS.items()]
    here = [f"local:{name}" for name in installed()]
    return list(dict.fromkeys([*listed, *here, *presets, "demo"]))


def chat_choices(session: Session) -> list[str]:
    """Names of chats; that of the main one also before its first question."""
    from nbstream.magic.session import MAIN_CHAT

    return sorted({MAIN_CHAT, *session.chats})
