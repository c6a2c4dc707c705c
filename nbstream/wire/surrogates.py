r"""Joins surrogates that a server has split.

A character outside the Basic Multilingual Plane is two ``\u`` escapes in JSON, and servers split
deltas between them. A lone half cannot be sent or saved.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Generic, TypeVar

__all__ = ["SurrogateJoiner", "without_halves"]

ChannelT = TypeVar("ChannelT")


def without_halves(text: str) -> str:
    r"""The text with pairs of halves joined, and an odd half as U+FFFD.

    Examples
    --------
    >>> without_halves("a\ud83d")
    'a\ufffd'
    """
    # In UTF-16 a surrogate pair and its character have the same bytes, so decoding joins them.
    return text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")


class SurrogateJoiner(Generic[ChannelT]):
    r"""Holds back the first half of a character until the second comes.

    Examples
    --------
    >>> joiner = SurrogateJoiner()
    >>> joiner.join("text", "Hi \ud83d"), joiner.join("text", "\ude00!")
    ('Hi ', '😀!')
    """

    def __init__(self) -> None:
        self._held: dict[ChannelT, str] = {}

    def join(self, channel: ChannelT, text: str) -> str:
        """The text of one channel including the held-back half; an odd half becomes U+FFFD."""
        text = self._held.pop(channel, "") + text
        if "\ud800" <= text[-1:] <= "\udbff":
            self._held[channel] = text[-1]
            text = text[:-1]
        return without_halves(text)

    def flush(self) -> Iterator[ChannelT]:
        """Return the channels that still hold back a half, and clear them."""
        while self._held:
            yield self._held.popitem()[0]
