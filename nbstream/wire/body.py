r"""The JSON objects in a body that is not an event stream: complete, truncated, or one per line.

Examples
--------
>>> objects_in(b'{"a": 1}')
Body(objects=[{'a': 1}], whole=True)
>>> objects_in(b'{"a": 1}\n{"b": 2}\n{"c')
Body(objects=[{'a': 1}, {'b': 2}], whole=False)
>>> objects_in(b'{"a": {"b": "cut sho')
Body(objects=[{'a': {'b': 'cut sho'}}], whole=False)
>>> objects_in(b"<html>")
Body(objects=[], whole=False)
"""

from __future__ import annotations

import json
from typing import Any, NamedTuple

import jiter

__all__ = ["Body", "objects_in"]


class Body(NamedTuple):
    """The readable part of a body.

    Parameters
    ----------
    objects
        The objects in order; for a list, its members.
    whole
        Whether the body is one JSON value from its first byte to its last.
    """

    objects: list[dict[str, Any]]
    whole: bool


def objects_in(body: bytes) -> Body:
    """Find the JSON objects in a body. Never raises."""
    body = body.strip()
    if body[:1] not in {b"{", b"["}:
        return Body([], whole=False)
    found, value = _parsed(body)
    if found:
        return Body(_objects(value), whole=True)
    lines = [value for found, value in map(_parsed, body.splitlines()) if found and isinstance(value, dict)]
    return Body(lines or _objects(_cut_short(body)), whole=False)


def _parsed(text: bytes) -> tuple[bool, Any]:
    try:
        return True, jiter.from_json(text)
    except ValueError:
        pass
    try:
        return True, json.loads(text.decode("utf-8", "replace"))
    except (ValueError, RecursionError):
        return False, None


def _cut_short(text: bytes) -> Any:
    try:
        return jiter.from_json(text, partial_mode="trailing-strings")
    except ValueError:
        return None


def _objects(value: object) -> list[dict[str, Any]]:
    values = value if isinstance(value, list) else [value]
    return [value for value in values if isinstance(value, dict)]
