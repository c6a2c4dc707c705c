"""What Ollama's own API says of a model: its list of models, in OpenAI's form, does not tell."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from nbstream.client.api_client import APIClient
from nbstream.client.modalities import images_accepted
from nbstream.providers.endpoint import Endpoint

__all__ = ["is_ollama", "ollama_accepts_images"]

_OWNER = "library"


def is_ollama(endpoint: Endpoint, models: Iterable[Mapping[str, Any]]) -> bool:
    """Whether an endpoint is Ollama, by its name or by the owner of the models that it lists."""
    return endpoint.provider == "ollama" or any(model.get("owned_by") == _OWNER for model in models)


async def ollama_accepts_images(api: APIClient, model: str) -> bool | None:
    """Whether a model accepts images; None if the server does not say so.

    Raises
    ------
    Exception
        As the SDK raises it, if the request fails.
    """
    root = str(api.sdk.base_url).rstrip("/").removesuffix("/v1")
    sdk = api.sdk.with_options(base_url=root)
    shown = await sdk.post(
        "/api/show", cast_to=object, body={"model": model}, options={"headers": api.headers()}
    )
    if not isinstance(shown, Mapping):
        return None
    return images_accepted([{"id": model, "capabilities": shown.get("capabilities")}]).get(model)
