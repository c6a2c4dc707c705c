"""HTTP clients for many requests at a time to one endpoint."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import httpx2

from nbstream.client.connection import connection_ceiling, open_http
from nbstream.providers.endpoint import Endpoint

__all__ = ["HTTPClients"]


class HTTPClients:
    """Lends each request a separate client, which is used again afterwards.

    A pool of connections looks at all of them for each request: at 50 connections that is a third of what a
    request costs. Here each pool has one.

    Parameters
    ----------
    endpoint
        Where requests go.
    """

    def __init__(self, endpoint: Endpoint) -> None:
        self._endpoint = endpoint
        self._idle: list[httpx2.AsyncClient] = []
        self._all: list[httpx2.AsyncClient] = []
        self._places = asyncio.Semaphore(connection_ceiling())

    @asynccontextmanager
    async def lent(self) -> AsyncIterator[httpx2.AsyncClient]:
        """A client for one request; the last one that was returned, so that the others may close."""
        async with self._places:
            client = self._idle.pop() if self._idle else self._opened()
            try:
                yield client
            finally:
                self._idle.append(client)

    async def aclose(self) -> None:
        """Close all connections."""
        await asyncio.gather(*(client.aclose() for client in self._all))

    def _opened(self) -> httpx2.AsyncClient:
        client = open_http(self._endpoint)
        self._all.append(client)
        return client
