"""A request in, stream events out: the client that the rest of nbstream uses."""

from __future__ import annotations

import time
from collections.abc import AsyncGenerator
from typing import TYPE_CHECKING

from nbstream.client.continuation import PartialAnswer
from nbstream.client.request_policy import RequestPolicy
from nbstream.providers.endpoint import Endpoint
from nbstream.types.events import Clock, Events
from nbstream.types.request import ChatRequest

if TYPE_CHECKING:
    from openai import AsyncOpenAI

    from nbstream.client.batch_api import BatchAPI
    from nbstream.client.poster import Poster

__all__ = ["ChatClient"]


class ChatClient:
    """Sends requests to one endpoint and returns their events.

    Belongs to the event loop on which it is first used: its connections cannot be shared between loops.

    Parameters
    ----------
    endpoint
        Where requests go.
    sdk
        The user's own `AsyncOpenAI` (or `AsyncAzureOpenAI`), used as is, but without its own retries. By
        default one is created for `endpoint`.
    """

    def __init__(self, endpoint: Endpoint, sdk: AsyncOpenAI | None = None) -> None:
        # Imported late: both need the SDK, which takes a second to import and is loaded in the background.
        from nbstream.client.api_client import APIClient
        from nbstream.client.catalog import Catalog

        self.endpoint = endpoint
        self._api = APIClient(endpoint, sdk)
        self._catalog = Catalog(self._api)

    def __repr__(self) -> str:
        return f"ChatClient({self.endpoint.provider or self.endpoint.host})"

    def stream(
        self,
        request: ChatRequest,
        clock: Clock | None = None,
        policy: RequestPolicy | None = None,
        partial: PartialAnswer | None = None,
    ) -> AsyncGenerator[Events, None]:
        """Send `request` and return its events, one list for each read of the connection.

        Parameters
        ----------
        request
            What to send. With ``stream=False`` the answer comes as one piece, through the same events.
        clock
            Returns the seconds since the request was submitted; starts now by default.
        policy
            Timeouts, limits and retries.
        partial
            The partial answer to the same request, if it was cut off: only the rest is requested.

        Returns
        -------
        AsyncGenerator of list of StreamEvent
            The last event is `Finished` or `Failed`. Server, network and protocol errors are `Failed`
            events, never exceptions. Close it (`contextlib.aclosing`) to stop early.
        """
        from nbstream.client.retrying_stream import RetryingStream

        stream = RetryingStream(
            self._api,
            self._catalog,
            request,
            policy=policy or RequestPolicy(),
            clock=clock or _started_now(),
            partial=partial,
        )
        return stream.events()

    def poster(self, like: ChatRequest, policy: RequestPolicy) -> Poster:
        """What sends many requests with the same options as `like`; their answers are not watched."""
        from nbstream.client.poster import Poster

        return Poster(self._api, like, policy)

    def batch_api(self) -> BatchAPI:
        """The Batch API of the endpoint."""
        from nbstream.client.batch_api import BatchAPI

        return BatchAPI(self._api)

    async def models(self) -> list[str]:
        """Names of the models that the endpoint offers, sorted.

        Raises
        ------
        RequestError
            If the request fails.
        """
        return await self._catalog.names()

    async def known_models(self) -> list[str]:
        """The names from the last listing, without another request.

        Raises
        ------
        RequestError
            If they were not listed before, and the request fails.
        """
        return await self._catalog.known()

    async def accepts_images(self, model: str) -> bool | None:
        """Whether a model accepts images; None if the server does not say so in its list of models."""
        return await self._catalog.accepts_images(model)

    async def aclose(self) -> None:
        """Close the connections. A client passed in by the user stays open."""
        await self._api.aclose()


def _started_now() -> Clock:
    start = time.perf_counter()
    return lambda: time.perf_counter() - start
