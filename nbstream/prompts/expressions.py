"""The expressions of a template, evaluated in Jinja2's immutable sandbox.

Jinja2 sees what is between the braces, and never the text around them: JSON, code and LaTeX stay as they are.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache
from typing import TYPE_CHECKING, Any

from nbstream.errors import ArgumentError
from nbstream.prompts.values import Unrenderable, ValueText, rows, text_of

if TYPE_CHECKING:
    from jinja2.sandbox import ImmutableSandboxedEnvironment

__all__ = ["BRACES", "Expression", "expressions_of", "sandbox"]

BRACES = "{{ '{{' }}"
"""Braces as text in a template."""

_GUARDS = frozenset({"default", "d", "defined", "undefined"})
_BUILTINS: tuple[Callable[..., Any], ...] = (
    *(abs, all, any, dict, enumerate, float, int, len, list),
    *(max, min, repr, round, sorted, str, sum, zip),
)


@dataclass(frozen=True, slots=True)
class Expression:
    """An expression of a template.

    Parameters
    ----------
    source
        What is between the braces, without white space around it.
    place
        Line and column of the braces, from 1.
    names
        Names that it uses, in alphabetical order.
    required
        Those of them that need a value: the others are tested or have a default.
    start, end
        Where it is in the template, with its braces.
    compiled
        Evaluates it for the values of its names.
    """

    source: str
    place: tuple[int, int]
    names: tuple[str, ...]
    required: frozenset[str]
    start: int
    end: int
    compiled: Callable[..., Any] = field(repr=False, compare=False)

    @property
    def where(self) -> str:
        """Its place in words."""
        return f"line {self.place[0]}, column {self.place[1]}"

    def text(self, values: Mapping[str, Any]) -> ValueText:
        """The text of its value.

        Raises
        ------
        Unrenderable
            When it has none. The cause is the error of the expression, if it raised one.
        """
        from jinja2 import Undefined

        try:
            value = self.compiled({name: values[name] for name in self.names if name in values})
            if isinstance(value, Undefined):
                str(value)
        except Unrenderable:
            raise
        except Exception as error:
            raise Unrenderable(_one_line(error)) from error
        return text_of(value)


@cache
def sandbox() -> ImmutableSandboxedEnvironment:
    """The environment of all expressions."""
    from jinja2 import StrictUndefined
    from jinja2.sandbox import ImmutableSandboxedEnvironment

    environment = ImmutableSandboxedEnvironment(undefined=StrictUndefined, keep_trailing_newline=True)
    # Functions only: methods of a class could change values or read hidden attributes.
    environment.globals = {function.__name__: _function(function) for function in _BUILTINS} | {
        "range": environment.globals["range"]
    }
    environment.filters["rows"] = rows
    environment.filters["tojson"] = _to_json
    return environment


def expressions_of(source: str) -> Iterator[Expression]:
    """The expressions of a template, in order.

    Raises
    ------
    ArgumentError
        When one is not valid. Names it and its place.
    """
    start = source.find("{{")
    while start >= 0:
        end = _end(source, start)
        yield _expression(source, start, end)
        start = source.find("{{", end)


def _end(source: str, start: int) -> int:
    """Where the expression that begins at `start` ends: Jinja2 knows ``}}`` in quotes from its end."""
    from jinja2 import TemplateSyntaxError

    rest = source[start:].replace("\r\n", " \n").replace("\r", "\n")  # same length, as `lex` requires
    end = start
    try:
        for _, kind, text in sandbox().lex(rest):
            if kind == "variable_end":
                if source[start + 2] in "-+" or text.startswith("-"):
                    raise _invalid(source, start, end + len(text), "Put a space between braces and sign")
                return end + len(text)
            end += len(text)
    except TemplateSyntaxError as error:
        raise _invalid(source, start, end + 20, error.message or "") from None
    raise _invalid(source, start, start + 40, "The braces are not closed")


def _expression(source: str, start: int, end: int) -> Expression:
    from jinja2 import TemplateError

    inner = source[start + 2 : end - 2]
    try:
        tree = sandbox().parse("{{" + inner + "}}")
        names, required = _names(tree)
        if not names and not _is_text(tree):
            raise _invalid(source, start, end, "It contains no variable")
        compiled = sandbox().compile_expression(inner, undefined_to_none=False)
    except TemplateError as error:
        raise _invalid(source, start, end, error.message or "") from None
    except RecursionError:
        raise _invalid(source, start, end, "It is nested too deeply") from None
    return Expression(inner.strip(), _place(source, start), names, required, start, end, compiled)


def _names(tree: Any) -> tuple[tuple[str, ...], frozenset[str]]:
    """The names that an expression uses, and those that need a value."""
    from jinja2 import nodes

    used = {name.name for name in tree.find_all(nodes.Name)}
    calls = tree.find_all((nodes.Filter, nodes.Test))
    guarded = {call.node.name for call in calls if call.name in _GUARDS and isinstance(call.node, nodes.Name)}
    return tuple(sorted(used)), frozenset(used - guarded - sandbox().globals.keys())


def _is_text(tree: Any) -> bool:
    """Whether it is a string: how a template writes braces."""
    from jinja2 import nodes

    parts = tree.body[0].nodes
    return len(parts) == 1 and isinstance(parts[0], nodes.Const) and isinstance(parts[0].value, str)


def _invalid(source: str, start: int, end: int, reason: str) -> ArgumentError:
    line, column = _place(source, start)
    what = f"{_cut(source[start:end])} at line {line}, column {column}"
    return ArgumentError(
        f"{what} is not an expression: {reason.rstrip('.')}.",
        advice=f"Write braces that are text as {BRACES}.",
    )


def _place(source: str, start: int) -> tuple[int, int]:
    before = source[:start].split("\n")
    return len(before), len(before[-1]) + 1


def _cut(text: str) -> str:
    text = " ".join(text.split())
    return text if len(text) <= 80 else text[:79] + "…"


def _one_line(error: Exception) -> str:
    from jinja2 import UndefinedError

    text = " ".join(str(error).split())
    return text.rstrip(".") + "." if isinstance(error, UndefinedError) else f"{type(error).__name__}: {text}"


def _function(function: Callable[..., Any]) -> Callable[..., Any]:
    def call(*args: Any, **kwargs: Any) -> Any:
        return function(*args, **kwargs)

    return call


def _to_json(value: object, indent: int | None = None) -> str:
    """JSON as it is: Jinja2's own filter escapes it for HTML."""
    return json.dumps(value, ensure_ascii=False, indent=indent)
