r"""Formulas: TeX on one line that is harmless as TeX, as text and as HTML.

On one line, because nbconvert looks for the end of ``$$``, ``\\[`` and ``\begin{…}`` across everything, even
fences: a formula that ends on its line can swallow nothing.
"""

from __future__ import annotations

import re

__all__ = ["formula"]

_COMMENT = re.compile(r"(?<!\\)%.*")
_BRACE = re.compile(r"\\[{}]|[{}]")
# Links, remote images, styles, extensions, files, and definitions (which would last for the whole page).
_UNSAFE = re.compile(
    r"\\(href|url|ref|eqref|label|tag|[A-Za-z]*color[A-Za-z]*|"
    r"includegraphics|html[A-Za-z]*|style|class|cssId|data|bbox|unicode|mmlToken|require|"
    r"[egx]?def|let|futurelet|(?:re)?newcommand|providecommand|(?:re)?newenvironment|DeclareMathOperator|"
    r"csname|catcode|input|include|openin|openout|read|write|immediate|special|usepackage)(?![A-Za-z])"
)
_REWRITES: tuple[tuple[re.Pattern[str], str], ...] = (
    (_UNSAFE, r"\\text{\1}"),
    (re.compile('"'), "''"),
    (re.compile("<"), r"\\lt "),
    # The optional length after a line break looks like the start of a formula.
    (re.compile(r"\\\\\[ *-?[\d.]+ *(?:pt|em|ex|mm|cm|in|mu) *\]"), r"\\\\ "),
    # A space changes nothing for TeX, and much for the rest.
    (re.compile(r"\\(begin|end)\{"), r"\\\1 {"),
    (re.compile(r"\\\\(?=[()\[\]])"), r"\\\\ "),
    (re.compile(r"(?<=!)(?=\[)|(?<=\])(?=[(:])|(?<=~)(?=~)"), " "),
)


def formula(body: str) -> str | None:
    r"""The TeX `body` without its delimiters, on one line and made harmless; None where it is no formula.

    Examples
    --------
    >>> formula("\n a < b % why\n")
    'a \\lt  b'
    """
    tex = " ".join(_COMMENT.sub("", line).strip() for line in body.split("\n")).strip()
    if not tex or "`" in tex or tex.endswith("\\") or _has_dollar(tex) or not _is_balanced(tex):
        return None
    for pattern, replacement in _REWRITES:
        tex = pattern.sub(replacement, tex)
    return tex.strip()


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
