"""Text of a file or cell in a fenced block that the text itself cannot close."""

from __future__ import annotations

import re

from nbstream.inputs.masking import masked
from nbstream.types.attachments import Attachment
from nbstream.types.content import TextPart

__all__ = ["Block", "fenced", "limited"]

MOST_CHARS = 200_000
"""Of one file or cell: about 50,000 tokens."""

Block = tuple[TextPart, Attachment]
"""A part of a message, and its description for the reader."""


def fenced(text: str, language: str = "") -> str:
    """A text in a code fence longer than any in it.

    Examples
    --------
    >>> print(fenced("a ``` b", "text"))
    ````text
    a ``` b
    ````
    """
    longest = max((len(run) for run in re.findall(r"`+", text)), default=0)
    fence = "`" * max(3, longest + 1)
    return f"{fence}{language}\n{text.rstrip()}\n{fence}"


def limited(text: str, most: int = MOST_CHARS) -> tuple[str, str]:
    """The beginning of a text, and a note if something was left out.

    Examples
    --------
    >>> limited("abcdef", 3)
    ('abc', 'first 3 of 6 characters')
    """
    if len(text) <= most:
        return text, ""
    return text[:most], f"first {most:,} of {len(text):,} characters"


def block(kind: str, name: str, text: str, language: str = "", *notes: str) -> Block:
    """A named block of a message.

    Parameters
    ----------
    kind
        What it is, such as ``File``.
    name
        Its name, which is not trusted: it stays on one line.
    text, language
        Its text, and the language of the fence.
    notes
        What was left out, for the model and for the reader.
    """
    label = " ".join("".join(c if c.isprintable() else " " for c in name).split()).replace("`", "'")
    text, secrets = masked(text)
    text, cut = limited(text)
    known = [note for note in (*notes, cut, secrets) if note]
    head = f"{kind} {label} ({', '.join(known)}):" if known else f"{kind} {label}:"
    part: TextPart = {"type": "text", "text": f"{head}\n{fenced(text, language)}"}
    shown = label if kind == "File" else f"{kind.lower()} {label}"
    return part, Attachment(shown, ", ".join(known))
