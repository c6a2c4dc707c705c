"""Base URLs: validation, origin and matching preset."""

from __future__ import annotations

import re
from urllib.parse import urlsplit

from nbstream._util.redaction import without_credentials
from nbstream.errors import ArgumentError
from nbstream.providers.endpoint import is_loopback
from nbstream.providers.presets import PROVIDERS, Provider

__all__ = ["check_url", "origin_of", "preset_at", "shown_host"]


def preset_at(base_url: str) -> tuple[str, Provider | None]:
    """Name and preset of the provider whose origin the URL has; ``("", None)`` for an unknown host."""
    for name, preset in PROVIDERS.items():
        if origin_of(preset.base_url) == origin_of(base_url):
            return name, preset
    return "", None


def origin_of(url: str) -> tuple[str, str, int | None]:
    """Scheme, host and port; a text that is not a URL is its own origin.

    Keys are bound to origins, so the port of the scheme is filled in and the host is compared in lower case.

    Examples
    --------
    >>> origin_of("https://API.example.com/v1") == origin_of("https://api.example.com:443")
    True
    """
    try:
        parts = urlsplit(url)
        port = parts.port or {"https": 443, "http": 80}.get(parts.scheme)
    except ValueError:
        return "", url, None
    return parts.scheme, (parts.hostname or "").lower(), port


def shown_host(url: str) -> str:
    """Host and port, without a user and a password."""
    return urlsplit(without_credentials(url)).netloc


def check_url(url: str) -> None:
    """Check that requests can be sent to a base URL.

    Raises
    ------
    ArgumentError
        If they cannot. The message never shows a password.
    """
    shown = without_credentials(url)
    from httpx2 import URL, InvalidURL

    try:
        parts = urlsplit(url)
        parts.port  # noqa: B018  reading it checks it
        URL(url)
    except (ValueError, InvalidURL):  # its text may contain a part of a password
        hidden = re.sub("//.*@", "//", url) if "@" in url else shown
        advice = (
            "Check that the port is a number. In a password, write @, :, / and ? as %40, %3A, %2F and %3F."
        )
        raise ArgumentError(f"The base URL {hidden!r} is not a URL.", advice=advice) from None
    if parts.scheme not in {"http", "https"} or not parts.hostname:
        raise ArgumentError(
            f"The base URL {shown!r} is not an http(s) URL.",
            advice="It looks like https://api.example.com/v1.",
        )
    if parts.query or parts.fragment:
        raise ArgumentError(
            f"The base URL {shown!r} has a query or a fragment.",
            advice=(
                "nbstream appends paths to it. For a query use Chat(client=AsyncOpenAI(default_query={…}))."
            ),
        )
    if parts.scheme == "http" and not is_loopback(url) and parts.username:
        raise ArgumentError(f"The base URL {shown!r} would send a password unencrypted.", advice="Use https.")
