"""Repeats safe requests if the server has just closed a kept-alive connection."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import TypeVar

from nbstream.client.cleaning import causes

__all__ = ["repeated"]

ResultT = TypeVar("ResultT")

_HUNG_UP = frozenset({"RemoteProtocolError", "ReadError", "WriteError"})
_REPEATS = 2


async def repeated(send: Callable[[], Awaitable[ResultT]]) -> ResultT:
    """Send a request, and repeat it if the connection ends without a response.

    A server may close a kept-alive connection just as it is reused. The broken connection is discarded, so
    the next attempt uses another.

    Parameters
    ----------
    send
        Sends the request, which must be idempotent.
    """
    for _ in range(_REPEATS):
        try:
            return await send()
        except Exception as error:
            if not _hung_up(error):
                raise
    return await send()


def _hung_up(error: Exception) -> bool:
    """Whether the connection ended; compared by name, because a user's own client may use httpx."""
    return any(cls.__name__ in _HUNG_UP for cause in causes(error) for cls in type(cause).__mro__)
