"""The route of a request: a client, and the name of a model."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from nbstream.client.chat_client import ChatClient
from nbstream.client.target import DEMO
from nbstream.client.token_limit import has_limit, renamed_for
from nbstream.local import Installed

__all__ = ["Route"]


@dataclass(frozen=True, slots=True)
class Route:
    """Where a request goes.

    Parameters
    ----------
    client
        Sends it.
    model
        Name of the model at that endpoint.
    why
        How this endpoint was chosen, in one phrase for the user.
    local
        The local model, if one is used.
    discovered
        Whether it is a model server discovered on this machine.
    """

    client: ChatClient
    model: str
    why: str = ""
    local: Installed | None = None
    discovered: bool = False

    @property
    def demo(self) -> bool:
        """Whether the scripted demo model answers."""
        return self.client.endpoint.provider == DEMO

    @property
    def badge(self) -> str:
        """The text below every answer of a local model; empty for others."""
        return self.local.model.badge if self.local else ""

    @property
    def loading(self) -> str:
        """Title of the local model that must be loaded first; empty for others."""
        transport = self.client.endpoint.transport
        # The model of a recording need not be here, and is not loaded.
        must_load = (
            self.local is not None and self.local.path.is_file() and not getattr(transport, "loaded", True)
        )
        return self.local.model.title if self.local and must_load else ""

    def params(self, params: Mapping[str, Any]) -> dict[str, Any]:
        """The parameters under the names that this endpoint expects, with the defaults of a local model."""
        named = renamed_for(self.client.endpoint, params)
        if self.local and not has_limit(named):
            named["max_tokens"] = self.local.model.max_tokens  # a small model may never stop by itself
        return named
