"""Sources of cells."""

from __future__ import annotations

from tests.loopback import ByteServer


def chat_cell(server: ByteServer, options: str = "", prompt: str = "Hi") -> str:
    """A `%%chat` cell that asks this server."""
    return f"%%chat --base-url {server.base_url} -m m {options}\n{prompt}"
