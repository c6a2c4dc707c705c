"""Diagrams, which JupyterLab, GitHub and nbconvert draw by themselves."""

from __future__ import annotations

import re
from collections.abc import Sequence

__all__ = ["language_of"]

_NAME = re.compile(r"mermaid", re.IGNORECASE)
_KINDS = re.compile(
    r"(?:graph|flowchart|sequenceDiagram|classDiagram|stateDiagram(?:-v2)?|erDiagram|gantt|pie|mindmap|timeline|journey|"
    r"gitGraph)\b"
)
# nbconvert writes the source into its page as HTML, and Mermaid supports links, images, styles and settings.
_SIGNS = re.compile(r"""(?!.*//)[\w\s\[\](){}|,.;:=+*/?'">-]*""")
_WORDS = re.compile(
    r"call|click|config|css|data|font|href|html|https?|icon|image|img|init|javascript|link|script|style|theme|url|class(?=Def)",
    re.IGNORECASE,
)
_MAX_LINES = 150
_MAX_LENGTH = 200


def language_of(name: str, content: Sequence[str]) -> str:
    """The language `name` of a block of code; a diagram that could do something is not drawn, only named.

    Examples
    --------
    >>> language_of("mermaid", ["graph TD", "A --> B"])
    'mermaid'
    >>> language_of("mermaid", ["graph TD", 'click A "https://example.org"'])
    'Mermaid'
    """
    if not _NAME.match(name):
        return name
    return "mermaid" if name == "mermaid" and _is_harmless(content) else "M" + name[1:].lower()


def _is_harmless(content: Sequence[str]) -> bool:
    """Whether a diagram holds nothing but letters, arrows and brackets; hosts that draw it need no more."""
    known = bool(content) and bool(_KINDS.match(content[0].strip())) and len(content) <= _MAX_LINES
    return known and all(
        len(line) <= _MAX_LENGTH and _SIGNS.fullmatch(line) and not _WORDS.search(line) for line in content
    )
