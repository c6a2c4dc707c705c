r"""Values as literals of Python, and as JSON in a shell script. Whatever a text holds, it is data there.

Only printable characters are written as they are. Others, such as lone surrogates and marks that change the
direction of text, are escaped, so that a script shows what it contains.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from typing import Any

__all__ = ["arguments", "json_text", "python_literal"]

_WIDTH = 100
_STEP = "    "


def python_literal(value: Any, indent: str = "") -> str:
    r"""A JSON value as Python, on as many lines as it needs.

    Parameters
    ----------
    value
        The value.
    indent
        Indentation of the line that it starts on.

    Examples
    --------
    >>> print(python_literal({"content": 'He said "{hi}".\n', "n": [1, True, None]}))
    {"content": 'He said "{hi}".\n', "n": [1, True, None]}
    >>> print(python_literal("first line\nsecond line"))
    (
        "first line\n"
        "second line"
    )
    """
    line = _on_one_line(value)
    if _is_broken(value) or len(indent) + len(line) > _WIDTH:
        inner = indent + _STEP
        match value:
            case str() if "\n" in value[:-1]:
                lines = re.findall(r"[^\n]*\n|[^\n]+\Z", value)
                return _block("(", ")", (_quoted(part) for part in lines), indent, comma="")
            case dict() if value:
                items = (f"{_quoted(name)}: {python_literal(held, inner)}" for name, held in value.items())
                return _block("{", "}", items, indent)
            case list() if value:
                return _block("[", "]", (python_literal(held, inner) for held in value), indent)
    return line


def arguments(values: Mapping[str, Any], positional: str = "", *, broken: bool = False) -> str:
    """The arguments of a call, in brackets.

    Parameters
    ----------
    values
        By name.
    positional
        A literal that comes first.
    broken
        Whether each is on a line of its own, however short they are.
    """
    short = [positional] * bool(positional)
    short += [f"{name}={_on_one_line(value)}" for name, value in values.items()]
    line = f"({', '.join(short)})"
    broken = broken or "\n" in line or any(map(_is_broken, values.values()))
    if len(line) <= _WIDTH - 30 and not broken:
        return line
    long = [positional.replace("\n", f"\n{_STEP}")] * bool(positional)
    long += [f"{name}={python_literal(value, _STEP)}" for name, value in values.items()]
    return _block("(", ")", long)


def json_text(value: Any) -> str:
    r"""A JSON value as text of printable characters and line ends; no line end is within a text.

    Examples
    --------
    >>> print(json_text({"content": "caf\u00e9 \u202e\ud83d"}))
    {
      "content": "café \u202e\ud83d"
    }
    """
    text = json.dumps(value, ensure_ascii=False, indent=2)
    return "".join(char if char == "\n" or char.isprintable() else json.dumps(char)[1:-1] for char in text)


def _is_broken(value: Any) -> bool:
    """Whether a value needs several lines to be read: a text of several lines, or several messages."""
    match value:
        case str():
            return "\n" in value[:-1]
        case dict():
            return any(map(_is_broken, value.values()))
        case list():
            return sum(isinstance(held, dict) for held in value) > 1 or any(map(_is_broken, value))
    return False


def _on_one_line(value: Any) -> str:
    match value:
        case str():
            return _quoted(value)
        case dict():
            return (
                f"{{{', '.join(f'{_quoted(name)}: {_on_one_line(held)}' for name, held in value.items())}}}"
            )
        case list():
            return f"[{', '.join(map(_on_one_line, value))}]"
    return repr(value)


def _quoted(text: str) -> str:
    shown = repr(text)
    return f'"{shown[1:-1]}"' if shown[0] == "'" and '"' not in text else shown


def _block(opening: str, closing: str, lines: Iterable[str], indent: str = "", comma: str = ",") -> str:
    inner = "".join(f"{indent}{_STEP}{line}{comma}\n" for line in lines)
    return f"{opening}\n{inner}{indent}{closing}"
