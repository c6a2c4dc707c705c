"""Arguments of a call, as a model wrote them: read, or refused.

What cannot be read must never run: a function that is called without the arguments it was meant to have
runs with its defaults.
"""

from __future__ import annotations

import json
import re
from typing import Any, NoReturn

__all__ = ["UnreadableArgumentsError", "read_arguments", "sent_arguments"]

_FENCE = re.compile(r"```\w*\s*\n(.*?)\n?\s*```", re.DOTALL)


class UnreadableArgumentsError(ValueError):
    """Arguments that are no JSON object; its text says why."""


def read_arguments(text: str) -> dict[str, Any]:
    r"""The arguments that a model wrote as JSON text.

    Nothing and ``null`` mean that there are none. A code fence around the object is taken off, and an
    object that was encoded twice is decoded twice.

    Raises
    ------
    UnreadableArgumentsError
        When it is no JSON object, or one that has a key twice: it would be read in two ways.

    Examples
    --------
    >>> read_arguments('{"a": 1}'), read_arguments('"{\\"a\\": 1}"'), read_arguments("null")
    ({'a': 1}, {'a': 1}, {})
    >>> read_arguments('{"path": "a", "path": "/"}')
    Traceback (most recent call last):
        ...
    nbstream.types.call_arguments.UnreadableArgumentsError: the key 'path' stands there twice
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
    r"""The arguments as a later request repeats them: servers that parse them refuse all but an object.

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
            raise UnreadableArgumentsError(f"the key {name!r} stands there twice")
        found[name] = value
    return found


def _no_number(text: str) -> NoReturn:
    raise UnreadableArgumentsError(f"{text} is not JSON")
