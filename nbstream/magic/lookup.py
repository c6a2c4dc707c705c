"""Looks up the names in the expressions of a prompt, which are parsed for that and never evaluated."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from functools import lru_cache
from typing import Any

from nbstream._util.names import nearest
from nbstream.errors import ArgumentError
from nbstream.magic.columns import ROW, columns_of

__all__ = ["problems_of"]

_NOT_VALID = "This is not an expression. Braces that are text are written {{ '{{' }}."


def problems_of(expressions: Collection[tuple[str, str]], variables: Mapping[str, Any]) -> list[str | None]:
    """Why expressions cannot be filled in, each in a sentence; None where their names are defined.

    Parameters
    ----------
    expressions
        The variable of ``--over``, or an empty text, and what is between the braces.
    variables
        The notebook variables.

    Examples
    --------
    >>> variables = {"name": "Ada", "rows": [{"city": "Oslo"}]}
    >>> problems_of([("", "name.upper() | trim"), ("rows", "city"), ("rows", "row.city")], variables)
    [None, None, None]
    >>> problems_of([("", "nmae")], variables)
    ['nmae is not defined in the kernel. Did you mean name?']
    """
    tables = {table: _columns(table, variables) for table in {table for table, _ in expressions}}
    return [_problem(source, variables, tables[table]) for table, source in expressions]


def _columns(table: str, variables: Mapping[str, Any]) -> list[str] | None:
    """The names that the rows of a table define; None if they are not known."""
    if not table:
        return []
    columns = columns_of(variables.get(table))
    return None if columns is None else [*columns, ROW]


def _problem(source: str, variables: Mapping[str, Any], columns: Collection[str] | None) -> str | None:
    required = _required(source)
    if required is None:
        return _NOT_VALID
    if columns is None:
        return None
    missing = sorted(name for name in required if name not in variables and name not in columns)
    return _not_defined(missing, [*columns, *variables]) if missing else None


def _not_defined(missing: list[str], known: Iterable[str]) -> str:
    near = nearest(missing[0], [name for name in known if name[0] != "_"]) if len(missing) == 1 else ""
    verb = "is" if len(missing) == 1 else "are"
    hint = f" Did you mean {near}?" if near else ""
    return f"{', '.join(missing)} {verb} not defined in the kernel.{hint}"


@lru_cache(maxsize=2048)
def _required(source: str) -> frozenset[str] | None:
    """The names that need a value; None if it is not an expression."""
    from nbstream.prompts.expressions import expressions_of

    try:
        (expression,) = expressions_of(f"{{{{{source}}}}}")
    except (ArgumentError, ValueError):  # ValueError: the text is more than one expression
        return None
    return expression.required
