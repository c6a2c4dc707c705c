"""Credentials of an endpoint, which must never be shown, logged or saved.

Besides the key these are users and passwords in URLs, and headers and query parameters of the user's own
client, which may change per request: so the sent request is read as well (`nbstream._util.credentials`).
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING
from urllib.request import getproxies

from nbstream._util.credentials import in_headers, in_query, in_url
from nbstream.providers.endpoint import Endpoint

if TYPE_CHECKING:
    from openai import AsyncOpenAI

__all__ = ["credentials_of"]


def credentials_of(endpoint: Endpoint, sdk: AsyncOpenAI) -> Iterator[str]:
    """Credentials known before anything is sent."""
    if endpoint.key:
        yield endpoint.key
    if sdk.api_key:  # not sent where the URL has a user and a password
        yield sdk.api_key
    for url in (endpoint.base_url, str(sdk.base_url), *getproxies().values()):
        yield from in_url(url)
    yield from in_headers(sdk.default_headers)
    yield from in_query(sdk.default_query)
