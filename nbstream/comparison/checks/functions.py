"""Functions of the user as checks."""

from __future__ import annotations

import inspect
import math
from collections.abc import Awaitable, Callable
from typing import Any

from nbstream.comparison.checks.check import Check, Follower, Row
from nbstream.comparison.checks.outcome import Outcome, wrong
from nbstream.errors import ArgumentError
from nbstream.reply import Reply

__all__ = ["FunctionCheck"]

_PASSING = 0.5


class FunctionCheck(Check):
    """A function of the reply, or of the reply and its row, as a check.

    It returns True or False, a score from 0 to 1, or one of these with a reason: ``(False, "Too formal.")``.
    It may be asynchronous. With the annotation ``-> bool``, a race by it needs fewer rows.

    Parameters
    ----------
    function
        The function.
    name
        What its column is called; the function's name by default.

    Raises
    ------
    ArgumentError
        When it takes other arguments.

    Examples
    --------
    >>> FunctionCheck(lambda reply, row: row["city"] in reply.text, "city")
    <Check city>
    """

    def __init__(self, function: Callable[..., Any], name: str = "") -> None:
        super().__init__(name or getattr(function, "__name__", type(function).__name__))
        self._function = function
        self._count = _count_of_arguments(function, self.name)
        self.graded = getattr(function, "__annotations__", {}).get("return") not in {bool, "bool"}

    def follow(self, row: Row) -> Follower:
        """Begin an answer."""
        return _FunctionFollower(lambda reply: self._function(*(reply, row)[: self._count]))


class _FunctionFollower(Follower):
    def __init__(self, call: Callable[[Reply], Any]) -> None:
        self._call = call

    def end(self, reply: Reply) -> Outcome | Awaitable[Outcome]:
        value = self._call(reply)
        return _awaited(value) if inspect.isawaitable(value) else _outcome(value)


async def _awaited(value: Awaitable[Any]) -> Outcome:
    return _outcome(await value)


def _outcome(value: object) -> Outcome:
    if isinstance(value, Outcome):
        return value
    reason = ""
    if isinstance(value, tuple) and len(value) == 2 and isinstance(value[1], str):
        value, reason = value
    if type(value).__name__ in {"bool_", "bool"}:  # numpy's as well
        return Outcome("pass" if value else "fail", reason, float(bool(value)))
    if isinstance(value, int | float) and math.isfinite(value) and 0 <= value <= 1:
        return Outcome("pass" if value >= _PASSING else "fail", reason, float(value))
    shown = repr(value)
    shown = shown if len(shown) <= 40 else f"a value of type {type(value).__name__}"
    return wrong(f"It returned {shown}, and not True, False or a score from 0 to 1.")


def _count_of_arguments(function: Callable[..., Any], name: str) -> int:
    try:
        signature = inspect.signature(function)
    except (TypeError, ValueError):  # a built-in one
        return 1
    for arguments in ((None,), (None, None)):
        try:
            signature.bind(*arguments)
        except TypeError:
            continue
        return len(arguments)
    raise ArgumentError(
        f"The check {name!r} takes other arguments than a reply, or a reply and a row.",
        advice="For example: lambda reply: 'sorry' not in reply.text.",
    )
