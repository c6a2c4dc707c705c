"""Texts of data in Markdown that means them and nothing else."""

from __future__ import annotations

from nbstream.views.inert.characters import literal

__all__ = ["ERROR", "OPEN", "data_text"]

ERROR = "⚠"
"""Before what does not match the schema."""
OPEN = "…"
"""After what is still open."""


def data_text(text: str) -> str:
    """A text as literal Markdown, also for readers that fill in variables.

    Examples
    --------
    >>> data_text("{{a}} *b*")
    '&#123;&#123;a}} &#42;b&#42;'
    """
    return literal(text).replace("{", "&#123;")
