"""Which models of a list accept images, as far as the server says so."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

__all__ = ["images_accepted"]

_VISION = frozenset({"vision", "image", "multimodal"})


def images_accepted(rows: Iterable[Mapping[str, Any]]) -> dict[str, bool]:
    """For the models of a list that say so, whether they accept images.

    The forms are those of OpenRouter (``architecture.input_modalities``), Mistral (``capabilities.vision``),
    llama.cpp and Ollama (a list of ``capabilities``) and LM Studio (``type``).

    Examples
    --------
    >>> images_accepted([
    ...     {"id": "a", "architecture": {"input_modalities": ["text", "image"]}},
    ...     {"id": "b", "capabilities": {"vision": False}},
    ...     {"id": "c"},
    ... ])
    {'a': True, 'b': False}
    """
    named = {_name(row): _accepts(row) for row in rows}
    return {name: accepts for name, accepts in named.items() if name and accepts is not None}


def _name(row: Mapping[str, Any]) -> str:
    name = row.get("id", row.get("model", row.get("name")))
    return name if isinstance(name, str) else ""


def _accepts(row: Mapping[str, Any]) -> bool | None:
    architecture, capabilities = row.get("architecture"), row.get("capabilities")
    inputs = architecture.get("input_modalities") if isinstance(architecture, Mapping) else None
    for listed in (inputs, row.get("input_modalities"), capabilities):
        if isinstance(listed, list) and listed:
            return not _VISION.isdisjoint(word for word in listed if isinstance(word, str))
    vision = capabilities.get("vision") if isinstance(capabilities, Mapping) else None
    if isinstance(vision, bool):
        return vision
    return {"vlm": True, "llm": False}.get(str(row.get("type")))
