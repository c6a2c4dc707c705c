"""Files as text for a prompt: text, notebooks, tables and PDF."""

from __future__ import annotations

import codecs
from collections.abc import Callable
from pathlib import Path

from nbstream.errors import DamagedFileError, FileError
from nbstream.inputs import notebooks, pdf, tables
from nbstream.inputs.fences import Block, block

__all__ = ["file_block"]

MOST_BYTES = 100_000_000
"""Larger files are not read into memory."""
_BYTE_ORDER_MARKS = {
    codecs.BOM_UTF8: "utf-8-sig",
    codecs.BOM_UTF32_LE: "utf-32",
    codecs.BOM_UTF16_LE: "utf-16",
    codecs.BOM_UTF16_BE: "utf-16",
}
_LANGUAGES = {
    ".py": "python", ".r": "r", ".jl": "julia", ".js": "javascript", ".ts": "typescript", ".sh": "sh",
    ".json": "json", ".jsonl": "json", ".yaml": "yaml", ".yml": "yaml", ".toml": "toml", ".sql": "sql",
    ".html": "html", ".css": "css", ".md": "markdown", ".tex": "latex", ".xml": "xml", ".c": "c",
    ".cpp": "cpp", ".rs": "rust", ".go": "go", ".java": "java",
}  # fmt: skip


def file_block(path: Path, name: str | None = None) -> Block:
    """The text of a file as a named block.

    Parameters
    ----------
    path
        The file.
    name
        How it is named in the prompt; its file name by default.

    Raises
    ------
    ConfigError
        If there is no such file, or it has no text.
    """
    data = _read(path)
    kind = path.suffix.lower()
    reader = _READERS.get(kind)
    if reader is None:
        return block("File", name or path.name, decoded(data, path.name), _LANGUAGES.get(kind, ""))
    text, language, note = reader(data, path.name)
    return block("File", name or path.name, text, language, note)


def decoded(data: bytes, name: str) -> str:
    """The text of a file: UTF-8, or UTF-16 and UTF-32 with a byte order mark.

    Raises
    ------
    DamagedFileError
        If it is not text.
    """
    marked = next((codec for mark, codec in _BYTE_ORDER_MARKS.items() if data.startswith(mark)), "utf-8")
    try:
        text = data.decode(marked)
    except UnicodeDecodeError:
        text = "\0"
    if "\0" in text:
        what = "a binary file" if b"\0" in data[:8192] else "not UTF-8 text"
        raise DamagedFileError(
            f"{name} is {what}.",
            advice="Read it in a cell, and send a variable with its text; images are sent by --image.",
        )
    return text


def _read(path: Path) -> bytes:
    try:
        if path.is_dir():
            raise FileError(f"{path} is a folder.", advice="Name the files in it.")
        if path.exists() and not path.is_file():
            raise FileError(
                f"{path} is not a regular file.", advice="Read it in a cell, and send a variable."
            )
        size = path.stat().st_size
        if size > MOST_BYTES:
            raise FileError(
                f"{path} is too large: {size / 1e6:,.0f} MB.",
                advice="Read a part of it, and send a variable.",
            )
        return path.read_bytes()
    except FileNotFoundError:
        raise FileError(
            f"There is no file {str(path)!r}.", advice=f"Paths start from {Path.cwd()}."
        ) from None
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or error
        raise FileError(f"{path} cannot be read: {reason}.", advice="Check the path.") from None


def _csv(separator: str) -> Callable[[bytes, str], tuple[str, str, str]]:
    def read(data: bytes, name: str) -> tuple[str, str, str]:
        return tables.of_delimited(decoded(data, name), separator, name)

    return read


def _notebook(data: bytes, name: str) -> tuple[str, str, str]:
    return notebooks.text_of(decoded(data, name), name)


_READERS: dict[str, Callable[[bytes, str], tuple[str, str, str]]] = {
    ".csv": _csv(","),
    ".tsv": _csv("\t"),
    ".parquet": tables.of_parquet,
    ".ipynb": _notebook,
    ".pdf": pdf.text_of,
}
