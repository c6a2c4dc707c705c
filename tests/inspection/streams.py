"""Replies to look into, from servers on loopback."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from nbstream import Chat, Reply
from tests.loopback import ByteServer, RecordedRequest, chunks

KEY = "sk-canary-0123456789abcdef"
USAGE = {"choices": [], "usage": {"prompt_tokens": 9, "completion_tokens": 2, "total_tokens": 11}}


def delta(text: str) -> dict[str, Any]:
    """A chunk that says which model answers."""
    return {"id": "chat-1", "model": "m-2026"} | chunks.delta(text)


async def reply_of(
    script: Any | Callable[[RecordedRequest], Iterable[Any]], prompt: str = "Hi", **how: Any
) -> Reply:
    """The reply of a server that follows a script, ended in whatever way."""
    with ByteServer(script) as server:
        settings = {name: how.pop(name) for name in ("stream", "limits", "timeouts") if name in how}
        chat = Chat("m", base_url=server.base_url, api_key=KEY, **settings)
        reply = chat.send(prompt, **how)
        await reply.wait()
        return reply
