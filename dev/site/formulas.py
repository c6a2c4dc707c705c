"""Formulas of answers as MathML, which browsers draw without a script."""

from __future__ import annotations

import json
import re
import subprocess
from collections.abc import Callable
from pathlib import Path

__all__ = ["with_formulas"]

_SCRIPT = Path(__file__).with_name("formulas.mjs")
_FORMULA = re.compile(
    r"""
      (?P<code> ^```.*?^```$ | `[^`\n]+` )
    | \$\$ (?P<block> [^$]+ ) \$\$
    | \$ (?P<inline> [^\s$] (?: [^$\n]* [^\s$] )? ) \$ (?!\d)
    """,
    re.VERBOSE | re.MULTILINE | re.DOTALL,
)
_MARK = "\ue000{}\ue001"
"""Characters that no text has hold the place of a formula, while the text is parsed as Markdown."""


def with_formulas(text: str, render: Callable[[str], str]) -> str:
    """Render a text whose formulas are in dollar signs; amounts of money are not formulas.

    Examples
    --------
    >>> with_formulas("It costs $5, at most $7.", str.upper)
    'IT COSTS $5, AT MOST $7.'
    """
    formulas: list[tuple[str, bool]] = []

    def mark(found: re.Match[str]) -> str:
        if found["code"]:
            return found[0]
        formulas.append((found["block"] or found["inline"], found["block"] is not None))
        return _MARK.format(len(formulas) - 1)

    rendered = render(_FORMULA.sub(mark, text))
    for number, element in enumerate(_elements(formulas)):
        rendered = rendered.replace(_MARK.format(number), element)
    return rendered


def _elements(formulas: list[tuple[str, bool]]) -> list[str]:
    if not formulas:
        return []
    done = subprocess.run(
        ["node", str(_SCRIPT)], input=json.dumps(formulas), capture_output=True, text=True, check=True
    )
    elements: list[str] = json.loads(done.stdout)
    return elements
