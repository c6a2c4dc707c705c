"""The marks of emphasis of a text: as written, or as tags where parsers would pair them in another way."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from typing import NamedTuple

from nbstream.views.inert.characters import referenced
from nbstream.views.inert.emphasis import Mark, Pair, mark_at, paired

__all__ = ["Marks"]

_TAGS = {("*", 1): "em", ("_", 1): "em", ("*", 2): "strong", ("_", 2): "strong", ("~", 2): "del"}


class _Bracket(NamedTuple):
    """How many free marks and links stood before an open bracket, its place, and what it is of an image."""

    marks: int
    links: int
    place: int
    image: str | None


class Marks:
    """Marks and brackets, as a text is written piece by piece.

    Parameters
    ----------
    written
        The pieces, to which marks are added, and in which they are put right in the end.
    strict
        Whether they become tags in any case.
    plain
        Whether they stay signs without a meaning: there are too many of them.
    """

    def __init__(self, written: list[str], *, strict: bool, plain: bool) -> None:
        self._written = written
        self._strict = strict
        self._plain = plain
        self._marks: list[Mark] = []
        self._places: list[int] = []
        # Indices of unpaired marks, and how many of them are before each open bracket.
        self._free: list[int] = []
        self._brackets: list[_Bracket] = []
        # Nested links: a position, and the replacement there in the text of another link.
        self._links: list[tuple[int, str]] = []
        self._pairs: list[Pair] = []
        self._common: list[Pair] = []

    def add(self, text: str, start: int, end: int) -> None:
        """Add the mark that `text` has from `start` to `end`."""
        if self._plain:
            self._written.append(referenced(text[start:end]))
            return
        self._free.append(len(self._marks))
        self._marks.append(mark_at(text, start, end))
        self._places.append(len(self._written))
        self._written.append(text[start:end])

    @property
    def depth(self) -> int:
        """How many brackets are open."""
        return len(self._brackets)

    def add_bare_link(self, shown: str) -> None:
        """The next piece is a link; `shown` replaces it inside the text of another link."""
        self._links.append((len(self._written), shown))

    def open_bracket(self, image: str | None) -> None:
        """A bracket that may begin a link comes next; that of an image, with what it is in another link."""
        self._brackets.append(_Bracket(len(self._free), len(self._links), len(self._written), image))

    def close_bracket(self, *, linked: bool) -> None:
        """The bracket that ends it; emphasis in the text of a link ends there, and links do not nest."""
        if not self._brackets:
            return
        bracket = self._brackets.pop()
        if not linked:
            return
        for place, shown in self._links[bracket.links :]:
            self._written[place] = shown
        del self._links[bracket.links :]
        if bracket.image is not None:
            self._links += [(bracket.place, bracket.image), (len(self._written), "")]
        self._pair(bracket.marks)

    def end(self) -> None:
        """Write the marks: as tags where CommonMark would pair them in another way."""
        self._pair(0)
        if self._strict or set(self._pairs) != set(self._common):
            self._write_tags()

    def _write_tags(self) -> None:
        closing: defaultdict[int, list[int]] = defaultdict(list)
        opening: defaultdict[int, list[int]] = defaultdict(list)
        for opener, closer, length in self._pairs:
            opening[opener].insert(0, length)
            closing[closer].append(length)
        for number, (mark, place) in enumerate(zip(self._marks, self._places, strict=True)):
            self._written[place] = _tags(mark, closing[number], opening[number])

    def _pair(self, first: int) -> None:
        numbers = self._free[first:]
        del self._free[first:]
        marks = [self._marks[number] for number in numbers]
        for pairs, split in ((self._pairs, True), (self._common, False)):
            for opener, closer, length in paired(marks, split=split):
                pairs.append(Pair(numbers[opener], numbers[closer], length))


def _tags(mark: Mark, closing: Sequence[int], opening: Sequence[int]) -> str:
    """A mark that closes and opens emphasis of these lengths; what is left of it is a sign."""
    left = mark.length - sum(closing) - sum(opening)
    ends = "".join(f"</{_TAGS[mark.sign, length]}>" for length in closing)
    starts = "".join(f"<{_TAGS[mark.sign, length]}>" for length in opening)
    return ends + referenced(mark.sign) * left + starts
