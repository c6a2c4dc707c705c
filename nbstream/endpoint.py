"""Where requests go: an address, the key that belongs to it, and the SDK client that uses both.

A key belongs to an origin. A client made here sends its key to the endpoint's own host and nowhere else: it
follows no redirects, and requests to this machine never go through a proxy.
"""

from __future__ import annotations

import ipaddress
import ssl
from dataclasses import dataclass, field
from functools import cache
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from nbstream.redaction import without_credentials

if TYPE_CHECKING:
    import httpx2
    from openai import AsyncOpenAI

__all__ = ["Endpoint", "is_loopback", "open_sdk", "silence_limit", "tls_context"]

_CONNECT_SECONDS = 10.0
silence_limit = 300.0


@dataclass(frozen=True)
class Endpoint:
    """Where requests go, with the key that belongs there.

    Parameters
    ----------
    base_url
        URL of the API, up to and including its version (``https://api.openai.com/v1``).
    key
        API key, or None for a server that needs none. Never shown: not in repr, messages or tracebacks.
    key_env
        Name of the environment variable that the key comes from; named in advice.
    provider
        Name of the preset, for display.
    hint
        What to do when the server is not reached.
    transport
        HTTP transport to use in place of the network (the demo model runs in process).
    """

    base_url: str
    key: str | None = field(default=None, repr=False)
    key_env: str = ""
    provider: str = ""
    hint: str = ""
    transport: httpx2.AsyncBaseTransport | None = field(default=None, repr=False, compare=False)

    @property
    def host(self) -> str:
        """Host and port, as shown to the reader."""
        return urlsplit(without_credentials(self.base_url)).netloc


def open_sdk(endpoint: Endpoint) -> AsyncOpenAI:
    """An SDK client for one endpoint, which sends nothing to it that belongs to another."""
    import httpx2
    from openai import AsyncOpenAI, Omit

    http = httpx2.AsyncClient(
        transport=endpoint.transport,
        follow_redirects=False,
        trust_env=not is_loopback(endpoint.base_url),
        verify=tls_context(),
        timeout=httpx2.Timeout(silence_limit, connect=_CONNECT_SECONDS),
        limits=httpx2.Limits(max_connections=None, max_keepalive_connections=20),
    )
    headers: dict[str, Any] = {"OpenAI-Organization": Omit(), "OpenAI-Project": Omit()}
    if endpoint.provider == "openai":
        headers = {}
    return AsyncOpenAI(
        api_key=endpoint.key or "",
        admin_api_key="",
        base_url=endpoint.base_url,
        http_client=http,
        max_retries=0,
        default_headers=headers,
    )


@cache
def tls_context() -> ssl.SSLContext:
    """One TLS context for all clients: reading the certificates takes 0.1 s of CPU each time."""
    import httpx2

    context: ssl.SSLContext = httpx2.create_ssl_context()
    return context


def is_loopback(url: str) -> bool:
    """Whether the URL names this machine literally; such requests never go through a proxy."""
    host = urlsplit(url).hostname or ""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost" or host.endswith(".localhost")
