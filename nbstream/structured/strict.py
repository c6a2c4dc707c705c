"""JSON Schemas in the strict form that OpenAI's API requires: all properties required, no others allowed."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

__all__ = ["inlined_root", "strict_form"]

_UNSUPPORTED = frozenset(
    {"allOf", "oneOf", "not", "if", "dependentRequired", "dependentSchemas", "patternProperties"}
    | {"prefixItems", "unevaluatedProperties", "propertyNames", "contains"}
)
_PARTS = frozenset({"properties", "$defs", "definitions"})
_LEFT_OUT = frozenset({"default", "title"})


class _NotStrictError(Exception):
    """The schema allows what the strict form cannot express."""


def strict_form(schema: Mapping[str, Any]) -> dict[str, Any] | None:
    """The schema in the strict form; None if it allows what that form cannot express, such as any key.

    Examples
    --------
    >>> strict_form({"type": "object", "properties": {"a": {"type": "integer", "default": 1}}})
    {'type': 'object', 'properties': {'a': {'type': 'integer'}}, 'required': ['a'], \
'additionalProperties': False}
    >>> strict_form({"type": "object", "additionalProperties": {"type": "integer"}}) is None
    True
    """
    try:
        strict: dict[str, Any] = _strict(schema)
    except _NotStrictError:
        return None
    return strict


def inlined_root(schema: Mapping[str, Any]) -> dict[str, Any]:
    """The schema with its root written out: a recursive model has only a reference there.

    Examples
    --------
    >>> inlined_root({"$ref": "#/$defs/N", "$defs": {"N": {"type": "object"}}})
    {'type': 'object', '$defs': {'N': {'type': 'object'}}}
    """
    name = str(schema.get("$ref", "")).removeprefix("#/$defs/")
    definitions = schema.get("$defs", {})
    if name not in definitions:
        return dict(schema)
    return dict(definitions[name]) | {"$defs": definitions}


def _strict(schema: Any) -> Any:
    if not isinstance(schema, Mapping) or not schema or not _UNSUPPORTED.isdisjoint(schema):
        raise _NotStrictError
    if "$ref" in schema:
        return {"$ref": schema["$ref"]}  # no other key is allowed next to it
    strict = {key: _value(key, value) for key, value in schema.items() if key not in _LEFT_OUT}
    kinds = schema.get("type")
    if kinds == "object" or "properties" in schema:
        if schema.get("additionalProperties") not in (None, False) or "properties" not in schema:
            raise _NotStrictError
        strict |= {"required": list(schema["properties"]), "additionalProperties": False}
    if kinds == "array" and "items" not in schema:
        raise _NotStrictError
    return strict


def _value(key: str, value: Any) -> Any:
    if key in _PARTS:
        return {name: _strict(part) for name, part in value.items()}
    if key == "items":
        return _strict(value)
    if key == "anyOf":
        return [_strict(part) for part in value]
    return value
