"""Converts a function's signature to a JSON Schema and a pydantic model that checks its arguments."""

from __future__ import annotations

import inspect
import warnings
from collections.abc import Callable, Mapping
from typing import Annotated, Any, get_args, get_origin, get_type_hints

from nbstream.errors import ArgumentError
from nbstream.tools.docstrings import argument_descriptions, summary

__all__ = ["arguments_model", "described", "values_of"]


def described(function: Callable[..., Any]) -> str:
    """The description of a function from its docstring."""
    return summary(inspect.getdoc(function))


def arguments_model(function: Callable[..., Any]) -> tuple[Any, dict[str, Any]]:
    """The model that checks a function's arguments, and its JSON Schema.

    Raises
    ------
    ArgumentError
        If the signature cannot be described.
    """
    import pydantic

    name = function.__name__
    try:
        fields = _fields(function)
        model = pydantic.create_model(
            f"{name}_arguments", __config__=pydantic.ConfigDict(extra="forbid"), **fields
        )
        with warnings.catch_warnings():  # a default that JSON cannot show is left out of the schema
            warnings.simplefilter("ignore")
            schema = model.model_json_schema()
    except (pydantic.PydanticUserError, TypeError, NameError) as error:
        raise ArgumentError(f"The tool {name} cannot be described: {error}") from error
    # Not all servers know "additionalProperties"; unknown arguments are refused anyway.
    return model, {key: schema[key] for key in schema if key not in {"title", "additionalProperties"}}


def values_of(function: Callable[..., Any], model: Any) -> dict[str, Any]:
    """The given arguments by name; the function fills in its defaults itself."""
    import pydantic.fields

    parameters = inspect.signature(function).parameters
    values = {}
    for key, described_field in type(model).model_fields.items():
        default = parameters[described_field.alias].default
        if key in model.model_fields_set or isinstance(default, pydantic.fields.FieldInfo):
            values[described_field.alias] = getattr(model, key)
    return values


def _fields(function: Callable[..., Any]) -> dict[str, Any]:
    """The fields of the model, renamed, because pydantic reserves many names."""
    hints = get_type_hints(function, include_extras=True)
    documented = argument_descriptions(inspect.getdoc(function))
    fields: dict[str, Any] = {}
    for number, (name, parameter) in enumerate(inspect.signature(function).parameters.items()):
        _check_parameter(function.__name__, parameter, hints)
        fields[f"a{number}"] = _field(name, hints[name], parameter.default, documented)
    return fields


def _check_parameter(tool: str, parameter: inspect.Parameter, hints: Mapping[str, Any]) -> None:
    name = parameter.name
    if parameter.kind in {parameter.VAR_POSITIONAL, parameter.VAR_KEYWORD, parameter.POSITIONAL_ONLY}:
        raise ArgumentError(f"The tool {tool} takes {parameter}.", advice="Name its arguments.")
    if name not in hints:
        raise ArgumentError(
            f"The argument {name!r} of the tool {tool} has no type.",
            advice=f"Write one, for example {name}: str",
        )


def _field(name: str, hint: Any, default: Any, documented: Mapping[str, str]) -> tuple[Any, Any]:
    from pydantic import Field
    from pydantic.fields import FieldInfo

    notes = list(get_args(hint)[1:]) if get_origin(hint) is Annotated else []
    settings: dict[str, Any] = {"alias": name}
    if isinstance(default, FieldInfo):  # argument: int = Field(3, ge=1)
        notes.append(default)
        hint = Annotated[hint, default]
    elif default is not inspect.Parameter.empty:
        settings["default"] = default
    if not any(isinstance(note, FieldInfo) and note.description for note in notes):
        words = next((note for note in notes if isinstance(note, str)), documented.get(name))
        settings |= {"description": words} if words else {}
    return hint, Field(**settings)
