"""Parses the arguments of a call as written by a model, or rejects them.

Unreadable arguments must never run: a function called without them would run with its
defaults.
"""

from __future__ import annotations

import json
import re
from typing import Any, NoReturn

__all__ = ["UnreadableArgumentsError", "read_arguments", "sent_arguments"]

_FENCE = re.compile(r"```\w*\s*\n(.*?)\n?\s*```", re.DOTALL)


class UnreadableArgumentsError(ValueError):
    """The arguments are not a JSON object; the message says why."""


def read_arguments(text: str) -> dict[str, Any]:
    r"""The arguments that a model wrote as JSON text.

    An empty text and ``null`` mean no arguments. A code fence around the object is removed, and an
    object encoded twice is decoded twice.

    Raises
    ------
    UnreadableArgumentsError
        If it is not a JSON object, or repeats a key, which would be ambiguous.

    Examples
    --------
    >>> read_arguments('{"a": 1}'), read_arguments('"{\\"a\\": 1}"'), read_arguments("null")
    ({'a': 1}, {'a': 1}, {})
    >>> read_arguments('{"path": "a", "path": "/"}')
    Traceback (most recent call last):
        ...
    nbstream.types.call_arguments.UnreadableArgumentsError: the key 'path' is repeated
    """
    value = _parsed(text)
    if isinstance(value, str):
        value = _parsed(value)
    if value is None:
        return {}
    if not isinstance(value, dict):
        raise UnreadableArgumentsError("they are not a JSON object")
    return value


def sent_arguments(text: str) -> str:
    r"""The arguments as repeated in a later request: servers that parse them accept only an object.

    Examples
    --------
    >>> sent_arguments('{"a":1}'), sent_arguments(""), sent_arguments('{"a":')
    ('{"a":1}', '{}', '{"unreadable_arguments": "{\\"a\\":"}')
    """
    try:
        read = read_arguments(text)
    except UnreadableArgumentsError:
        return json.dumps({"unreadable_arguments": text})
    return text if text.strip()[:1] == "{" else json.dumps(read)


def _parsed(text: str) -> Any:
    text = text.strip()
    if fenced := _FENCE.fullmatch(text):
        text = fenced[1].strip()
    if not text:
        return None
    try:
        return json.loads(text, object_pairs_hook=_unique, parse_constant=_no_number)
    except UnreadableArgumentsError:
        raise
    except RecursionError:
        raise UnreadableArgumentsError("they are nested too deeply") from None
    except ValueError as error:
        raise UnreadableArgumentsError(f"they are not JSON ({error})") from None


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for name, value in pairs:
        if name in found:
            raise UnreadableArgumentsError(f"the key {name!r} is repeated")
        found[name] = value
    return found


def _no_number(text: str) -> NoReturn:
    raise UnreadableArgumentsError(f"{text} is not JSON")
