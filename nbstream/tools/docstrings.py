"""Reads parameter descriptions from docstrings in NumPy, Google and reST style."""

from __future__ import annotations

import inspect
import re
from collections.abc import Iterator

__all__ = ["argument_descriptions", "summary"]

_HEADINGS = {"parameters", "other parameters", "args", "arguments"}
_REST = re.compile(r":(?:param|parameter|arg|argument)\s+(?:[^:]*\s)?\*?(\w+)\s*:\s*(.*)")
_GOOGLE = re.compile(r"\*{0,2}(\w+)\s*(?:\([^)]*\))?\s*:\s*(.*)")
_NUMPY = re.compile(r"(\w+(?:\s*,\s*\w+)*)\s*(?::.*)?")


def summary(docstring: str | None) -> str:
    r"""The first paragraph, on one line.

    Examples
    --------
    >>> summary("Add two numbers,\n    quickly.\n\n    More.")
    'Add two numbers, quickly.'
    """
    return " ".join(inspect.cleandoc(docstring or "").partition("\n\n")[0].split())


def argument_descriptions(docstring: str | None) -> dict[str, str]:
    r"""Descriptions by the names of the arguments, each on one line.

    Examples
    --------
    >>> argument_descriptions("Add.\n\nArgs:\n    a (int): The first,\n        a number.\n    b: Other.")
    {'a': 'The first, a number.', 'b': 'Other.'}
    >>> argument_descriptions("Add.\n\nParameters\n----------\na, b : int\n    Numbers.")
    {'a': 'Numbers.', 'b': 'Numbers.'}
    >>> argument_descriptions("Add.\n\n:param int a: The first.")
    {'a': 'The first.'}
    """
    lines = inspect.cleandoc(docstring or "").splitlines()
    found: dict[str, str] = {}
    for names, words in _entries(lines):
        text = " ".join(" ".join(words).split())
        found |= {name.strip(): text for name in names.split(",") if text}
    return found


def _entries(lines: list[str]) -> Iterator[tuple[str, list[str]]]:
    """Names and the lines about them."""
    for at, line in enumerate(lines):
        if entry := _REST.match(line.strip()):
            yield entry[1], [entry[2], *_indented(lines[at + 1 :], _indent(line))]
        elif line.strip().rstrip(":").lower() in _HEADINGS:
            underlined = at + 1 < len(lines) and set(lines[at + 1].strip()) == {"-"}
            if underlined:
                yield from _section(_until_heading(lines[at + 2 :]), _NUMPY)
            elif line.rstrip().endswith(":"):
                yield from _section(_indented(lines[at + 1 :], _indent(line)), _GOOGLE)


def _section(lines: list[str], entry: re.Pattern[str]) -> Iterator[tuple[str, list[str]]]:
    """The entries of a section: lines indented like the first one start an entry."""
    first = next((line for line in lines if line.strip()), "")
    for at, line in enumerate(lines):
        if _indent(line) == _indent(first) and (begun := entry.fullmatch(line.strip())):
            words = begun[2] if entry is _GOOGLE else ""
            yield begun[1], [words, *_indented(lines[at + 1 :], _indent(line))]


def _indented(lines: list[str], indent: int) -> list[str]:
    """The lines from the first that are indented more than that, blank ones among them."""
    kept: list[str] = []
    for line in lines:
        if line.strip() and _indent(line) <= indent:
            break
        kept.append(line)
    return kept


def _until_heading(lines: list[str]) -> list[str]:
    """The lines before the next underlined heading."""
    for at in range(len(lines) - 1):
        if lines[at].strip() and lines[at + 1].strip() and set(lines[at + 1].strip()) <= {"-", "="}:
            return lines[:at]
    return lines


def _indent(line: str) -> int:
    return len(line) - len(line.lstrip())
