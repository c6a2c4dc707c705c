"""What the model's server says, and what it is sent."""

from __future__ import annotations

from tests.loopback import ByteServer

WORDS = [f"word{number} é😀 " for number in range(20)]


def sent(server: ByteServer, number: int = -1) -> list[tuple[str, str]]:
    """Role and content of the messages of a request."""
    return [(message["role"], message["content"]) for message in server.requests[number].json["messages"]]
