"""What a script has to say, before it is written in any language."""

from __future__ import annotations

import json
import os
from dataclasses import dataclass
from typing import Any, Self
from urllib.parse import quote

from nbstream.client.apis import sent_body
from nbstream.client.sent import Destination, SentRequest
from nbstream.demo.server import DEFAULT_PORT
from nbstream.errors import StateError
from nbstream.types.request import ChatRequest

__all__ = ["Plan"]

_PATHS = {"chat": "/chat/completions", "responses": "/responses"}
_IDENTITY = {"OpenAI-Organization": "OPENAI_ORG_ID", "OpenAI-Project": "OPENAI_PROJECT_ID"}


@dataclass(frozen=True, slots=True)
class Plan:
    """One request for a script.

    Parameters
    ----------
    request
        The request.
    destination
        Where it goes.
    body
        The JSON object to send, without secrets.
    messages, params
        The messages and parameters that it is made of, in the format of the chat completions API.
    masked
        Whether a secret in it is masked.
    """

    request: ChatRequest
    destination: Destination
    body: dict[str, Any]
    messages: list[dict[str, Any]]
    params: dict[str, Any]
    masked: bool = False

    @classmethod
    def of(cls, sent: SentRequest) -> Self:
        """The plan for a request that was sent."""
        request = sent.request
        body = json.loads(json.dumps(sent_body(request)))
        messages = json.loads(json.dumps([message.as_dict() for message in request.messages]))
        params = json.loads(json.dumps(dict(request.params)))
        safe = sent.redact(body)
        return cls(request, sent.destination, safe, sent.redact(messages), sent.redact(params), safe != body)

    @property
    def base_url(self) -> str:
        """URL of the API.

        Raises
        ------
        StateError
            When the model has none.
        """
        if self.destination.provider == "local":
            raise StateError(
                "A local model runs without a server, so there is no address to send the request to.",
                advice='Use the code for "nbstream".',
            )
        if self.destination.provider == "demo":
            return f"http://127.0.0.1:{DEFAULT_PORT}/v1"
        return self.destination.base_url

    @property
    def url(self) -> str:
        """URL of the request."""
        base, version = self.base_url, self.destination.azure
        path = _PATHS[self.request.api]
        if version and self.request.api == "chat" and "/deployments" not in base:
            path = f"/deployments/{quote(self.request.model, safe='')}{path}"
        return f"{base}{path}" + (f"?api-version={quote(version, safe='')}" if version else "")

    @property
    def key_header(self) -> tuple[str, str] | None:
        """Name of the header with the key, and what precedes the key; None if none is sent."""
        if not self.destination.sends_key:
            return None
        plain = self.destination.azure and not self.destination.entra
        return ("api-key", "") if plain else ("Authorization", "Bearer ")

    @property
    def identity(self) -> dict[str, str]:
        """Headers that OpenAI's own API gets from the environment, with their variables."""
        if self.destination.provider != "openai":
            return {}
        return {header: name for header, name in _IDENTITY.items() if os.environ.get(name)}

    @property
    def hidden_identity(self) -> list[str]:
        """Headers that the SDK would send from the environment, though this host must not get them."""
        if self.destination.provider in {"openai", "client"}:
            return []
        return [header for header, name in _IDENTITY.items() if os.environ.get(name)]

    def _remarks(self, *, by_address: bool) -> list[str]:
        """What the reader of the script should know, as sentences."""
        remarks = []
        if by_address and self.destination.provider == "demo":
            remarks.append("Start the server first: nbstream demo-server")
        if self.destination.left_out:
            remarks.append(f"Left out, because they may be secret: {', '.join(self.destination.left_out)}")
        if self.masked:
            remarks.append("A key in the request is replaced by [secret].")
        if "tools" in self.body:
            remarks.append("The model may call these tools; the script only prints text and runs none.")
        return remarks

    def comments(self, *, by_address: bool = True) -> str:
        """What the reader of the script should know, as lines of comments.

        Parameters
        ----------
        by_address
            Whether the script names the address of a server.
        """
        remarks = self._remarks(by_address=by_address)
        return "".join(f"# {''.join(filter(str.isprintable, remark))}\n" for remark in remarks)
