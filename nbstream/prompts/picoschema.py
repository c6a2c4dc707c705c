"""Picoschema, the short form of JSON schema in dotprompt files."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

__all__ = ["json_schema"]

_TYPES = frozenset({"string", "number", "integer", "boolean", "null"})


def json_schema(schema: Any) -> dict[str, Any]:
    """The JSON schema of a Picoschema; a JSON schema as it is.

    Raises
    ------
    ValueError
        When a type is not known. Names it.

    Examples
    --------
    >>> json_schema({"name": "string, as written", "age?": "integer"})["properties"]
    {'name': {'type': 'string', 'description': 'as written'}, 'age': {'type': ['integer', 'null']}}
    >>> json_schema("string")
    {'type': 'string'}
    """
    if isinstance(schema, str):
        return _typed(*_split(schema))
    if not isinstance(schema, Mapping):
        raise ValueError(f"{schema!r} is not a schema")  # noqa: TRY004 -- read from a file
    if isinstance(schema.get("type"), str) and schema["type"] in {*_TYPES, "object", "array"}:
        return dict(schema)
    return _object(schema)


def _object(fields: Mapping[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = {"type": "object", "properties": {}, "required": []}
    found["additionalProperties"] = False
    for key, value in fields.items():
        name, _, rest = str(key).partition("(")
        if key == "(*)":
            found["additionalProperties"] = json_schema(value)
            continue
        is_optional = name.endswith("?")
        field = _field(rest.rstrip(")"), value)
        if is_optional and isinstance(field.get("type"), str):
            field["type"] = [field["type"], "null"]
        found["properties"][name.rstrip("?")] = field
        found["required"] += [] if is_optional else [name]
    return found


def _field(kind: str, value: Any) -> dict[str, Any]:
    """A field, with what its name has in parentheses: ``array, description``."""
    name, description = _split(kind)
    if not name:
        return json_schema(value)
    match name:
        case "array":
            found = {"type": "array", "items": json_schema(value)}
        case "object":
            found = json_schema(value)
        case "enum":
            found = {"enum": list(value)}
        case _:
            raise ValueError(f"{name!r} is not a type")
    return found | ({"description": description} if description else {})


def _split(text: str) -> tuple[str, str]:
    name, _, description = text.partition(",")
    return name.strip(), description.strip()


def _typed(name: str, description: str) -> dict[str, Any]:
    if name != "any" and name not in _TYPES:
        raise ValueError(f"{name!r} is not a type")
    found = {} if name == "any" else {"type": name}
    return found | ({"description": description} if description else {})
