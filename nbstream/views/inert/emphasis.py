"""Which marks of emphasis belong together: by CommonMark, and beside CJK characters as people mean it."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

from nbstream.views.inert.cjk import CJK

__all__ = ["Mark", "Pair", "mark_at", "paired"]

_CJK = re.compile(f"[{CJK}]")


@dataclass(frozen=True, slots=True)
class Mark:
    """A run of ``*`` or ``_``, or one ``~~``, and what it may do.

    Parameters
    ----------
    sign, length
        Its character, and how many of them.
    opens, closes
        Whether it may open and close emphasis by the rule of CommonMark 0.31.
    split
        Whether it touches a CJK character, beside which it may do both.
    """

    sign: str
    length: int
    opens: bool
    closes: bool
    split: bool


class Pair(NamedTuple):
    """Two marks that belong together, by their numbers, and how many characters of each."""

    opener: int
    closer: int
    length: int


def mark_at(text: str, start: int, end: int) -> Mark:
    """The mark that `text` has from `start` to `end`."""
    sign = text[start]
    before = text[start - 1] if start else " "
    after = text[end] if end < len(text) else " "
    left = not after.isspace() and (not _is_punctuation(after) or before.isspace() or _is_punctuation(before))
    right = not before.isspace() and (
        not _is_punctuation(before) or after.isspace() or _is_punctuation(after)
    )
    within = sign != "_"
    opens = left and (within or not right or _is_punctuation(before))
    closes = right and (within or not left or _is_punctuation(after))
    apart = before.isspace() or after.isspace()
    split = within and not apart and bool(_CJK.match(before) or _CJK.match(after))
    return Mark(sign, end - start, opens, closes, split)


def _is_punctuation(character: str) -> bool:
    return unicodedata.category(character)[0] in "PS"


def paired(marks: Sequence[Mark], *, split: bool) -> list[Pair]:
    """The pairs among `marks`, from the inside out; `split` is whether CJK characters let them do both."""
    return _Pairing(marks, split=split).run()


class _Pairing:
    """CommonMark's "process emphasis"; each kind of closer looks no further back than the last one had to."""

    def __init__(self, marks: Sequence[Mark], *, split: bool) -> None:
        self._marks = marks
        self._split = split
        self._left = [mark.length for mark in marks]
        self._before = list(range(-1, len(marks) - 1))
        self._bottoms: dict[tuple[str, bool, int], int] = {}
        self._pairs: list[Pair] = []

    def run(self) -> list[Pair]:
        last = -1
        for number, mark in enumerate(self._marks):
            self._before[number] = last
            if mark.closes or (self._split and mark.split):
                last = self._close(number)
            if self._left[number]:
                self._before[number] = last
                last = number
        return self._pairs

    def _close(self, closer: int) -> int:
        """Pair `closer` with its opening mark; return the last remaining mark before it."""
        last = self._before[closer]
        while self._left[closer]:
            opener = self._opener(closer, last)
            if opener is None:
                break
            length = 2 if min(self._left[opener], self._left[closer]) >= 2 else 1
            self._pairs.append(Pair(opener, closer, length))
            self._left[opener] -= length
            self._left[closer] -= length
            last = opener if self._left[opener] else self._before[opener]
        return last

    def _opener(self, closer: int, last: int) -> int | None:
        mark = self._marks[closer]
        kind = (mark.sign, self._opens(mark), mark.length % 3)
        bottom = self._bottoms.get(kind, -1)
        number = last
        while number > bottom:
            candidate = self._marks[number]
            if candidate.sign == mark.sign and self._opens(candidate) and self._fits(number, closer):
                return number
            number = self._before[number]
        self._bottoms[kind] = last
        return None

    def _opens(self, mark: Mark) -> bool:
        return mark.opens or (self._split and mark.split)

    def _closes(self, mark: Mark) -> bool:
        return mark.closes or (self._split and mark.split)

    def _fits(self, opener: int, closer: int) -> bool:
        """The rule of three: what may open and close does not pair with what would leave a third of it."""
        first, second = self._marks[opener], self._marks[closer]
        if first.sign == "~" or not (self._closes(first) or self._opens(second)):
            return True
        total = first.length + second.length
        return total % 3 != 0 or (first.length % 3 == 0 and second.length % 3 == 0)
