"""Credentials in requests: in URLs, headers and query parameters, which a client may change per request."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

__all__ = [
    "credentials_sent",
    "in_headers",
    "in_query",
    "in_url",
    "is_harmless_header",
    "is_harmless_parameter",
]

_HARMLESS_HEADERS = frozenset(
    {
        *("accept", "accept-encoding", "accept-language", "anthropic-version", "api-version"),
        *("connection", "content-length", "content-type", "host", "http-referer", "openai-beta"),
        *("referer", "user-agent", "x-title"),
    }
)
_HARMLESS_PREFIX = "x-stainless-"
_HARMLESS_PARAMETERS = frozenset({"api-version", "api_version"})


def credentials_sent(request: Any) -> Iterator[str]:
    """Credentials of a request sent by httpx2, or by the older httpx."""
    yield from in_url(str(request.url))
    yield from in_headers(request.headers)


def is_harmless_parameter(name: str) -> bool:
    """Whether a parameter of a URL never holds a credential."""
    return name.lower() in _HARMLESS_PARAMETERS


def in_url(url: str) -> Iterator[str]:
    """User, password and query parameters of a URL."""
    try:
        parts = urlsplit(url)
    except ValueError:
        return
    user, password = parts.username or "", parts.password or ""
    if user or password:
        yield from (user, password, unquote(user), unquote(password))
        pair = f"{unquote(user)}:{unquote(password)}"
        yield from (pair, base64.b64encode(pair.encode()).decode())
    yield from in_query(dict(parse_qsl(parts.query)))


def in_query(query: Mapping[str, object]) -> Iterator[str]:
    """Values of query parameters."""
    for name, value in query.items():
        if not is_harmless_parameter(name) and isinstance(value, str):
            yield value


def in_headers(headers: Mapping[str, Any]) -> Iterator[str]:
    """Values of headers, and the tokens inside them."""
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
