"""The HTTP clients open on an event loop: one for each endpoint, closed with the loop at the latest."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Callable
from typing import TYPE_CHECKING
from weakref import WeakKeyDictionary

from nbstream.client.chat_client import ChatClient
from nbstream.providers.endpoint import Endpoint

if TYPE_CHECKING:
    from openai import AsyncOpenAI

__all__ = ["ClientPool"]


class ClientPool:
    """One client for each event loop and endpoint, since connections cannot be shared between loops."""

    def __init__(self) -> None:
        self._loops: WeakKeyDictionary[asyncio.AbstractEventLoop, _LoopClients] = WeakKeyDictionary()

    async def client(self, endpoint: Endpoint, sdk: AsyncOpenAI | None = None) -> ChatClient:
        """The client of the running loop for `endpoint`, or for the caller's own `sdk`."""
        loop = asyncio.get_running_loop()
        if loop not in self._loops:
            self._loops[loop] = clients = _LoopClients(lambda: self._loops.pop(loop, None))
            await clients.start()
        return self._loops[loop].client(endpoint, sdk)

    async def aclose(self) -> None:
        """Close the clients of the running loop; the next request opens new ones."""
        clients = self._loops.get(asyncio.get_running_loop())
        if clients is not None:
            await clients.aclose()


class _LoopClients:
    """The clients of one event loop.

    They are closed by a suspended asynchronous generator. That looks odd, but it is the only hook that
    asyncio offers: a loop that ends (``asyncio.run``, ``Runner.close``) closes the generators that were
    started on it, while it can still run coroutines. ``weakref.finalize`` and ``atexit`` come too late to
    await anything, and a task that waits for its cancellation would be listed in ``asyncio.all_tasks()``,
    where users and test suites look for leaks.

    Parameters
    ----------
    forget
        Called on closing. Without it the pool would keep the loop alive: the clients refer to their loop, so
        a weak key alone would never go.
    """

    def __init__(self, forget: Callable[[], object]) -> None:
        self._clients: dict[Endpoint | AsyncOpenAI, ChatClient] = {}
        self._forget = forget
        self._closer = self._close_at_end()

    async def start(self) -> None:
        """Run the generator up to its ``yield``, which registers it with the running loop."""
        await anext(self._closer)

    def client(self, endpoint: Endpoint, sdk: AsyncOpenAI | None) -> ChatClient:
        key = sdk or endpoint
        if key not in self._clients:
            self._clients[key] = ChatClient(endpoint, sdk)
        return self._clients[key]

    async def aclose(self) -> None:
        await self._closer.aclose()

    async def _close_at_end(self) -> AsyncGenerator[None, None]:
        try:
            yield
        finally:
            self._forget()
            for client in self._clients.values():
                await client.aclose()
