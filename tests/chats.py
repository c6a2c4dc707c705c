"""Chats with a server on loopback."""

from __future__ import annotations

from typing import Any

from nbstream import Chat, NBStream
from nbstream.client.router import Router
from tests.loopback import ByteServer


def chat_on(server: ByteServer, **options: Any) -> Chat:
    """A chat that goes to this server, and asks it once."""
    router = Router(NBStream(retries=0), {"NBSTREAM_NO_PROBE": "1"})
    return Chat("m", base_url=server.base_url, router=router, **options)
