r"""Runs of events that differ in their texts alone, taken at once.

A fast server fills one read of the connection with hundreds of events, the same bytes around one text each.
Nobody needs to look at the lines and fields between two texts again.

This is exact, no guess. An event of a run is ``data: ``, the bytes before the text, a JSON string, the bytes
behind it, an empty line. None of that holds a line end, so every reader of the format finds one event there,
whose data is a chunk as `RepeatedChunk` has learnt it. The text between the quotes is checked.

Examples
--------
>>> reader = RunReader(b'{"choices": [{"delta": {"content": "', b'"}}]}')
>>> event = b'data: {"choices": [{"delta": {"content": "lo"}}]}\n\n'
>>> reader.read(event + event + event[:20]) == EventRun(["lo", "lo"], 2 * len(event))
True
"""

from __future__ import annotations

import re
from typing import NamedTuple

import jiter

__all__ = ["EventRun", "RunReader"]

_ESCAPE = rb'\\(?:["\\/bfnrt]|u[0-9A-Fa-f]{4})'
_TEXT = re.compile(rb'[^"\\\x00-\x1f]*+(?:%b[^"\\\x00-\x1f]*+)*+' % _ESCAPE)
_BETWEEN = b"\0"
"""Separates texts that are checked and parsed together; in a text it only occurs as an escape."""
_TEXTS = re.compile(rb'[^"\\\x01-\x1f]*+(?:%b[^"\\\x01-\x1f]*+)*+' % _ESCAPE)
_PADDED_END = re.compile(rb'[0-9A-Za-z]+"}\n\n')


class EventRun(NamedTuple):
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


_NONE = EventRun([], 0)


class RunReader:
    """Reads events that are known except for their texts.

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

    def read(self, block: bytes) -> EventRun:
        """The events that a block begins with; one that does not end in it is not taken."""
        pieces, size = self._pieces(block) if self._on_one_line else ([], 0)
        joined = _BETWEEN.join(pieces)
        if not pieces or not _TEXTS.fullmatch(joined):
            return _NONE
        try:
            texts = _parsed(joined) if b"\\" in joined else joined.decode().split("\0")
        except ValueError:  # lone surrogates, or bytes that are not UTF-8
            return _NONE
        return EventRun(texts, size) if len(texts) == len(pieces) else _NONE

    def _pieces(self, block: bytes) -> tuple[list[bytes], int]:
        """The text between the quotes, and where the last of these events ends."""
        pieces: list[bytes] = []
        ahead = self._add_padded if self._padded else self._add_plain
        place = 0
        while block.startswith(self._start, place):
            text = ahead(block, place + len(self._start), pieces)
            place = text - len(self._start)
            quote = self._quote_behind(block, text)
            end = self._end_behind(block, quote)
            if end < 0:
                break
            pieces.append(block[text:quote])
            place = end
        return pieces, place

    def _add_plain(self, block: bytes, text: int, pieces: list[bytes]) -> int:
        """Add texts as long as they have no escapes and another follows; return the place of the next."""
        between = self._end + self._start
        while block.startswith(between, quote := block.find(b'"', text)):
            pieces.append(block[text:quote])
            text = quote + len(between)
        return text

    def _add_padded(self, block: bytes, text: int, pieces: list[bytes]) -> int:
        """The same, with a padding behind each."""
        between = b'"}\n\n' + self._start
        while block.startswith(self._end, quote := block.find(b'"', text)):
            padding = quote + len(self._end)
            end = block.find(b'"', padding)
            if not (block.startswith(between, end) and block[padding:end].isalnum()):
                break
            pieces.append(block[text:quote])
            text = end + len(between)
        return text

    def _quote_behind(self, block: bytes, text: int) -> int:
        """Where a text ends, which may have escapes; -1 where something else follows."""
        found = _TEXT.match(block, text)
        return found.end() if found and block.startswith(self._end, found.end()) else -1

    def _end_behind(self, block: bytes, quote: int) -> int:
        """Where the event ends whose text ends there; -1 where the block ends before."""
        if quote < 0:
            return -1
        place = quote + len(self._end)
        if not self._padded:
            return place
        found = _PADDED_END.match(block, place)
        return found.end() if found else -1


def _parsed(joined: bytes) -> list[str]:
    texts: list[str] = jiter.from_json(b'["%b"]' % joined.replace(_BETWEEN, b'","'))
    return texts
