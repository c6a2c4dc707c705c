"""Python functions that a model may call.

The schema comes from the function's signature and docstring; arguments are checked against it before the
function runs. What the function returns, or how it fails, goes back to the model as text.
"""

from __future__ import annotations

import asyncio
import inspect
import json
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any, get_type_hints

from nbstream.errors import ConfigError

__all__ = ["Tool", "ToolFailed", "as_tools"]

RESULT_CHARS = 100_000


class ToolFailed(Exception):
    """A call did not give a result; its text goes back to the model."""


@dataclass(frozen=True, slots=True)
class Tool:
    """A function with what a model must know of it.

    Parameters
    ----------
    name
        Name of the function.
    description
        First paragraph of its docstring.
    parameters
        JSON Schema of its arguments.
    function
        The function itself, plain or asynchronous.
    model
        Pydantic model that checks the arguments.

    Examples
    --------
    >>> def add(a: int, b: int = 1) -> int:
    ...     '''Add two numbers.'''
    ...     return a + b
    >>> tool = Tool.of(add)
    >>> tool.parameters["required"], asyncio.run(tool.call('{"a": 2}'))
    (['a'], '3')
    """

    name: str
    description: str
    parameters: dict[str, Any]
    function: Callable[..., Any] = field(repr=False)
    model: Any = field(repr=False)

    @classmethod
    def of(cls, function: Callable[..., Any]) -> Tool:
        """Describe a function.

        Raises
        ------
        ConfigError
            When the signature can not be described: arguments without a type, ``*args``, ``**kwargs``.
        """
        import pydantic

        name = getattr(function, "__name__", "")
        if not name.isidentifier():
            raise ConfigError("A tool must be a named function.", advice="Define it with def.")
        fields = _fields(function)
        try:
            model = pydantic.create_model(f"{name}_arguments", **fields)
            schema = model.model_json_schema()
        except (pydantic.PydanticUserError, TypeError) as error:
            raise ConfigError(f"The tool {name} can not be described: {error}") from error
        schema.pop("title", None)
        description = (inspect.getdoc(function) or "").partition("\n\n")[0].replace("\n", " ")
        return cls(name, description, schema, function, model)

    def as_dict(self) -> dict[str, Any]:
        """The tool as requests carry it."""
        function = {"name": self.name, "description": self.description, "parameters": self.parameters}
        return {"type": "function", "function": function}

    async def call(self, arguments: str) -> str:
        """Check the arguments and run the function, a plain one in a thread.

        Raises
        ------
        ToolFailed
            When the arguments do not fit or the function fails; says how.
        """
        import pydantic

        try:
            checked = self.model.model_validate_json(arguments or "{}")
        except pydantic.ValidationError as error:
            problems = error.errors(include_url=False, include_input=False, include_context=False)
            raise ToolFailed(f"The arguments do not fit: {json.dumps(problems)}") from None
        given = {name: getattr(checked, name) for name in type(checked).model_fields}
        try:
            return _text(await self._run(given))
        except Exception as error:
            raise ToolFailed(f"{type(error).__name__}: {error}") from error

    async def _run(self, given: dict[str, Any]) -> Any:
        if inspect.iscoroutinefunction(self.function):
            return await self.function(**given)
        return await asyncio.to_thread(self.function, **given)


def as_tools(functions: Iterable[Callable[..., Any] | Tool]) -> dict[str, Tool]:
    """Tools by name.

    Raises
    ------
    ConfigError
        When two have one name, or one can not be described.
    """
    tools: dict[str, Tool] = {}
    for function in functions:
        tool = function if isinstance(function, Tool) else Tool.of(function)
        if tool.name in tools:
            raise ConfigError(f"Two tools are named {tool.name}.", advice="Rename one of them.")
        tools[tool.name] = tool
    return tools


def _fields(function: Callable[..., Any]) -> dict[str, Any]:
    hints = get_type_hints(function)
    fields: dict[str, Any] = {}
    for name, parameter in inspect.signature(function).parameters.items():
        if parameter.kind in {parameter.VAR_POSITIONAL, parameter.VAR_KEYWORD, parameter.POSITIONAL_ONLY}:
            raise ConfigError(
                f"The tool {function.__name__} takes {parameter}.", advice="Name its arguments."
            )
        if name not in hints:
            raise ConfigError(
                f"The argument {name!r} of the tool {function.__name__} has no type.",
                advice=f"Write one, for example {name}: str",
            )
        fields[name] = (hints[name], ... if parameter.default is parameter.empty else parameter.default)
    return fields


def _text(result: object) -> str:
    text = result if isinstance(result, str) else json.dumps(result, default=str, ensure_ascii=False)
    return text if len(text) <= RESULT_CHARS else text[:RESULT_CHARS] + "… (cut)"
