"""A schema named in the line of a cell: a variable, an attribute, or a list of one."""

from __future__ import annotations

import ast
import builtins
from collections.abc import Mapping
from typing import Any

from nbstream._util.names import did_you_mean
from nbstream.errors import ArgumentError
from nbstream.structured.structure import Structure

__all__ = ["named_schema"]

_ADVICE = "Use NAME, MODULE.NAME or list[NAME]."
_BUILT_IN = ("bool", "dict", "float", "int", "list", "str")


def named_schema(text: str, variables: Mapping[str, Any]) -> Structure:
    """The schema that a text names. Nothing is called: the text holds names, dots and brackets only.

    Raises
    ------
    ArgumentError
        When there is no such variable, or it is not a schema.

    Examples
    --------
    >>> named_schema("list[int]", {}).has_rows
    True
    """
    try:
        expression = ast.parse(text, mode="eval").body
    except SyntaxError:
        raise ArgumentError(f"--schema {text}: this is not a name.", advice=_ADVICE) from None
    try:
        return Structure.of(_value(expression, variables, text))
    except ArgumentError as error:
        if error.message.startswith("--schema"):
            raise
        message = f"--schema {text}: {error.message.removeprefix('schema=')}"
        raise ArgumentError(message, advice=error.advice) from None


def _value(node: ast.expr, variables: Mapping[str, Any], text: str) -> Any:
    match node:
        case ast.Name(id=name) if name in variables:
            return variables[name]
        case ast.Name(id=name) if name in _BUILT_IN:
            return getattr(builtins, name)
        case ast.Name(id=name):
            schemas = (key for key, value in variables.items() if isinstance(value, type | Mapping))
            near = did_you_mean(name, [key for key in schemas if not key.startswith("_")])
            raise ArgumentError(
                f"--schema {text}: there is no variable {name!r}.",
                advice=near or "Define it in a cell above.",
            )
        case ast.Attribute(value=owner, attr=name):
            found = getattr(_value(owner, variables, text), name, None)
            if found is None:
                raise ArgumentError(f"--schema {text}: there is no {ast.unparse(node)}.", advice=_ADVICE)
            return found
        case ast.Subscript(value=outer, slice=ast.Tuple(elts=parts)):
            return _value(outer, variables, text)[tuple(_value(part, variables, text) for part in parts)]
        case ast.Subscript(value=outer, slice=inner):
            return _generic(_value(outer, variables, text), _value(inner, variables, text))
    raise ArgumentError(f"--schema {text}: this is not a name.", advice=_ADVICE)


def _generic(outer: Any, inner: Any) -> Any:
    """``list[Row]``, also where the row is described by a JSON Schema."""
    if outer is list and isinstance(inner, Mapping):
        return {"type": "array", "items": inner}
    return outer[inner]
