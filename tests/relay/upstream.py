"""What the model's server does, and how a test decides when it goes on."""

from __future__ import annotations

import threading
from collections.abc import Iterable, Iterator
from typing import Any

from nbstream import Chat
from nbstream.config import NBStream
from nbstream.routing import Router
from tests.loopback import ByteServer, Pause, Piece, Step, sse_response

END: list[Piece] = [{"choices": [{"index": 0, "delta": {}, "finish_reason": "stop"}]}, "[DONE]"]
WORDS = [f"word{number} é😀 " for number in range(20)]


def delta(text: str) -> dict[str, Any]:
    return {"choices": [{"index": 0, "delta": {"content": text}}]}


def says(*texts: str) -> list[Step]:
    """A whole answer."""
    return sse_response([*map(delta, texts), *END])


def chat_on(server: ByteServer, **options: Any) -> Chat:
    router = Router(NBStream(retries=0), {"NBSTREAM_NO_PROBE": "1"})
    return Chat("m", base_url=server.base_url, router=router, **options)


def sent(server: ByteServer, number: int = -1) -> list[tuple[str, str]]:
    """Role and content of the messages of a request."""
    return [(message["role"], message["content"]) for message in server.requests[number].json["messages"]]


class Gate:
    """A place in a script at which the model waits until the test lets it go on."""

    def __init__(self) -> None:
        self._open = threading.Event()

    @property
    def is_open(self) -> bool:
        return self._open.is_set()

    def open(self) -> None:
        self._open.set()

    def script(self, before: Iterable[Piece], after: Iterable[Piece]) -> Iterator[Step]:
        whole = sse_response([*before, Pause(0), *after])
        for step in whole:
            while isinstance(step, Pause) and not self._open.is_set():
                yield Pause(0.01)
            yield step
