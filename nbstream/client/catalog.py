"""The model list of an endpoint: names, and the kind of server."""

from __future__ import annotations

import asyncio
import contextlib
import difflib
import re
from collections.abc import Iterable, Mapping
from contextlib import aclosing
from typing import Any

from nbstream.client.api_client import APIClient
from nbstream.client.modalities import images_accepted
from nbstream.client.ollama import is_ollama, ollama_accepts_images
from nbstream.client.repeating import repeated
from nbstream.errors import NbstreamError
from nbstream.providers.presets import PREFILLS, Prefill, server_of
from nbstream.wire.body import objects_in

__all__ = ["Catalog", "alike"]

LISTING_SECONDS = 30.0
ASIDE_SECONDS = 2.0
"""For what is only good to know: somebody waits for something else."""
LISTING_BYTES = 1 << 24
_MOST_NEAR = 3
_ALIKE = 0.6
_LONG = 4


class Catalog:
    """``GET /models`` of one endpoint.

    Parameters
    ----------
    api
        Sends the request.
    """

    def __init__(self, api: APIClient) -> None:
        self._api = api
        self._server: str | None = None
        self._known: list[str] = []
        self._images: dict[str, bool | None] = {}
        self._is_ollama = False
        self._asked_for_images = False

    async def names(self) -> list[str]:
        """Names of the models, sorted.

        Raises
        ------
        RequestError
            If the request fails.
        """
        try:
            async with asyncio.timeout(LISTING_SECONDS):
                body = await repeated(self._listed)
        except Exception as error:
            raise self._api.errors.unanswered(error) from error
        rows = [row for listed in objects_in(body).objects for row in _rows(listed) if isinstance(row, dict)]
        self._server = server_of(rows)
        self._images |= images_accepted(rows)
        self._is_ollama = is_ollama(self._api.endpoint, rows)
        self._known = sorted({row["id"] for row in rows if isinstance(row.get("id"), str)})
        return self._known

    async def known(self) -> list[str]:
        """The names from the last listing; requested only if they were never listed.

        Raises
        ------
        RequestError
            If the request fails.
        """
        return self._known or await self.names()

    async def accepts_images(self, model: str) -> bool | None:
        """Whether a model accepts images; None if the server does not say so, or not in time.

        Requested once, and only if the models were not listed before. Ollama is asked for each model.
        """
        if not self._known and not self._asked_for_images:
            self._asked_for_images = True  # also after a failure: otherwise every request would be delayed
            await self._names_soon()
        if model not in self._images and self._is_ollama:
            self._images[model] = await self._shown(model)
        return self._images.get(model)

    async def near(self, wanted: str) -> list[str]:
        """Models with similar names; none if the name exists or the list arrives too late."""
        names = await self._names_soon()
        return [] if wanted in names else alike(wanted, names)

    async def server(self) -> str:
        """Name of the preset that the model list identifies; empty if it identifies none.

        Requested once, and only if the models were not listed before.
        """
        if self._server is None:
            await self._names_soon()
        return self._server or ""

    async def prefill(self) -> Prefill | None:
        """How to request the rest of an answer from the endpoint; None if this is not supported."""
        named = self._api.endpoint.provider
        return PREFILLS.get(named if named in PREFILLS else await self.server())

    async def _names_soon(self) -> list[str]:
        with contextlib.suppress(NbstreamError, TimeoutError):
            async with asyncio.timeout(ASIDE_SECONDS):
                return await self.names()
        return []

    async def _shown(self, model: str) -> bool | None:
        """Whether Ollama says that a model accepts images; None if it does not say so, or not in time."""
        with contextlib.suppress(Exception):  # the request itself decides
            async with asyncio.timeout(ASIDE_SECONDS):
                return await ollama_accepts_images(self._api, model)
        return None

    async def _listed(self) -> bytes:
        """The body, up to a limit."""
        listing = self._api.sdk.models.with_streaming_response.list(extra_headers=self._api.headers())
        body = bytearray()
        async with listing as response, aclosing(response.http_response.aiter_bytes()) as blocks:
            async for block in blocks:
                body += block
                if len(body) > LISTING_BYTES:
                    break
        return bytes(body)


def alike(wanted: str, names: Iterable[str]) -> list[str]:
    """Up to three names similar to `wanted`, the most similar first.

    Examples
    --------
    >>> alike("llama3.2", ["mistral", "llama3.2:3b"]), alike("gpt4o", ["openai/gpt-4o"])
    (['llama3.2:3b'], ['openai/gpt-4o'])
    >>> alike("gpt-5", ["mistral", "qwen3"])
    []
    """
    flat = {name: _flat(name) for name in names}
    begins = [name for name in flat if _begins(name.rpartition("/")[2].lower(), wanted.lower())]
    near = difflib.get_close_matches(_flat(wanted), flat.values(), n=_MOST_NEAR, cutoff=_ALIKE)
    close = [name for text in near for name in flat if flat[name] == text]
    return list(dict.fromkeys([*begins, *close]))[:_MOST_NEAR]


def _begins(name: str, wanted: str) -> bool:
    """Whether a name starts with the wanted one; a short one must be a whole word."""
    return name.startswith(wanted) and (len(wanted) >= _LONG or not name[len(wanted) :][:1].isalnum())


def _flat(name: str) -> str:
    """A name without its publisher, and normalised for comparison."""
    return re.sub(r"[\s._-]", "", name.rpartition("/")[2].lower())


def _rows(listed: Mapping[str, Any]) -> list[Any]:
    rows = listed.get("data", listed.get("models"))
    return rows if isinstance(rows, list) else [listed]
