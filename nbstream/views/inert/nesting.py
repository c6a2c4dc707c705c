"""Lists and quotes in each other: too many of them, and parsers take seconds, overflow or show nothing."""

from __future__ import annotations

import re

from nbstream.views.inert.characters import referenced

__all__ = ["bounded"]

# A list item is two levels, a quote is one. markdown-it for Python drops everything deeper than 20.
_MAX_LEVELS = 18
_MARKER = re.compile(r"[ \t]*+(?P<marker>[-+*]|\d{1,9}[.)]|>)(?P<space>[ \t]++|$)")
_MAX_INDENTATION = 96
_INDENTED_MARKER = re.compile(rf"[ \t]{{{_MAX_INDENTATION},}}+(?=[-+*][ \t]|\d{{1,9}}[.)][ \t])")


def bounded(line: str) -> str:
    """`line` without the meaning of the markers that are too much, which become signs."""
    if line.startswith(" " * _MAX_INDENTATION):
        line = _INDENTED_MARKER.sub(" " * _MAX_INDENTATION, line, count=1)
    levels, end = 0, 0
    while found := _MARKER.match(line, end):
        levels += 1 if found["marker"] == ">" else 2
        if levels > _MAX_LEVELS:
            return line[:end] + _as_text(line[end:])
        end = found.end()
    return line


def _as_text(rest: str) -> str:
    written: list[str] = []
    end = 0
    while found := _MARKER.match(rest, end):
        written.append(referenced(found["marker"]))
        end = found.end()
    return " ".join([*written, rest[end:]])
