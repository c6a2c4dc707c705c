"""Python functions that a model may call.

The schema comes from the function's signature and docstring; arguments are checked against it before the
function runs. The result or the error is sent back to the model as text.
"""

from __future__ import annotations

import inspect
import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from functools import partial
from typing import Any, cast

from nbstream._util.browser import called_aside
from nbstream._util.foreign_code import failure_text, outcome_of
from nbstream._util.interrupts import interruptible
from nbstream._util.running import called_by_the_cell
from nbstream.errors import ArgumentError, ToolFailed
from nbstream.tools.results import result_text
from nbstream.tools.schema import arguments_model, described, values_of
from nbstream.types.call_arguments import UnreadableArgumentsError, read_arguments

__all__ = ["CheckedCall", "Tool", "as_tools"]

_RAW_SHOWN = 2000


@dataclass(frozen=True, slots=True)
class Tool:
    """A function and its description for a model.

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
    thread
        Whether a plain function runs in its own thread instead of the event loop's.

    Examples
    --------
    >>> import asyncio
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
    thread: bool = False

    @classmethod
    def of(cls, function: Callable[..., Any], *, thread: bool = False) -> Tool:
        """Describe a function.

        Parameters
        ----------
        function
            Named, with a type for each argument. Its docstring describes it, and its arguments too (in the
            styles of NumPy, Google or reST) where ``Annotated`` does not.
        thread
            A plain function runs on the thread of the event loop by default, like the code of a cell: it
            can use everything in the notebook, and blocks the event loop while it runs. With ``thread=True``
            it runs in its own thread: the notebook stays responsive, but objects that belong to the main
            thread (a sqlite3 connection, a browser page, a figure) cannot be used. Asynchronous functions
            always run on the event loop.

        Raises
        ------
        ArgumentError
            If the signature cannot be described: arguments without a type, ``*args``, ``**kwargs``.

        Examples
        --------
        >>> def fetch(url: str) -> str:
        ...     '''Fetch a page.'''
        ...     return url
        >>> Tool.of(fetch, thread=True)
        Tool(name='fetch', description='Fetch a page.', parameters={'properties': {'url': {'title': 'Url', \
'type': 'string'}}, 'required': ['url'], 'type': 'object'}, thread=True)
        """
        name = getattr(function, "__name__", "")
        if not name.isidentifier():
            raise ArgumentError("A tool must be a named function.", advice="Define it with def.")
        model, schema = arguments_model(function)
        return cls(name, described(function), schema, function, model, thread)

    def as_dict(self) -> dict[str, Any]:
        """The tool in the format of a request.

        Examples
        --------
        >>> def add(a: int, b: int = 1) -> int:
        ...     return a + b
        >>> Tool.of(add).as_dict()["function"]["name"]
        'add'
        """
        function = {"name": self.name, "description": self.description, "parameters": self.parameters}
        return {"type": "function", "function": function}

    def checked(self, arguments: str) -> CheckedCall:
        """Read the arguments of a call, and check them.

        Raises
        ------
        ToolFailed
            If they are unreadable or invalid, or a validator of the function's types fails.

        Examples
        --------
        >>> def add(a: int, b: int = 1) -> int:
        ...     return a + b
        >>> dict(Tool.of(add).checked('{"a": 2}').values)
        {'a': 2}
        """
        import pydantic

        try:
            read = read_arguments(arguments)
            model = self.model.model_validate_json(json.dumps(read))
        except UnreadableArgumentsError as error:
            raise ToolFailed(_unreadable(str(error), arguments)) from None
        except pydantic.ValidationError as error:
            problems = error.errors(include_url=False, include_input=False, include_context=False)
            raise ToolFailed(f"The arguments are not valid: {json.dumps(problems)}") from None
        except BaseException as error:
            raise ToolFailed(f"The arguments could not be checked: {failure_text(error)}") from error
        return CheckedCall(self, read, values_of(self.function, model))

    async def call(self, arguments: str) -> str:
        """Check the arguments and run the function; see `Tool.of` for where.

        Raises
        ------
        ToolFailed
            If the arguments are invalid or the function fails.

        Examples
        --------
        >>> import asyncio
        >>> def add(a: int, b: int = 1) -> int:
        ...     return a + b
        >>> asyncio.run(Tool.of(add).call('{"a": 2}'))
        '3'
        """
        return await self.checked(arguments).run()


@dataclass(frozen=True, slots=True)
class CheckedCall:
    """A call with valid arguments.

    Parameters
    ----------
    tool
        The called tool.
    arguments
        As written by the model, for approval.
    values
        As passed to the function.
    """

    tool: Tool
    arguments: Mapping[str, Any]
    values: Mapping[str, Any] = field(repr=False)

    async def run(self) -> str:
        """Run the function; return its result as text.

        Raises
        ------
        ToolFailed
            If it raises anything else, including a `SystemExit`, which would end the kernel, and
            its own `GeneratorExit` or `asyncio.CancelledError`, which would end the reply.
        KeyboardInterrupt
            If the user interrupts it.
        """
        text, error = await outcome_of(self._result())
        if isinstance(error, ToolFailed | KeyboardInterrupt):
            raise error
        if error is not None:
            raise ToolFailed(failure_text(error)) from error
        return cast("str", text)

    async def _result(self) -> str:
        function, values = self.tool.function, self.values
        if self.tool.thread and not inspect.iscoroutinefunction(inspect.unwrap(function)):
            result, error = await called_aside(_caught, function, values)
        else:
            result, error = await called_by_the_cell(partial(_caught_here, function, values))
        if error is not None:
            raise ToolFailed(failure_text(error)) from error
        return await result_text(await result if inspect.isawaitable(result) else result)


def as_tools(functions: Iterable[Callable[..., Any] | Tool]) -> dict[str, Tool]:
    """Tools by name.

    Raises
    ------
    ArgumentError
        If two have the same name, or one cannot be described.
    """
    tools: dict[str, Tool] = {}
    for function in functions:
        tool = function if isinstance(function, Tool) else Tool.of(function)
        if tool.name in tools:
            raise ArgumentError(f"Two tools are named {tool.name}.", advice="Rename one of them.")
        tools[tool.name] = tool
    return tools


def _unreadable(reason: str, arguments: str) -> str:
    shown = arguments if len(arguments) <= _RAW_SHOWN else f"{arguments[:_RAW_SHOWN]}…"
    return f"The arguments could not be read: {reason}. The call was not run. They are: {shown}"


def _caught_here(function: Callable[..., Any], values: Mapping[str, Any]) -> tuple[Any, BaseException | None]:
    """Result or error; an interrupt by the user is raised."""
    with interruptible():
        result, error = _caught(function, values)
    if isinstance(error, KeyboardInterrupt):
        raise error
    return result, error


def _caught(function: Callable[..., Any], values: Mapping[str, Any]) -> tuple[Any, BaseException | None]:
    """Result or error: some errors (StopIteration) cannot be passed on from a thread."""
    try:
        return function(**values), None
    except BaseException as error:
        return None, error
