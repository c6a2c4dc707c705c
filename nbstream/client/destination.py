"""Describes where the requests of a client go, without any of its secrets."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl, urlsplit

from nbstream._util.credentials import is_harmless_header, is_harmless_parameter
from nbstream._util.redaction import without_credentials
from nbstream.client.addresses import origin_of, preset_at
from nbstream.client.sent import Destination
from nbstream.providers.endpoint import Endpoint

if TYPE_CHECKING:
    from openai import AsyncOpenAI

__all__ = ["as_sent", "destination_of"]

UNKNOWN_KEY = "API_KEY"
"""The variable for a key whose own variable is not known. Never that of another host."""
_HANDLED = frozenset({"authorization", "api-key", "openai-organization", "openai-project"})
_USER = "the user and password of the base URL"


def destination_of(endpoint: Endpoint, sdk: AsyncOpenAI, *, owned: bool) -> Destination:
    """The destination of requests by this client.

    Parameters
    ----------
    endpoint
        Of the client.
    sdk
        The client.
    owned
        Whether nbstream made it.
    """
    base_url = without_credentials(str(sdk.base_url)).rstrip("/")
    if owned:
        user = urlsplit(endpoint.base_url).username is not None
        key_env = endpoint.key_env or UNKNOWN_KEY
        sends_key = bool(endpoint.key) and not user
        return Destination(base_url, endpoint.provider, key_env, sends_key, left_out=(_USER,) if user else ())
    version = str(getattr(sdk, "_api_version", None) or "")
    entra = any(getattr(sdk, name, None) for name in ("_azure_ad_token", "_azure_ad_token_provider"))
    left_out = _names(sdk.default_headers, sdk.default_query)
    return Destination(
        base_url,
        endpoint.provider,
        _azure_env(entra=entra) if version else _key_env(base_url),
        sends_key=True,
        azure=version,
        entra=entra,
        left_out=tuple(left_out),
    )


def as_sent(destination: Destination, sent: Any) -> Destination:
    """The destination, corrected by a request as the user's own client sent it."""
    scheme = sent.headers.get("authorization", "").partition(" ")[0].lower()
    other = ["Authorization"] if scheme not in {"", "bearer"} else []
    query = dict(parse_qsl(urlsplit(str(sent.url)).query))
    names = [*destination.left_out, *_names(_as_written(sent.headers), query), *other]
    entra = bool(destination.azure) and "api-key" not in sent.headers
    return replace(
        destination,
        key_env=_azure_env(entra=entra) if destination.azure else destination.key_env,
        entra=entra,
        sends_key=scheme == "bearer" or "api-key" in sent.headers,
        left_out=tuple({name.lower(): name for name in reversed(names)}.values())[::-1],
    )


def _as_written(headers: Any) -> dict[str, str]:
    """The headers by the names in which they were sent: httpx compares them in lower case."""
    return {name.decode("latin-1"): value.decode("latin-1") for name, value in headers.raw}


def _key_env(base_url: str) -> str:
    """The variable whose key belongs to a host."""
    if origin_of(os.environ.get("OPENAI_BASE_URL", "").strip()) == origin_of(base_url):
        return "OPENAI_API_KEY"
    preset = preset_at(base_url)[1]
    return (preset and preset.key_env) or UNKNOWN_KEY


def _azure_env(*, entra: bool) -> str:
    return "AZURE_OPENAI_AD_TOKEN" if entra else "AZURE_OPENAI_API_KEY"


def _names(headers: Mapping[str, Any], query: Iterable[str]) -> Iterator[str]:
    for name, value in headers.items():
        known = name.lower() in _HANDLED or is_harmless_header(name.lower())
        if isinstance(value, str) and not known:
            yield name
    for name in query:
        if not is_harmless_parameter(name):
            yield f"?{name}="
