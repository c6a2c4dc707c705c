"""A preview of a request."""

from __future__ import annotations

import json
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from nbstream.client.apis import sent_body
from nbstream.conversation.message_text import message_markdown, message_role, message_text
from nbstream.cost.prices import price_text
from nbstream.types.attachments import Attachment
from nbstream.types.request import ChatRequest
from nbstream.views.inert import inert_markdown, visible
from nbstream.views.inert.characters import literal

__all__ = ["Preview"]

_NO_PARAMS = frozenset({"model", "messages", "input", "stream", "stream_options"})


@dataclass(frozen=True, slots=True)
class Preview:
    """A request that would be sent, and its target.

    Parameters
    ----------
    request
        The request itself.
    provider, host
        Where it would go.
    left_out
        How many of the oldest turns were left out to fit the limit.
    filled
        Which variables were filled in.
    attachments
        Images, files and cells in the new message.
    tokens
        Estimated tokens of the prompt. Once the server has reported usage, they follow how its model counts.
    price
        Estimated price of the prompt in US dollars, without the answer; None where no price is known.
    """

    request: ChatRequest
    provider: str
    host: str
    left_out: int = 0
    filled: str = ""
    attachments: tuple[Attachment, ...] = ()
    tokens: int = 0
    price: Decimal | None = None

    @property
    def body(self) -> dict[str, Any]:
        """The exact JSON object that would be sent."""
        return sent_body(self.request)

    @property
    def messages(self) -> list[dict[str, Any]]:
        """The exact messages, in the format of the API."""
        spoken: list[dict[str, Any]] = self.body["input" if self._by_responses else "messages"]
        return spoken

    def __repr__(self) -> str:
        spoken = [f"{message_role(item)}: {message_text(item)}" for item in self.messages]
        return visible("\n\n".join([self._head(), *spoken]))

    def _repr_markdown_(self) -> str:
        spoken = [f"**{literal(message_role(item))}**\n\n{message_markdown(item)}" for item in self.messages]
        return "\n\n---\n\n".join([inert_markdown(self._head()), *spoken])

    @property
    def _by_responses(self) -> bool:
        return self.request.api == "responses"

    def _head(self) -> str:
        body = self.body.items()
        params = ", ".join(f"{name}={json.dumps(value)}" for name, value in body if name not in _NO_PARAMS)
        api = " (Responses API)" if self._by_responses else ""
        count = len(self.request.messages)
        price = f" (≈{price_text(self.price)} without the answer)" if self.price else ""
        parts = [
            f"Would go to {self.request.model} at {self.provider or self.host}{api}",
            f"≈{self.tokens:,} tokens{price} in {count} {'message' if count == 1 else 'messages'}",
            params or "no parameters",
        ]
        if self.filled:
            parts.append(f"filled: {self.filled}")
        if self.attachments:
            parts.append(f"with {'; '.join(map(str, self.attachments))}")
        if self.left_out:
            parts.append(f"{self.left_out} oldest turns left out to fit the limit")
        return "; ".join(parts) + ". Nothing was sent."
