"""Settings of the environment for proxies and certificates, valid or not."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from nbstream import Chat, NBStream
from nbstream.client import sdk
from nbstream.client.connection import open_sdk
from nbstream.client.router import Router
from nbstream.errors import ConfigError
from nbstream.providers.discovery import find_local_servers
from nbstream.providers.endpoint import Endpoint, tls_context

ELSEWHERE = Endpoint("https://api.example.com/v1", "a-key")
QUIET = {"NBSTREAM_NO_PROBE": "1"}


@pytest.fixture
def no_certificates(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A variable that names a file which is gone, as an environment that was moved leaves it."""
    monkeypatch.setenv("SSL_CERT_FILE", "/nowhere/cacert.pem")
    tls_context.cache_clear()
    yield
    tls_context.cache_clear()


@pytest.mark.parametrize(
    ("proxy", "says"),
    [
        ("socks5://127.0.0.1:9", "socksio"),
        ("ftp://me:pass-word@127.0.0.1:9", "HTTPS_PROXY"),
        ("http://me:pass-word@127.0.0.1:port", "HTTPS_PROXY"),
    ],
)
def test_a_proxy_that_can_not_be_used_is_told(monkeypatch: pytest.MonkeyPatch, proxy: str, says: str) -> None:
    monkeypatch.setenv("ALL_PROXY", proxy)
    with pytest.raises(ConfigError, match=says) as caught:
        open_sdk(ELSEWHERE)
    assert "pass-word" not in str(caught.value)
    open_sdk(Endpoint("http://127.0.0.1:9/v1"))


@pytest.mark.usefixtures("no_certificates")
def test_certificates_that_are_not_there_are_told() -> None:
    with pytest.raises(ConfigError, match="SSL_CERT_FILE"):
        open_sdk(ELSEWHERE)


@pytest.mark.usefixtures("no_certificates")
async def test_what_speaks_no_tls_needs_no_certificates() -> None:
    open_sdk(Endpoint("http://127.0.0.1:9/v1"))
    assert await find_local_servers({9: "nothing"}) == []
    reply = await Chat("demo:nbstream-demo-fast", router=Router(NBStream(), QUIET)).send("echo: Hi")
    assert reply.text.endswith("Hi")


@pytest.mark.usefixtures("no_certificates")
def test_nor_does_the_import_in_the_background() -> None:
    sdk._import()
