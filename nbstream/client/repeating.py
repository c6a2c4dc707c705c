"""Requests that are safe to repeat are sent again where the server has just closed a kept connection."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import TypeVar

from nbstream.client.cleaning import causes

__all__ = ["repeated"]

ResultT = TypeVar("ResultT")

_HUNG_UP = frozenset({"RemoteProtocolError", "ReadError", "WriteError"})
_REPEATS = 2


async def repeated(send: Callable[[], Awaitable[ResultT]]) -> ResultT:
    """Send a request, and again where the connection ends without an answer.

    A server may close a kept connection in the moment in which it is used again. The connection that broke
    is not used any more, so that the next try has another.

    Parameters
    ----------
    send
        Sends the request, which must have the same effect once and twice.
    """
    for _ in range(_REPEATS):
        try:
            return await send()
        except Exception as error:
            if not _hung_up(error):
                raise
    return await send()


def _hung_up(error: Exception) -> bool:
    """Whether it was the connection that ended; by name, as a user's own client may be made of httpx."""
    return any(cls.__name__ in _HUNG_UP for cause in causes(error) for cls in type(cause).__mro__)
