"""The text of a notebook file: its cells, with the text of their outputs."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

from nbstream.errors import DamagedFileError
from nbstream.inputs.ansi import without_ansi
from nbstream.inputs.fences import fenced

__all__ = ["output_text", "text_of"]

_OUTPUT_CHARS = 5_000


def text_of(text: str, name: str) -> tuple[str, str, str]:
    """The cells of a notebook as Markdown, the language of the fence, and a note with their number.

    Raises
    ------
    DamagedFileError
        If it is not a notebook of format 4.
    """
    try:
        notebook = json.loads(text)
        cells = notebook["cells"]
        language = notebook.get("metadata", {}).get("kernelspec", {}).get("language", "python")
        parts = [part for cell in cells for part in _cell(cell, str(language))]
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        raise DamagedFileError(
            f"{name} is not a notebook that can be read.", advice="Open and save it in Jupyter first."
        ) from None
    count = len(cells)
    return "\n\n".join(parts), "markdown", "1 cell" if count == 1 else f"{count} cells"


def _cell(cell: Mapping[str, Any], language: str) -> Iterator[str]:
    source = _text(cell["source"])
    if cell["cell_type"] != "code":
        yield source
        return
    yield fenced(source, language)
    outputs = (output_text(output) for output in cell.get("outputs", ()))
    said = "\n".join(text for text in outputs if text)
    if said:
        yield f"Output:\n{fenced(said, 'text')}"


def output_text(output: Mapping[str, Any]) -> str:
    """The text of one output; for an image its type."""
    match output.get("output_type"):
        case "stream":
            return _short(_text(output.get("text")))
        case "error":
            return _short(f"{output.get('ename')}: {output.get('evalue')}")
    data = output.get("data") or {}
    plain = data.get("text/markdown") if "application/vnd.nbstream.reply+json" in data else None
    plain = plain or data.get("text/plain")
    if plain is not None:
        return _short(_text(plain))
    return f"[{', '.join(data)}]" if data else ""


def _text(value: object) -> str:
    return "".join(map(str, value)) if isinstance(value, list) else str(value or "")


def _short(text: str) -> str:
    text = without_ansi(text).rstrip()
    return text if len(text) <= _OUTPUT_CHARS else f"{text[:_OUTPUT_CHARS]}… [{len(text):,} characters]"
