"""The body of a request, for either API."""

from __future__ import annotations

from typing import Any

from nbstream.client.responses import response_body
from nbstream.types.request import ChatRequest

__all__ = ["sent_body"]


def sent_body(request: ChatRequest) -> dict[str, Any]:
    """The JSON object that is sent."""
    return response_body(request) if request.wire == "responses" else request.body()
