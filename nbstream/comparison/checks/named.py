"""Checks by name, as promptfoo writes them: ``"icontains: sorry"``, ``"not-regex: [0-9]"``."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from nbstream._util.names import did_you_mean
from nbstream.comparison.checks import documents, figures, texts
from nbstream.comparison.checks.check import Check, Not
from nbstream.comparison.checks.functions import FunctionCheck
from nbstream.comparison.checks.pair_check import PairCheck
from nbstream.errors import ArgumentError

__all__ = ["Checks", "as_checks", "named_check"]

Checks = Mapping[str, Any] | Sequence[Any] | str | Check | PairCheck | Callable[..., Any] | None
"""What `compare` takes as ``checks=``."""

_NAME = re.compile(r"(?P<name>[a-z-]+)\s*(?:\((?P<limit>[^()]*)\))?\s*(?::(?P<value>.*))?", re.DOTALL)
_TEXTS: dict[str, Callable[[str | None], Check]] = {
    "contains": texts.contains,
    "equals": texts.equals,
    "icontains": texts.icontains,
    "regex": texts.regex,
    "starts-with": texts.starts_with,
}
_LIMITS: dict[str, Callable[[float], Check]] = {
    "cost": figures.cost,
    "latency": figures.latency,
    "max-chars": lambda limit: texts.max_chars(int(limit)),
}
_PLAIN = {"contains-json": documents.contains_json, "is-json": documents.is_json}
_NAMES = frozenset({*_TEXTS, *_LIMITS, *_PLAIN})


def named_check(text: str) -> Check:
    """The check that a text names.

    Raises
    ------
    ArgumentError
        When there is no such check, or it needs a value.

    Examples
    --------
    >>> named_check("not-icontains: sorry")
    <Check not-icontains: sorry>
    >>> named_check("latency(2000)"), named_check("is-json")
    (<Check latency: 2000>, <Check is-json>)
    """
    found = _NAME.fullmatch(text.strip())
    if found is None:
        raise ArgumentError(f"{text!r} is not a check.", advice='For example: "contains: Oslo".')
    name, limit, value = found["name"], found["limit"], found["value"]
    given = limit if value is None else value.strip()
    if name.startswith("not-"):
        return Not(_positive(name.removeprefix("not-"), given))
    return _positive(name, given)


def _positive(name: str, value: str | None) -> Check:
    if name in _PLAIN:
        return _PLAIN[name]
    if name in _TEXTS:
        return _TEXTS[name](value)
    if name in _LIMITS:
        return _LIMITS[name](_number(name, value))
    near = did_you_mean(name, _NAMES) or f"There are: {', '.join(sorted(_NAMES))}."
    raise ArgumentError(f"There is no check {name!r}.", advice=near)


def _number(name: str, value: str | None) -> float:
    try:
        return float(value or "")
    except ValueError:
        raise ArgumentError(
            f"The check {name!r} needs a number.", advice=f'For example: "{name}: 2000".'
        ) from None


def as_checks(given: Checks) -> dict[str, Check | PairCheck]:
    """Checks by the name of their column.

    Parameters
    ----------
    given
        A dict from name to check, a list of checks, or one check. A check is made by `contains` and the like,
        named by a text, or a function.

    Raises
    ------
    ArgumentError
        When one is not a check, or two have the same name.

    Examples
    --------
    >>> list(as_checks({"city": "contains: Oslo", "polite": lambda reply: "please" in reply.text}))
    ['city', 'polite']
    >>> list(as_checks(["is-json", "max-chars: 400"]))
    ['is-json', 'max-chars: 400']
    """
    if given is None:
        return {}
    if isinstance(given, Mapping):
        return {str(name): _as_check(check, str(name)) for name, check in given.items()}
    several = [given] if isinstance(given, str | Check | PairCheck) or callable(given) else list(given)
    checks = [_as_check(check) for check in several]
    found = {check.name: check for check in checks}
    if len(found) != len(checks):
        raise ArgumentError("Two checks have the same name.", advice='Name them: checks={"name": check}.')
    return found


def _as_check(given: object, name: str = "") -> Check | PairCheck:
    if isinstance(given, Check | PairCheck):
        return given
    if isinstance(given, str):
        return named_check(given)
    if callable(given):
        return FunctionCheck(given, name)
    raise ArgumentError(
        f"{given!r} is not a check.", advice='Use a function of the reply, or a text such as "is-json".'
    )
