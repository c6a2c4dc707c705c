"""The text of a PDF file, by pypdf."""

from __future__ import annotations

import io
import logging

from nbstream.errors import DamagedFileError, MissingPackageError

__all__ = ["text_of"]


def text_of(data: bytes, name: str) -> tuple[str, str, str]:
    """The text of the pages, the language of the fence, and a note with their number.

    Raises
    ------
    ConfigError
        If pypdf is not installed, or the file has no text.
    """
    try:
        from pypdf import PdfReader
    except ImportError:
        raise MissingPackageError(
            f"{name}: reading a PDF needs pypdf.", advice="Install it: %pip install nbstream[pdf]"
        ) from None
    # It warns about every irregularity, even if it can read the file.
    logging.getLogger("pypdf").setLevel(logging.ERROR)
    try:
        pages = [page.extract_text() for page in PdfReader(io.BytesIO(data)).pages]
    except Exception as error:
        raise DamagedFileError(
            f"{name} cannot be read as a PDF: {type(error).__name__}.",
            advice="If it needs a password, save a copy without one.",
        ) from error
    if not any(page.strip() for page in pages):
        raise DamagedFileError(
            f"{name} contains no text; its pages may be scanned images.", advice="Send the pages by --image."
        )
    text = "\n\n".join(f"[page {number}]\n{page}" for number, page in enumerate(pages, 1))
    return text, "text", "1 page" if len(pages) == 1 else f"{len(pages)} pages"
