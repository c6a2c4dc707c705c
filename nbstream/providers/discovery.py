"""Finds a model server on this machine. Uses only loopback, and only if nothing is configured."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import TYPE_CHECKING

from nbstream._util.browser import IN_BROWSER
from nbstream.providers.endpoint import without_tls
from nbstream.providers.presets import LOCAL_PORTS, server_of

if TYPE_CHECKING:
    import httpx2

__all__ = ["LocalServer", "find_local_servers"]

PROBE_SECONDS = 0.25


@dataclass(frozen=True, slots=True)
class LocalServer:
    """A model server that answered.

    Parameters
    ----------
    name
        Name reported by the server, or the usual server of its port.
    base_url
        URL of its API.
    models
        Names of its models, at least one.
    """

    name: str
    base_url: str
    models: tuple[str, ...]


async def find_local_servers(ports: dict[int, str] | None = None) -> list[LocalServer]:
    """Request ``/v1/models`` from the usual ports concurrently.

    Parameters
    ----------
    ports
        Port and name of each candidate, in order of preference; the well-known ones by default.

    Returns
    -------
    list of LocalServer
        Those that answered with a list of models within a quarter of a second. Ports such as 8000
        have many uses, so any other answer is not a model server. None in a browser, which would ask
        its user whether the page may look for servers.
    """
    if IN_BROWSER:
        return []
    import httpx2

    candidates = LOCAL_PORTS if ports is None else ports
    async with httpx2.AsyncClient(trust_env=False, timeout=PROBE_SECONDS, verify=without_tls()) as http:
        found = await asyncio.gather(*(_ask(http, port, name) for port, name in candidates.items()))
    return [server for server in found if server is not None]


async def _ask(http: httpx2.AsyncClient, port: int, name: str) -> LocalServer | None:
    import httpx2

    base_url = f"http://127.0.0.1:{port}/v1"
    try:
        async with asyncio.timeout(PROBE_SECONDS):
            listed = (await http.get(f"{base_url}/models")).json()
    except (httpx2.HTTPError, TimeoutError, ValueError, OSError):
        return None
    found = listed.get("data") if isinstance(listed, dict) else None
    rows = [row for row in found or () if isinstance(row, dict) and isinstance(row.get("id"), str)]
    models = tuple(row["id"] for row in rows)
    return LocalServer(server_of(rows) or name, base_url, models) if models else None
