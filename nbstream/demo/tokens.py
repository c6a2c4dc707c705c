"""Cut a text into demo tokens: pieces of about four characters, as language models write them."""

from __future__ import annotations

import re

__all__ = ["count_tokens", "tokenise"]

# A short word or a part of a long one with the space before it, up to three digits, a run of
# punctuation, a run of spaces or of line ends, or any single character.
TOKEN = re.compile(
    r" ?[^\W\d_]{1,6}(?![^\W\d_])| ?[^\W\d_]{1,4}| ?\d{1,3}| ?[^\w\s]{1,3}|\n+| +|.", re.DOTALL
)


def tokenise(text: str) -> list[str]:
    """Split `text` into tokens; joined they are `text` again.

    Examples
    --------
    >>> tokenise("Streaming is fun, 12345 times.")
    ['Stre', 'aming', ' is', ' fun', ',', ' 123', '45', ' times', '.']
    """
    return TOKEN.findall(text)


def count_tokens(text: str) -> int:
    """Number of demo tokens in `text`."""
    return sum(1 for _ in TOKEN.finditer(text))
