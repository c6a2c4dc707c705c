r"""Formulas on display: on several lines, or between ``\begin`` and ``\end`` without dollars."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import NamedTuple

from nbstream.views.inert.code import code_span
from nbstream.views.inert.tex import formula

__all__ = ["Display", "DisplayFinder"]

# Environments that need no dollars around them; the page has the same (js/render/math.ts).
_ENVIRONMENTS = [
    "align",
    "alignat",
    "aligned",
    "alignedat",
    "array",
    "bmatrix",
    "Bmatrix",
    "pmatrix",
    "vmatrix",
    "Vmatrix",
    "matrix",
    "cases",
    "dcases",
    "rcases",
    "drcases",
    "eqnarray",
    "equation",
    "flalign",
    "gather",
    "gathered",
    "multline",
    "smallmatrix",
    "split",
    "subarray",
]


class _Delimiters(NamedTuple):
    """What opens a formula and what closes it; an environment is part of the formula."""

    opener: re.Pattern[str]
    closer: re.Pattern[str]
    environment: bool = False


def _environment(name: str) -> _Delimiters:
    escaped = re.escape(f"{{{name}}}")
    return _Delimiters(re.compile(rf"\\begin{escaped}"), re.compile(rf"\\end{escaped}"), environment=True)


_DELIMITERS = {
    "$$": _Delimiters(re.compile(r"(?<!\\)\$\$"), re.compile(r"(?<!\\)\$\$")),
    r"\[": _Delimiters(re.compile(r"(?<!\\)\\\["), re.compile(r"(?<!\\)\\\]")),
    **{rf"\begin{{{name}{star}}}": _environment(name + star) for name in _ENVIRONMENTS for star in ("", "*")},
}
_OPENING = re.compile(
    r"(?P<lead>[ \t]*+(?:(?:[-+*]|\d{1,9}[.)])[ \t]++)*+)(?P<opener>\$\$|\\\[|\\begin\{[A-Za-z]+\*?\})"
)
_TAIL = re.compile(r"[ \t]*+[.,;:]?[ \t]*+")


class Display(NamedTuple):
    """A display formula, with the text before and after it on its lines.

    Parameters
    ----------
    lead, tail
        Indentation and list markers; a punctuation mark.
    written
        The formula on one line: between dollars, or as code where it must not be typeset.
    end
        Number of the line after it.
    """

    lead: str
    written: str
    tail: str
    end: int


class DisplayFinder:
    """Finds the formulas that start at the beginning of a line and end at the end of one."""

    def __init__(self, lines: Sequence[str]) -> None:
        self._lines = lines
        # For each opener the line from which on there is no closer, so that each line is searched once.
        self._barren: dict[str, int] = {}

    def at(self, start: int) -> Display | None:
        """The formula that starts in line `start`, or None."""
        opening = _OPENING.match(self._lines[start])
        delimiters = _DELIMITERS.get(opening["opener"]) if opening else None
        end = self._end(start, opening, delimiters) if opening and delimiters else None
        if not opening or not delimiters or end is None:
            return None
        return _display("\n".join(self._lines[start:end]), opening, delimiters, end)

    def _end(self, start: int, opening: re.Match[str], delimiters: _Delimiters) -> int | None:
        if self._barren.get(opening["opener"], 0) > start:
            return None
        column = opening.end()
        for number in range(start, len(self._lines)):
            line = self._lines[number]
            if delimiters.closer.search(line, column):
                return number + 1
            # TeX allows neither a blank line nor another opener here.
            if number > start and (not line.strip() or delimiters.opener.search(line)):
                self._barren[opening["opener"]] = number
                return None
            column = 0
        self._barren[opening["opener"]] = len(self._lines)
        return None


def _display(text: str, opening: re.Match[str], delimiters: _Delimiters, end: int) -> Display | None:
    closing = delimiters.closer.search(text, opening.end())
    if not closing or not _TAIL.fullmatch(text, closing.end()):
        return None
    whole = delimiters.environment
    start, stop = (opening.start("opener"), closing.end()) if whole else (opening.end(), closing.start())
    math = formula(text[start:stop])
    if not math:
        return None
    written = f"$${math.tex}$$" if math.harmless else code_span(" ".join(text[start:stop].split()))
    return Display(opening["lead"], written, text[closing.end() :].strip(), end)
