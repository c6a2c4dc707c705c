"""Text in JSON as a notebook file keeps it: line by line, and not again what the Markdown beside it holds.

Jupyter writes ``text/*`` as a list of lines and any other JSON as it is, so a long string there is one long
line in every diff. Here a text is a list of its lines. Where it mostly equals a Markdown text that is saved
in the same output, a number represents lines of that text: ``n`` takes the next n, ``-n`` skips n. A single
number needs no list, which would take three lines of the file. The lines are taken as a reader sees them,
with ``$`` for ``&#36;``; what that does not match is written out.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections import defaultdict
from collections.abc import Sequence

__all__ = ["LineReader", "LineWriter", "Lines", "as_seen", "split"]

Lines = int | str | list[str] | list[int | str]

# How far to search both sides for the next shared line. Limits the time; the result stays correct.
_REACH = 64
_SHORT = 10

_REFERENCE = re.compile("<span>&#([0-9]{2,3});</span>|&#([0-9]{2,3});")


def as_seen(line: str) -> str:
    """A line of inert Markdown with its character references replaced.

    Examples
    --------
    >>> as_seen("It is &#36;5, not <span>&#36;</span>6.")
    'It is $5, not $6.'
    """
    return _REFERENCE.sub(lambda found: chr(int(found[1] or found[2])), line)


def split(text: str) -> str | list[str]:
    r"""A text as JSON: its lines where it has several.

    Examples
    --------
    >>> split("one"), split("one\ntwo")
    ('one', ['one', 'two'])
    """
    lines = text.split("\n")
    return lines if len(lines) > 1 else text


class LineWriter:
    r"""Writes texts, one after another, as what they share with one Markdown text.

    Parameters
    ----------
    markdown
        The Markdown text.

    Examples
    --------
    >>> LineWriter("Prices\nIt is &#36;5.\nOr a good deal more.").write("It is $5.\nOr a good deal more.")
    [-1, 2]
    >>> LineWriter("one\ntwo\nthree").write("one\ntwo")
    2
    """

    def __init__(self, markdown: str) -> None:
        self._lines = [as_seen(line) for line in markdown.split("\n")]
        self._at = 0
        self._places: dict[str, list[int]] = defaultdict(list)
        for number, line in enumerate(self._lines):
            self._places[line].append(number)

    def write(self, text: str) -> int | list[int | str]:
        """The next text, whose lines follow on those of the texts before it."""
        lines = text.split("\n")
        written: list[int | str] = []
        place = own = skipped = 0
        while place + own < len(lines):
            shared = self._shared(lines, place + own)
            if shared and not (own and self._is_short(lines, place + own, shared)):
                written += _run(lines[place : place + own], -skipped, shared)
                place, own, skipped = place + own + shared, 0, 0
                self._at += shared
                continue
            more, past = (shared, shared) if shared else self._next_shared(lines, place + own)
            own, skipped, self._at = own + more, skipped + past, self._at + past
        written += _run(lines[place:], -skipped)
        return written[0] if len(written) == 1 and isinstance(written[0], int) else written

    @staticmethod
    def _is_short(lines: Sequence[str], place: int, count: int) -> bool:
        """Whether it is shorter to write out these lines than to stand numbers for them."""
        return count <= 2 and sum(map(len, lines[place : place + count])) < _SHORT

    def _shared(self, lines: Sequence[str], place: int) -> int:
        """How many lines are the same from here on."""
        most = min(len(lines) - place, len(self._lines) - self._at)
        return next((n for n in range(most) if lines[place + n] != self._lines[self._at + n]), most)

    def _next_shared(self, lines: Sequence[str], place: int) -> tuple[int, int]:
        """How many lines of either side come before the nearest common line."""
        best = min(_REACH, len(lines) - place), 0
        cost = 2 * _REACH
        for own in range(min(_REACH, len(lines) - place)):
            if own >= cost:
                break
            skipped = self._distance(lines[place + own])
            # Blank lines are frequent: one matches only if equally many lines are before it.
            if skipped < cost - own and (lines[place + own].strip() or skipped == own):
                best, cost = (own, skipped), own + skipped
        return best

    def _distance(self, line: str) -> int:
        """How far away the line is in the Markdown, or more than anything that is looked at."""
        places = self._places.get(line, ())
        index = bisect_left(places, self._at)
        return places[index] - self._at if index < len(places) else 2 * _REACH


class LineReader:
    r"""Reads what `LineWriter` wrote, in the same order.

    Parameters
    ----------
    markdown
        The Markdown text of the same output.

    Examples
    --------
    >>> LineReader("a\nb\nc").read([1, "B", -1, 1])
    'a\nB\nc'
    """

    def __init__(self, markdown: str) -> None:
        self._lines = [as_seen(line) for line in markdown.split("\n")]
        self._at = 0

    def read(self, written: object) -> str | None:
        """The text; None where it is none, for a notebook may come from anywhere."""
        if isinstance(written, str):
            return written
        parts = [written] if type(written) is int else written
        if not isinstance(parts, list):
            return None
        lines: list[str] = []
        for part in parts:
            if isinstance(part, str):
                lines.append(part)
            elif type(part) is int:
                lines += self._next(part)
            else:
                return None
        return "\n".join(lines)

    def _next(self, count: int) -> list[str]:
        start = self._at
        self._at += abs(count)
        return self._lines[start : self._at] if count > 0 else []


def _run(own: list[str], *counts: int) -> list[int | str]:
    return [*own, *(count for count in counts if count)]
