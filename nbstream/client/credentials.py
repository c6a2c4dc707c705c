"""Credentials of an endpoint, which must never be shown, logged or saved.

Besides the key these are users and passwords in URLs, and headers and query parameters of the user's own
client, which may change per request: so the sent request is read as well.
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl, unquote, urlsplit
from urllib.request import getproxies

from nbstream.providers.endpoint import Endpoint

if TYPE_CHECKING:
    from openai import AsyncOpenAI

__all__ = ["credentials_of", "credentials_sent", "is_harmless_header", "is_harmless_parameter"]

_HARMLESS_HEADERS = frozenset(
    {
        *("accept", "accept-encoding", "accept-language", "anthropic-version", "api-version"),
        *("connection", "content-length", "content-type", "host", "http-referer", "openai-beta"),
        *("referer", "user-agent", "x-title"),
    }
)
_HARMLESS_PREFIX = "x-stainless-"
_HARMLESS_PARAMETERS = frozenset({"api-version", "api_version"})


def credentials_of(endpoint: Endpoint, sdk: AsyncOpenAI) -> Iterator[str]:
    """Credentials known before anything is sent."""
    if endpoint.key:
        yield endpoint.key
    for url in (endpoint.base_url, str(sdk.base_url), *getproxies().values()):
        yield from _in_url(url)
    yield from _in_headers(sdk.default_headers)
    yield from _in_query(sdk.default_query)


def credentials_sent(request: Any) -> Iterator[str]:
    """Credentials of a request sent by httpx2, or by the older httpx."""
    yield from _in_url(str(request.url))
    yield from _in_headers(request.headers)


def is_harmless_parameter(name: str) -> bool:
    """Whether a parameter of a URL never holds a credential."""
    return name.lower() in _HARMLESS_PARAMETERS


def _in_url(url: str) -> Iterator[str]:
    try:
        parts = urlsplit(url)
    except ValueError:
        return
    user, password = parts.username or "", parts.password or ""
    if user or password:
        yield from (user, password, unquote(user), unquote(password))
        pair = f"{unquote(user)}:{unquote(password)}"
        yield from (pair, base64.b64encode(pair.encode()).decode())
    yield from _in_query(dict(parse_qsl(parts.query)))


def _in_query(query: Mapping[str, object]) -> Iterator[str]:
    for name, value in query.items():
        if not is_harmless_parameter(name) and isinstance(value, str):
            yield value


def _in_headers(headers: Mapping[str, Any]) -> Iterator[str]:
    for name, value in headers.items():
        if not isinstance(value, str) or is_harmless_header(name.lower()):
            continue
        yield value
        if name.lower() == "cookie":
            yield from (pair.partition("=")[2].strip() for pair in value.split(";"))
        scheme, _, token = value.partition(" ")
        yield token.strip()
        if scheme.lower() == "basic":
            yield from _in_basic(token)


def is_harmless_header(name: str) -> bool:
    """Whether a header, named in lower case, never holds a credential."""
    return name in _HARMLESS_HEADERS or name.startswith(_HARMLESS_PREFIX)


def _in_basic(token: str) -> Iterator[str]:
    """User and password of HTTP's Basic authentication."""
    try:
        pair = base64.b64decode(token.strip(), validate=True).decode("utf-8", "replace")
    except binascii.Error:
        return
    user, _, password = pair.partition(":")
    yield from (pair, user, password)
