"""Notebooks as pages: answers are HTML with their origin, and not the data that JupyterLab draws."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import nbformat
from markdown_it import MarkdownIt
from nbformat import NotebookNode
from pygments import highlight
from pygments.formatters import HtmlFormatter
from pygments.lexers import get_lexer_by_name
from pygments.util import ClassNotFound

from dev.site.formulas import with_formulas
from nbstream.export import add_origins

__all__ = ["page_of"]

_ANSI = re.compile(r"\x1b\[[0-9;]*m")


def page_of(path: Path) -> str:
    """A notebook for readers without a kernel, as JSON: no widgets, and answers as HTML."""
    notebook = nbformat.read(path, as_version=4)
    notebook.metadata.pop("widgets", None)
    notebook, _ = add_origins(notebook, {})
    for cell in notebook.cells:
        if cell.cell_type == "code":
            cell.outputs = [_output(output) for output in cell.outputs]
    return str(nbformat.writes(notebook))


def _output(output: NotebookNode) -> NotebookNode:
    if output.output_type == "error":
        text = _ANSI.sub("", "\n".join(output.traceback))
        failed: NotebookNode = nbformat.v4.new_output("stream", name="stderr", text=f"{text}\n")
        return failed
    data = output.get("data")
    if data is None:
        return output
    for mimetype in [name for name in data if name.startswith("application/vnd.nbstream.")]:
        del data[mimetype]
    if "text/markdown" in data:
        answer = with_formulas(data.pop("text/markdown"), _markdown().render)
        data["text/html"] = f'<div class="nb-answer">\n{answer}</div>'
    return output


def _markdown() -> MarkdownIt:
    """A parser that shows HTML as text, because a model may have written it."""
    return MarkdownIt("commonmark", {"html": False, "highlight": _highlighted}).enable(
        ["table", "strikethrough"]
    )


def _highlighted(code: str, language: str, _: Any) -> str:
    try:
        lexer = get_lexer_by_name(language)
    except ClassNotFound:
        return ""
    text: str = highlight(code, lexer, HtmlFormatter(nowrap=True))
    return f'<pre class="highlight">{text}</pre>\n'
