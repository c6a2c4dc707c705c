r"""Formulas: TeX on one line that is harmless as TeX, as text and as HTML.

On one line, because nbconvert looks for the end of ``$$``, ``\\[`` and ``\begin{…}`` across everything, even
fences: a formula that ends on its line can swallow nothing.
"""

from __future__ import annotations

import re
from typing import NamedTuple

from nbstream.views.inert.macros import expanded

__all__ = ["Formula", "formula"]

_COMMENT = re.compile(r"(?<!\\)%.*")
_BRACE = re.compile(r"\\[{}]|[{}]")
# Links, remote images, styles, extensions, files, and definitions (which would last for the whole page).
_UNSAFE = re.compile(
    r"\\(href|url|ref|eqref|label|[A-Za-z]*color[A-Za-z]*|"
    r"includegraphics|html[A-Za-z]*|style|class|cssId|id|data|bbox|unicode|mmlToken|require|"
    r"[egx]?def|let|futurelet|(?:re)?newcommand|providecommand|(?:re)?newenvironment|DeclareMathOperator|"
    r"csname|catcode|input|include|openin|openout|read|write|immediate|special|usepackage)(?![A-Za-z])"
    r"|\\tag\*?(?! *\{[^\\{}$<>\"&]{1,40}\})"
)
# A label is invisible, but would be the id of an element.
_LABEL = re.compile(r"\\label *\{[^{}]*\}")
# Only colour names, so that nothing else can be set; black and white would be invisible on some pages.
_NAME = r"\{ *(?!white|black|transparent)(?:[A-Za-z]{3,20}|\#[\da-fA-F]{6}) *\}"
_COLOUR = re.compile(rf"\\(?=(?:text)?color *{_NAME}|colorbox *{_NAME}|fcolorbox *{_NAME} *{_NAME})")
_KEPT_COLOUR = "\x00"
_TEXT = re.compile(
    r"\\(?P<name>text[a-z]*|mbox|hbox)(?P<space> *)\{(?P<content>[^{}$]*(?:\$[^{}$]+\$[^{}$]*)+)\}"
)

_UNIT = r"(?P<unit>em|ex|pt|px|mm|cm|in|pc|bp|mu)"
_SIZED = re.compile(
    r"\\(?:rule|Rule|Space|hspace|vspace|hskip|mskip|kern|mkern|mspace|raisebox|raise|lower|moveleft|moveright|above|"
    r"genfrac|hfill|vskip|strut|llap|rlap)(?![A-Za-z])\*?(?:[ {}\[\]+-]|[\d.,]+ *[a-z]{0,2}(?![A-Za-z]))*"
)
_SIZE = re.compile(rf"(?P<number>[\d.,]+) *{_UNIT}")
# About 40 em, as in the page: nothing is drawn far away from its formula.
_MOST = {
    "em": 40,
    "ex": 80,
    "pt": 400,
    "px": 600,
    "mm": 140,
    "cm": 14,
    "in": 5,
    "pc": 33,
    "bp": 400,
    "mu": 720,
}

_REWRITES: tuple[tuple[re.Pattern[str], str], ...] = (
    (re.compile('"'), "''"),
    (re.compile("<"), r"\\lt "),
    # The optional length after a line break looks like the start of a formula.
    (re.compile(r"\\\\\[ *-?[\d.]+ *(?:pt|em|ex|mm|cm|in|mu) *\]"), r"\\\\ "),
    # A space has no meaning in TeX, but separates tokens for other parsers.
    (re.compile(r"\\(begin|end)\{"), r"\\\1 {"),
    (re.compile(r"\\\\(?=[()\[\]])"), r"\\\\ "),
    (re.compile(r"(?<=!)(?=\[)|(?<=\])(?=[(:])|(?<=~)(?=~)"), " "),
)


class Formula(NamedTuple):
    """A formula that can be written.

    Parameters
    ----------
    tex
        Its TeX, on one line.
    harmless
        Whether it may be typeset; where not, its source is to be shown, as the page does.
    """

    tex: str
    harmless: bool


def formula(body: str) -> Formula | None:
    r"""The TeX `body` without its delimiters, on one line and made harmless; None if it is not a formula.

    Examples
    --------
    >>> formula("\n a < b % why\n").tex
    'a \\lt  b'
    >>> formula(r"\href{https://example.org}{x}").harmless
    False
    """
    tex = " ".join(_COMMENT.sub("", line).strip() for line in body.split("\n")).strip()
    tex = _TEXT.sub(_without_inner_dollars, tex)
    if not tex or "`" in tex or tex.endswith("\\") or _has_dollar(tex) or not _is_balanced(tex):
        return None
    meant = expanded(tex)
    if meant is None:
        return Formula(tex, harmless=False)
    meant = _COLOUR.sub(_KEPT_COLOUR, _LABEL.sub("", meant))
    if _UNSAFE.search(meant):
        return Formula(tex, harmless=False)
    written = _SIZED.sub(_bounded, meant.replace(_KEPT_COLOUR, "\\"))
    for pattern, replacement in _REWRITES:
        written = pattern.sub(replacement, written)
    return Formula(written.strip(), harmless=True) if written.strip() else None


def _without_inner_dollars(text: re.Match[str]) -> str:
    r"""Formulas in the text of a formula as parts of it: ``\text{if $x$}`` as ``\text{if }x``."""
    opening = f"\\{text['name']}{text['space']}{{"
    parts = text["content"].split("$")
    return "".join(part if number % 2 else f"{opening}{part}}}" for number, part in enumerate(parts))


def _bounded(command: re.Match[str]) -> str:
    return _SIZE.sub(_bounded_size, command[0])


def _bounded_size(size: re.Match[str]) -> str:
    try:
        number = float(size["number"].replace(",", "."))
    except ValueError:
        return "0em"
    most = _MOST[size["unit"]]
    return size[0] if number <= most else f"{most}{size['unit']}"


def _has_dollar(tex: str) -> bool:
    return bool(re.search(r"(?<!\\)\$", tex))


def _is_balanced(tex: str) -> bool:
    # JupyterLab looks past a dollar while a brace is open, and does not know that "\\" ends a line.
    depth = 0
    for brace in _BRACE.findall(tex):
        depth += {"{": 1, "}": -1}.get(brace, 0)
        if depth < 0:
            return False
    return depth == 0
