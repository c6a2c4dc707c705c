"""A schema as users give it, as servers take it, and as it checks what arrives."""

from __future__ import annotations

import pickle
import re
from collections.abc import Iterable, Mapping
from functools import cached_property
from typing import Any, get_args, get_origin

from nbstream._util.foreign_code import failure_text
from nbstream.errors import ArgumentError
from nbstream.structured.strict import inlined_root, strict_form
from nbstream.structured.typed_dicts import usable_by_pydantic

__all__ = ["ROWS", "Structure"]

ROWS = "rows"
"""Name of the list in the object around it: APIs take only objects as the outermost value."""
_VALUE = "value"
_NAME = re.compile(r"[^A-Za-z0-9_-]+")
_NAME_CHARS = 64
_MOST_ERRORS = 20
_ADVICE = "Use a pydantic model, a dataclass, a TypedDict, list[Row] or a JSON Schema dict."


class Structure:
    """A schema.

    Parameters
    ----------
    source
        The type, or the JSON Schema as a dict.

    Examples
    --------
    >>> structure = Structure.of(list[int])
    >>> structure.has_rows, structure.check("7"), structure.check('"x"')[1][0][1]
    (True, (7, []), 'Input should be a valid integer, unable to parse string as an integer')
    """

    def __init__(self, source: Any) -> None:
        self.source = source
        self.item: Any = _item(source)

    @classmethod
    def of(cls, schema: Any) -> Structure:
        """The schema, checked.

        Raises
        ------
        ArgumentError
            When it is not one.
        """
        if isinstance(schema, Structure):
            return schema
        if isinstance(schema, Mapping):
            structure = cls(_unwrapped(schema))
            _check_json_schema(structure.source)
            return structure
        if schema is None or isinstance(schema, str | bytes | int | float | list | tuple):
            raise ArgumentError(f"schema={schema!r} is not a schema.", advice=_ADVICE)
        structure = cls(schema)
        structure._check_type()
        return structure

    def __reduce__(self) -> tuple[object, ...]:
        """Pickle the type by its name; one that has none that pickle finds, as its JSON Schema."""
        try:
            pickle.dumps(self.source)
        except (pickle.PicklingError, AttributeError, TypeError):
            return Structure, (self.json_schema,)
        return Structure, (self.source,)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Structure) and self.json_schema == other.json_schema

    __hash__ = None  # type: ignore[assignment]

    @property
    def is_type(self) -> bool:
        """Whether it is a Python type, not a JSON Schema."""
        return not isinstance(self.source, Mapping)

    @property
    def has_rows(self) -> bool:
        """Whether the answer is a list: a table."""
        return self.item is not None

    @property
    def key(self) -> str:
        """Name in the object that is sent around the value; empty for an object."""
        return ROWS if self.has_rows else "" if self._is_object else _VALUE

    @cached_property
    def json_schema(self) -> dict[str, Any]:
        """The JSON Schema of the value."""
        schema = self._adapter(self.source).json_schema() if self.is_type else self.source
        return inlined_root(schema)

    @cached_property
    def name(self) -> str:
        """Name of the schema, as APIs allow it."""
        given = getattr(self.item or self.source, "__name__", "") or self.json_schema.get("title", "")
        return _NAME.sub("_", given)[:_NAME_CHARS].strip("_") or "answer"

    @cached_property
    def fields(self) -> list[str]:
        """Names of the fields of a row or of the object; empty for plain values."""
        schema = self.json_schema
        if self.has_rows:
            return list(_resolved(schema.get("items") or {}, schema).get("properties", ()))
        return list(schema.get("properties", ()))

    def is_number(self, field: str) -> bool:
        """Whether a field of the rows holds numbers."""
        schema = self.json_schema
        row = _resolved(schema.get("items") or {}, schema) if self.has_rows else schema
        part = row.get("properties", {}).get(field, {})
        kinds = {part.get("type"), *(each.get("type") for each in part.get("anyOf", ()))} - {None, "null"}
        return bool(kinds) and kinds <= {"integer", "number"}

    @cached_property
    def rows_are_objects(self) -> bool:
        """Whether each row is an object."""
        schema = self.json_schema
        row = _resolved(schema.get("items") or {}, schema) if self.has_rows else schema
        return row.get("type") == "object"

    @cached_property
    def sent_schema(self) -> tuple[dict[str, Any], bool]:
        """The JSON Schema that is sent, of an object in any case, and whether it is strict."""
        schema = self._wrapped()
        strict = strict_form(schema)
        # Of a schema that the user wrote, no optional field is made a required one.
        usable = strict is not None and (self.is_type or strict == schema)
        return (strict or schema, True) if usable else (schema, False)

    def check(self, text: str) -> tuple[Any, list[tuple[str, str]]]:
        """The validated value of a row or of the whole object, and what is wrong: fields and messages.

        A validator that raises something other than a `ValueError` or `AssertionError` is wrong itself; that
        is an error of the row too, so that it ends neither the reply nor the kernel.
        """
        if not self.is_type:
            return self._check_by_schema(text)
        import pydantic

        try:
            value = self._reader.validate_json(text)
        except pydantic.ValidationError as error:
            listed = error.errors(include_url=False, include_context=False, include_input=False)
            return None, [(_path(e["loc"]), e["msg"]) for e in listed[:_MOST_ERRORS]]
        except ValueError as error:  # half of a surrogate pair
            return None, [("", f"Invalid JSON: {error}")]
        except KeyboardInterrupt:
            raise
        except BaseException as error:
            return None, [("", f"A validator failed: {failure_text(error)}")]
        return getattr(value, _VALUE) if self.key == _VALUE else value, []

    @cached_property
    def _reader(self) -> Any:
        if self.has_rows:
            return self._adapter(self.item)
        return self._adapter(self.source if self._is_object else _around(_VALUE, self.source))

    @cached_property
    def _is_object(self) -> bool:
        return self.json_schema.get("type") == "object"

    def _wrapped(self) -> dict[str, Any]:
        key = self.key
        if not key:
            return self.json_schema
        if self.is_type:
            schema: dict[str, Any] = _around(key, self.source).model_json_schema()
            return schema
        inner = {name: value for name, value in self.json_schema.items() if name not in {"$defs", "$schema"}}
        outer = {"type": "object", "properties": {key: inner}, "required": [key]}
        shared = {"$defs": self.json_schema["$defs"]} if "$defs" in self.json_schema else {}
        return outer | {"additionalProperties": False} | shared

    def _check_by_schema(self, text: str) -> tuple[Any, list[tuple[str, str]]]:
        import jiter

        try:
            value = jiter.from_json(text.encode())
        except ValueError as error:
            return None, [("", f"Invalid JSON: {error}")]
        if self.key == _VALUE and isinstance(value, dict) and value.keys() == {_VALUE}:
            value = value[_VALUE]
        errors = [(_path(e.absolute_path), e.message) for e in self._validator.iter_errors(value)]
        return (None, errors[:_MOST_ERRORS]) if errors else (value, [])

    @cached_property
    def _validator(self) -> Any:
        schema = self.json_schema
        if self.has_rows:
            shared = {name: schema[name] for name in ("$schema", "$defs") if name in schema}
            schema = dict(schema.get("items") or {}) | shared
        return _json_schema_validator(schema)

    def _check_type(self) -> None:
        import pydantic

        try:
            self.json_schema  # noqa: B018 - computed once, here
        except (pydantic.PydanticUserError, TypeError, NameError, AttributeError) as error:
            first = str(error).splitlines()[0]
            raise ArgumentError(f"schema={self.source!r} is not a schema: {first}", advice=_ADVICE) from None

    @staticmethod
    def _adapter(kind: Any) -> Any:
        import pydantic

        return pydantic.TypeAdapter(usable_by_pydantic(kind))


def _item(source: Any) -> Any:
    """The type of a row; None where the source is not a list."""
    if isinstance(source, Mapping):
        return source.get("items", {}) if source.get("type") == "array" else None
    if source is list:
        return Any
    return (get_args(source) or (Any,))[0] if get_origin(source) is list else None


def _around(key: str, kind: Any) -> Any:
    import pydantic

    fields: dict[str, Any] = {key: (usable_by_pydantic(kind), ...)}
    return pydantic.create_model("answer", __config__=pydantic.ConfigDict(extra="forbid"), **fields)


def _unwrapped(schema: Mapping[str, Any]) -> dict[str, Any]:
    """The JSON Schema in the value of a `response_format`, which users may have at hand."""
    inner = schema.get("json_schema", schema)
    inner = inner.get("schema", inner) if isinstance(inner, Mapping) else inner
    return dict(inner if isinstance(inner, Mapping) else schema)


def _check_json_schema(schema: Mapping[str, Any]) -> None:
    """See that a dict is a JSON Schema.

    Raises
    ------
    ArgumentError
        Says what is wrong.
    """
    import jsonschema

    words = {"type", "properties", "$ref", "anyOf", "oneOf", "allOf", "enum", "const", "items"}
    if words.isdisjoint(schema):
        raise ArgumentError("This dict is not a JSON Schema: it has no type.", advice=_ADVICE)
    try:
        jsonschema.validators.validator_for(schema, jsonschema.Draft202012Validator).check_schema(schema)
    except jsonschema.SchemaError as error:
        where = f" at {_path(error.absolute_path)}" if error.absolute_path else ""
        raise ArgumentError(f"This JSON Schema is not valid{where}: {error.message}.") from None


def _json_schema_validator(schema: Mapping[str, Any]) -> Any:
    import jsonschema
    import referencing

    kind = jsonschema.validators.validator_for(schema, jsonschema.Draft202012Validator)
    return kind(schema, registry=referencing.Registry())  # the default one would load schemas from the web


def _resolved(part: Mapping[str, Any], schema: Mapping[str, Any]) -> Mapping[str, Any]:
    name = str(part.get("$ref", "")).removeprefix("#/$defs/")
    found: Mapping[str, Any] = schema.get("$defs", {}).get(name, part)
    return found


def _path(parts: Iterable[Any]) -> str:
    return ".".join(map(str, parts))
