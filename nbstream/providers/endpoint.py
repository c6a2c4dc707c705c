"""An endpoint: a URL and the key that belongs to it."""

from __future__ import annotations

import ipaddress
import os
import ssl
from dataclasses import dataclass, field
from functools import cache
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from nbstream._util.redaction import without_credentials
from nbstream.errors import SettingsError

if TYPE_CHECKING:
    import httpx2

__all__ = ["Endpoint", "is_loopback", "tls_context", "without_tls"]


_NO_KEY = (
    "No key was sent, because none is set for this URL. Set NBStream.base_url and NBStream.api_key_env "
    "(the name of its variable), or use Chat(base_url=…, api_key=…)."
)


@dataclass(frozen=True, repr=False)
class Endpoint:
    """An endpoint with its key.

    Parameters
    ----------
    base_url
        URL of the API, up to and including its version (``https://api.openai.com/v1``).
    key
        API key, without the white space around it; None for a server that needs none. Never shown: not in
        repr, messages or tracebacks.
    key_env
        Name of the environment variable that the key comes from; named in advice.
    provider
        Name of the preset, for display.
    hint
        Advice if the server cannot be reached.
    transport
        HTTP transport to use instead of the network (the demo model runs in process).

    Raises
    ------
    SettingsError
        If the key cannot be sent in a header.
    """

    base_url: str
    key: str | None = field(default=None, repr=False)
    key_env: str = ""
    provider: str = ""
    hint: str = ""
    transport: httpx2.AsyncBaseTransport | None = field(default=None, repr=False, compare=False)

    def __post_init__(self) -> None:
        key = (self.key or "").strip()
        object.__setattr__(self, "key", key or None)
        if not (key.isascii() and key.isprintable()):
            named = f" in {self.key_env}" if self.key_env else ""
            raise SettingsError(
                f"The API key{named} contains characters that cannot be sent, such as a line break.",
                kind="auth",
                advice="Copy the key again, without extra characters.",
            )

    def __repr__(self) -> str:
        return f"Endpoint({self.provider or 'unnamed'} at {self.host})"

    @property
    def host(self) -> str:
        """Host and port for display; a model in this process has neither."""
        if self.transport is not None:
            return f"the {self.provider} model"
        return urlsplit(without_credentials(self.base_url)).netloc

    @property
    def key_advice(self) -> str:
        """Advice if the server rejects the key."""
        if not self.key_env:
            return _NO_KEY if self._sends_no_key else "Check the API key."
        return f"Check {self.key_env}." if self.key else f"Set {self.key_env} to your API key."

    @property
    def _sends_no_key(self) -> bool:
        ours = self.transport is None and self.provider != "client"
        return ours and self.key is None and "@" not in self.base_url


@cache
def tls_context() -> ssl.SSLContext:
    """One TLS context for all clients: reading the certificates takes 0.1 s of CPU each time.

    Raises
    ------
    SettingsError
        If the certificates set in the environment cannot be read.
    """
    import httpx2

    try:
        context: ssl.SSLContext = httpx2.create_ssl_context()
    except OSError as error:
        named = [name for name in ("SSL_CERT_FILE", "SSL_CERT_DIR") if os.environ.get(name)]
        where = f" that {' and '.join(named)} name" if named else ""
        raise SettingsError(
            f"The certificates{where} cannot be read: {error.strerror or error}.",
            advice="Set SSL_CERT_FILE to a certificate file, or unset it; then restart the kernel.",
        ) from None
    return context


def without_tls() -> ssl.SSLContext:
    """A context without trusted certificates, for connections without TLS."""
    return ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)


def is_loopback(url: str) -> bool:
    """Whether the URL names this machine literally; such requests never use a proxy."""
    host = urlsplit(url).hostname or ""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost" or host.endswith(".localhost")
