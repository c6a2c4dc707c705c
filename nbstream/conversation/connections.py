"""The connections of a chat: closed when the chat is closed, unless another chat uses them."""

from __future__ import annotations

import asyncio
from typing import Self
from weakref import WeakKeyDictionary, WeakSet

from nbstream._util.running import loop_is_running, run_to_end
from nbstream.client.router import Router
from nbstream.errors import StateError
from nbstream.reply import Reply

__all__ = ["Closable", "Connections"]

_by_router: WeakKeyDictionary[Router, WeakSet[Reply]] = WeakKeyDictionary()
_closing = set[asyncio.Task[None]]()


class Connections:
    """What a chat has open.

    Parameters
    ----------
    router
        Keeps the HTTP clients, which it shares between chats.
    """

    def __init__(self, router: Router) -> None:
        self._router = router
        self._replies: WeakSet[Reply] = WeakSet()
        self._closed = False

    def check_open(self) -> None:
        """See whether the chat may still send.

        Raises
        ------
        StateError
            When it was closed.
        """
        if self._closed:
            raise StateError("This chat is closed.", advice="Make a new one, or use chat.fork().")

    def add(self, reply: Reply) -> None:
        """Note that a reply uses the connections."""
        self._replies.add(reply)
        _by_router.setdefault(self._router, WeakSet()).add(reply)

    async def aclose(self) -> None:
        """Stop the replies, and close the connections that nobody else uses."""
        self._stop()
        for reply in tuple(self._replies):
            await reply.wait()
        if all(reply.done for reply in _by_router.get(self._router, ())):
            await self._router.aclose()

    def close(self) -> None:
        """Do the same without waiting for it where an event loop runs."""
        self._stop()
        if not loop_is_running():
            run_to_end(self.aclose())
            return
        closing = asyncio.get_running_loop().create_task(self.aclose(), name="nbstream-close")
        _closing.add(closing)
        closing.add_done_callback(_closing.discard)

    def _stop(self) -> None:
        self._closed = True
        for reply in tuple(self._replies):
            reply.stop()


class Closable:
    """What makes a chat an asynchronous context manager."""

    _connections: Connections

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_error: object) -> None:
        await self.aclose()

    async def aclose(self) -> None:
        """Stop the answers of this chat that still stream, and close its connections. The turns stay.

        Connections are shared by the chats of a process. They stay open where another chat still uses them,
        and end with their event loop at the latest.

        Examples
        --------
        >>> import asyncio
        >>> from nbstream import Chat
        >>> async def main():
        ...     chat = Chat("demo:nbstream-demo-fast")
        ...     await chat.send("Hello")
        ...     await chat.aclose()
        ...     return len(chat.conversation)
        >>> asyncio.run(main())
        1
        """
        await self._connections.aclose()

    def close(self) -> None:
        """As `aclose`, for code that cannot await: where an event loop runs, connections close in a moment.

        Examples
        --------
        >>> from nbstream import Chat
        >>> chat = Chat("demo")
        >>> chat.close()
        >>> chat.send("Hello")
        Traceback (most recent call last):
            ...
        nbstream.errors.StateError: This chat is closed. Make a new one, or use chat.fork().
        """
        self._connections.close()
