r"""Macros that a formula defines, put in where it uses them: a definition would last for the whole page."""

from __future__ import annotations

import re
from typing import NamedTuple

__all__ = ["expanded"]

_DEFINES = re.compile(r"\\(?:(?:re)?newcommand|providecommand|def|DeclareMathOperator)(?![A-Za-z])")
_DEFINITION = re.compile(
    r"\\(?:(?:re)?newcommand|providecommand|(?P<operator>DeclareMathOperator)|(?P<plain>def))(?P<star>\*?) *"
    r"(?:\{ *\\(?P<braced>[A-Za-z]+) *\}|\\(?P<bare>[A-Za-z]+)) *"
    r"(?:\[(?P<count>\d)\]|(?P<numbered>(?:#\d)*)) *(?=\{)"
)
_MAX_LENGTH = 4000
_MAX_USES = 200


class _Macro(NamedTuple):
    arity: int
    body: str


def expanded(tex: str) -> str | None:
    r"""`tex` with its own macros put in; None where that is too much, or is not understood.

    Examples
    --------
    >>> expanded(r"\newcommand{\RR}{\mathbb{R}}x\in\RR")
    'x\\in\\mathbb{R}'
    >>> expanded(r"\def\a{\a\a}\a") is None
    True
    """
    macros: dict[str, _Macro] = {}
    while _DEFINES.search(tex):
        found = _DEFINITION.search(tex)
        end = _group_end(tex, found.end()) if found else None
        if not found or end is None:
            return None
        macros[found["braced"] or found["bare"]] = _macro(found, tex[found.end() + 1 : end - 1])
        tex = tex[: found.start()] + tex[end:]
    return _used(tex, macros) if macros else tex


def _macro(found: re.Match[str], body: str) -> _Macro:
    if found["operator"]:
        return _Macro(0, rf"\operatorname{found['star']}{{{body}}}")
    return _Macro(int(found["count"] or len(found["numbered"] or "") // 2), body)


def _used(tex: str, macros: dict[str, _Macro]) -> str | None:
    use = re.compile(rf"\\({'|'.join(macros)})(?![A-Za-z])")
    for _ in range(_MAX_USES):
        found = use.search(tex)
        if not found:
            return tex
        macro = macros[found[1]]
        arguments, end = _arguments(tex, found.end(), macro.arity)
        if len(arguments) < macro.arity:
            return None
        put_in = _filled(macro.body, arguments)
        # A name that ends in a letter must not run into a letter that follows.
        apart = " " if re.search(r"\\[A-Za-z]+$", put_in) and tex[end : end + 1].isalpha() else ""
        tex = tex[: found.start()] + put_in + apart + tex[end:]
        if len(tex) > _MAX_LENGTH:
            return None
    return None


def _filled(body: str, arguments: list[str]) -> str:
    for number, argument in enumerate(arguments, 1):
        body = body.replace(f"#{number}", argument)
    return body


def _arguments(tex: str, start: int, count: int) -> tuple[list[str], int]:
    """So many arguments, each a group or a single token, and where they end; fewer where they are missing."""
    arguments: list[str] = []
    while len(arguments) < count:
        token = re.compile(r" *(?:\{|\\[A-Za-z]+|\\.|[^\s}])").match(tex, start)
        if not token:
            break
        end = (
            _group_end(tex, token.end() - 1)
            if token[0].endswith("{") and "\\" not in token[0]
            else token.end()
        )
        if end is None:
            break
        argument = tex[start:end].strip()
        arguments.append(argument[1:-1] if argument.startswith("{") else argument)
        start = end
    return arguments, start


def _group_end(tex: str, start: int) -> int | None:
    """Where the group ends whose brace opens at `start`."""
    depth = 0
    for brace in re.compile(r"\\[{}]|[{}]").finditer(tex, start):
        depth += {"{": 1, "}": -1}.get(brace[0], 0)
        if depth == 0:
            return brace.end()
    return None
