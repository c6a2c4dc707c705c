r"""Runs of events that differ in their texts alone, taken at once.

A fast server fills one read of the connection with hundreds of events, the same bytes around one text each.
Nobody needs to look at the lines and fields between two texts again.

This is exact, no guess. An event of a run is ``data: ``, the bytes before the text, a JSON string, the bytes
behind it, an empty line. None of that holds a line end, so every reader of the format finds one event there,
whose data is a chunk as `RepeatedChunk` has learnt it. What stands between the quotes is checked.

Examples
--------
>>> reader = RunReader(b'{"choices": [{"delta": {"content": "', b'"}}]}')
>>> event = b'data: {"choices": [{"delta": {"content": "lo"}}]}\n\n'
>>> reader.read(event + event + event[:20]) == Run(["lo", "lo"], 2 * len(event))
True
"""

from __future__ import annotations

import re
from typing import NamedTuple

import jiter

__all__ = ["Run", "RunReader"]

_ESCAPE = rb'\\(?:["\\/bfnrt]|u[0-9A-Fa-f]{4})'
_TEXT = re.compile(rb'[^"\\\x00-\x1f]*+(?:%b[^"\\\x00-\x1f]*+)*+' % _ESCAPE)
_BETWEEN = b"\0"
"""Stands between texts that are checked and parsed together; no text has it but as an escape."""
_TEXTS = re.compile(rb'[^"\\\x01-\x1f]*+(?:%b[^"\\\x01-\x1f]*+)*+' % _ESCAPE)
_PADDED_END = re.compile(rb'[0-9A-Za-z]+"}\n\n')


class Run(NamedTuple):
    """Events one after the other.

    Parameters
    ----------
    texts
        What each says.
    size
        How many bytes they take.
    """

    texts: list[str]
    size: int


_NONE = Run([], 0)


class RunReader:
    """Reads what is known but for its texts.

    Parameters
    ----------
    before, behind
        The data of an event without its text, up to the quote and from the quote on.
    padded
        Whether a string of letters and digits that means nothing follows, and ends the data.
    """

    def __init__(self, before: bytes, behind: bytes, *, padded: bool = False) -> None:
        self._start = b"data: " + before
        self._end = behind if padded else behind + b"\n\n"
        self._padded = padded
        self._on_one_line = not {*b"\r\n"} & {*before, *behind}

    def read(self, block: bytes) -> Run:
        """The events that a block begins with; one that does not end in it is not taken."""
        pieces, size = self._pieces(block) if self._on_one_line else ([], 0)
        joined = _BETWEEN.join(pieces)
        if not pieces or not _TEXTS.fullmatch(joined):
            return _NONE
        try:
            texts = _parsed(joined) if b"\\" in joined else joined.decode().split("\0")
        except ValueError:  # halves of characters, or bytes that are no UTF-8
            return _NONE
        return Run(texts, size) if len(texts) == len(pieces) else _NONE

    def _pieces(self, block: bytes) -> tuple[list[bytes], int]:
        """What stands between the quotes, and where that ends."""
        start, end, place = self._start, self._end, 0
        pieces: list[bytes] = []
        while block.startswith(start, place):
            text = place + len(start)
            quote = block.find(b'"', text)
            if not block.startswith(end, quote):
                quote = self._quote_behind(block, text)
            behind = self._behind(block, quote)
            if quote < 0 or behind < 0:
                break
            pieces.append(block[text:quote])
            place = behind
        return pieces, place

    def _quote_behind(self, block: bytes, text: int) -> int:
        """Where a text ends that has escapes; -1 where something else follows."""
        found = _TEXT.match(block, text)
        return found.end() if found and block.startswith(self._end, found.end()) else -1

    def _behind(self, block: bytes, quote: int) -> int:
        """Where the event ends whose text ends there; -1 where the block ends before."""
        place = quote + len(self._end)
        if not self._padded:
            return place
        found = _PADDED_END.match(block, place)
        return found.end() if found else -1


def _parsed(joined: bytes) -> list[str]:
    texts: list[str] = jiter.from_json(b'["%b"]' % joined.replace(_BETWEEN, b'","'))
    return texts
