"""What the tests of cassettes share: a server, a chat and the lines of a file."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from nbstream import Chat, NBStream
from nbstream.client.router import Router
from tests.loopback import ByteServer


def lines(file: Path) -> list[dict[str, Any]]:
    """The lines of a cassette."""
    return [json.loads(line) for line in file.read_text("utf-8").splitlines()]


def kinds(file: Path) -> list[str]:
    """The first field of each line."""
    return [next(iter(line)) for line in lines(file)]


@asynccontextmanager
async def chatting(
    server: ByteServer, environ: dict[str, str] | None = None, **options: Any
) -> AsyncIterator[Chat]:
    """A chat with a server."""
    router = Router(NBStream(), environ or {})
    try:
        yield Chat("m", base_url=server.base_url, router=router, **options)
    finally:
        await router.aclose()
