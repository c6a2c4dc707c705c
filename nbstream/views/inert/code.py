"""Code, as spans and as blocks, in forms that no parser can mistake."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import NamedTuple

from nbstream.views.inert.characters import referenced
from nbstream.views.inert.mermaid import language_of

__all__ = ["CodeBlock", "code_block", "code_span", "is_written_out"]

# Markup, if a parser treats the code as text. "<" opens a tag, a comment or an autolink only before these.
_TEXT_HAZARD = re.compile(r"<(?=[A-Za-z/!?])|!\[|\]\(|\]:")
# Delimiters of math: JupyterLab and nbconvert search for it before they detect code.
_MATH_HAZARD = re.compile(r"\$|\\(?:begin|end)\{|\\\\[()\[\]]")
_LONG_MATH_HAZARD = re.compile(r"\$\$|\\(?:begin|end)\{|\\\\[()\[\]]")
_FENCE_RUN = re.compile(r"`{3,}|~{3,}")
_BACKTICK_RUN = re.compile(r"`{3,}")

# A pipe would end a table cell: GitHub splits the row before it detects code.
_NOT_IN_SPAN = re.compile(r"[`\\|]|^ | $|~~~")
_LANGUAGE = re.compile(r"[A-Za-z0-9_+#.-]{1,40}")

_WRITTEN_OUT = re.compile(r"<pre><code>(?:[^\x21-\x2f\x3a-\x40\x5b-\x60\x7b-\x7e]|&#\d{1,3};)*+</code></pre>")


class CodeBlock(NamedTuple):
    """Lines of Markdown that show a block of code.

    Parameters
    ----------
    lines
        The Markdown.
    apart
        Whether blank lines must stand around it.
    """

    lines: list[str]
    apart: bool


def code_span(content: str) -> str:
    """Inline code; as ``<code>`` with character references where backticks could pair in another way.

    Examples
    --------
    >>> code_span("x[0]")
    '`x[0]`'
    >>> code_span("List<int>")
    '<code>List&#60;int&#62;</code>'
    """
    hazards = (_NOT_IN_SPAN, _TEXT_HAZARD, _MATH_HAZARD)
    if content and not any(hazard.search(content) for hazard in hazards):
        return f"`{content}`"
    return f"<code>{referenced(content)}</code>"


def code_block(info: str, content: Sequence[str], indent: int, *, quoted: bool) -> CodeBlock:
    """A block of code.

    Parameters
    ----------
    info
        Info string of the fence; its first word is the language.
    content
        The lines, without the indentation of the fence.
    indent
        Columns by which harmless code is indented, so that it stays within its list item.
    quoted
        Whether it is in a block quote. There JupyterLab does not see fences when it looks for math.
    """
    text = "\n".join(content)
    if not (_TEXT_HAZARD.search(text) or _MATH_HAZARD.search(text)):
        return CodeBlock(_fence(info, content, " " * indent), apart=False)
    if indent and not quoted and not _TEXT_HAZARD.search(text) and not _LONG_MATH_HAZARD.search(text):
        # A single dollar reaches no further than the blank line after the fence.
        return CodeBlock(_fence(info, content, " " * indent), apart=True)
    if _FENCE_RUN.search(text) or (quoted and _MATH_HAZARD.search(text)):
        return CodeBlock([_written_out(content)], apart=True)
    return CodeBlock(_fence(info, content, ""), apart=True)


def is_written_out(line: str) -> bool:
    """Whether a line is a whole block of code as this module writes it."""
    return bool(_WRITTEN_OUT.fullmatch(line))


def _fence(info: str, content: Sequence[str], pad: str) -> list[str]:
    longest = max((len(run) for line in content for run in _BACKTICK_RUN.findall(line)), default=2)
    fence = pad + "`" * (longest + 1)
    return [fence + _language(info, content), *(pad + line if line else "" for line in content), fence]


def _language(info: str, content: Sequence[str]) -> str:
    found = _LANGUAGE.search(info.split(maxsplit=1)[0]) if info.strip() else None
    # Never empty: a fence without a language could close another one.
    return language_of(found[0], content) if found else "text"


def _written_out(content: Sequence[str]) -> str:
    # On one line, so that neither blank lines nor containers can end it.
    return "<pre><code>" + "&#10;".join(map(referenced, content)) + "</code></pre>"
