"""Markdown renderers that let raw HTML through, as hosts of notebooks use them."""

from __future__ import annotations

from collections.abc import Callable

from markdown_it import MarkdownIt
from nbconvert.filters.markdown_mistune import markdown2html_mistune

_MARKDOWN_IT = MarkdownIt("commonmark", {"html": True}).enable(["table", "strikethrough"])

RENDERERS: dict[str, Callable[[str], str]] = {
    "nbconvert": markdown2html_mistune,
    "markdown-it": _MARKDOWN_IT.render,
}
