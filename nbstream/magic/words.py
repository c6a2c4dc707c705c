"""Parses the first line of a `%%chat` cell: quoted as in a shell, but JSON is kept as typed.

A shell would remove the quotation marks of ``-p stop=["a"]``; here they are kept. A word that is one name in
braces, or after a dollar sign, is a variable, as on the line of any magic.

Examples
--------
>>> split('-m gpt -p stop=["a", "b"] -s "Be terse."  # a comment', {})
['-m', 'gpt', '-p', 'stop=["a", "b"]', '-s', 'Be terse.']
>>> split("-m {which} -p seed=$n", {"which": "demo", "n": 7})
['-m', 'demo', '-p', 'seed=7']
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any, NamedTuple

from nbstream.errors import ArgumentError

__all__ = ["continued", "split"]

_SPACE = re.compile(r"\s*")
_PIECE = re.compile(
    r"""'(?P<single>[^']*)' | "(?P<double>(?:[^"\\]|\\.)*)" | \\(?P<escaped>.) | (?P<plain>[^\s'"\\]+)""",
    re.VERBOSE,
)
_PARAM = re.compile(r"(?P<glued>-p|--param=)?[A-Za-z_]\w*=(?=[{\[])")
_VARIABLE = re.compile(
    r"""(?P<before>(?P<glued>-p|--param=)?(?P<param>[A-Za-z_]\w*)= | --[\w-]+=)?
    (?: \{(?P<braced>[^{}]*)\} | \$(?P<name>[A-Za-z_]\w*) )""",
    re.VERBOSE,
)
_PARAM_OPTIONS = frozenset({"-p", "--param"})


class _Word(NamedTuple):
    text: str
    end: int
    is_literal: bool


def split(line: str, variables: Mapping[str, Any]) -> list[str]:
    """The words of a line, without a comment at its end.

    Parameters
    ----------
    line
        The line, without the name of the magic.
    variables
        The notebook variables.

    Raises
    ------
    ArgumentError
        If a quotation mark is not closed, or a variable does not exist.
    """
    words: list[str] = []
    place = _SPACE.match(line).end()  # type: ignore[union-attr]
    while place < len(line) and line[place] != "#":
        is_param = bool(words) and words[-1] in _PARAM_OPTIONS
        word = _json_word(line, place, is_param=is_param) or _shell_word(line, place)
        words.append(word.text if word.is_literal else _filled(word.text, variables, is_param=is_param))
        place = _SPACE.match(line, word.end).end()  # type: ignore[union-attr]
    return words


def continued(line: str, cell: str) -> tuple[str, str]:
    r"""The line with its continuation lines, and the rest of the cell.

    Examples
    --------
    >>> continued("-m demo \\", "-t 0.4\nHello")
    ('-m demo  -t 0.4', 'Hello')
    """
    while line.rstrip().endswith("\\") and cell:
        more, _, cell = cell.partition("\n")
        line = f"{line.rstrip()[:-1]} {more}"
    return line, cell


def _json_word(line: str, place: int, *, is_param: bool) -> _Word | None:
    """A parameter whose value is JSON, as typed; None otherwise."""
    begin = _PARAM.match(line, place)
    if begin is None or not (is_param or begin["glued"]):
        return None
    try:
        _, end = json.JSONDecoder().raw_decode(line, begin.end())
    except ValueError:
        return None
    return _Word(line[place:end], end, is_literal=True) if line[end : end + 1].strip() == "" else None


def _shell_word(line: str, place: int) -> _Word:
    text, is_literal, end = "", False, place
    while end < len(line) and not line[end].isspace():
        piece = _PIECE.match(line, end)
        if piece is None:
            what = "ends in a backslash" if line[end] == "\\" else "has a quotation mark that is not closed"
            advice = "Close it, or put it between quotation marks of the other kind."
            raise ArgumentError(f"%%chat: the line {what}.", advice="" if line[end] == "\\" else advice)
        is_literal = is_literal or piece["plain"] is None
        text += _unquoted(piece)
        end = piece.end()
    return _Word(text, end, is_literal)


def _unquoted(piece: re.Match[str]) -> str:
    if piece["double"] is not None:
        return re.sub(r'\\(["\\])', r"\1", piece["double"])
    return piece["single"] or piece["escaped"] or piece["plain"] or ""


def _filled(word: str, variables: Mapping[str, Any], *, is_param: bool) -> str:
    """The word with the value of its variable; the word itself if it is not a variable."""
    found = _VARIABLE.fullmatch(word)
    as_json = found is not None and found["param"] is not None
    if found is None or (as_json and not (is_param or found["glued"])):
        return word
    name = found["name"] or found["braced"].strip()
    if as_json and not name.isidentifier():
        return word
    value = _value(name, word, variables)
    return (found["before"] or "") + (_json(name, value) if as_json else str(value))


def _value(name: str, word: str, variables: Mapping[str, Any]) -> Any:
    literal = "a brace or dollar sign that is text goes in quotation marks."
    if not name.isidentifier():
        advice = f"Give a name, such as {{model}}; {literal}"
        raise ArgumentError(f"%%chat: {word} is not the name of a variable.", advice=advice)
    if name not in variables:
        advice = f"Define it in a cell above; {literal}"
        raise ArgumentError(f"%%chat: there is no variable {name!r}.", advice=advice)
    return variables[name]


def _json(name: str, value: object) -> str:
    try:
        return json.dumps(value, ensure_ascii=False)
    except (TypeError, ValueError) as error:
        raise ArgumentError(f"%%chat: the variable {name!r} cannot be sent as JSON: {error}.") from None
