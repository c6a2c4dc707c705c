"""Joins a continuation to an incomplete answer, without repeating text or joining text that does not fit."""

from __future__ import annotations

__all__ = ["ContinuationJoiner"]

_LONGEST = 4000
"""Characters of the earlier text that are searched: in all of it, the search takes quadratic time."""
# A line of dashes or table rows repeat by chance. An overlap counts only if it is long and varied.
_REPEATED_CHARS = 16
_REPEATED_SORTS = 8
_RESTARTED_CHARS = 24


class ContinuationJoiner:
    """Joins the text of a continuation to the partial answer.

    A server asked to continue may repeat the end of the text it was given, or all of it; a repetition is
    dropped if it matches the end exactly and is too long and varied to be chance. A server may also start
    over; that is not a continuation, and none of it is joined.

    Parameters
    ----------
    before
        The text received before.

    Attributes
    ----------
    repeated : int
        Number of repeated characters that were dropped.
    restarted : bool
        Whether the second answer starts like the first and then differs.
    decided : bool
        Whether enough text was received to decide.

    Examples
    --------
    >>> seam = ContinuationJoiner("The quick brown fox  jumps")
    >>> seam.join("brown fox  "), seam.join("jumps over"), seam.join(" the dog")
    ('', ' over', ' the dog')
    >>> seam.repeated
    16
    """

    def __init__(self, before: str) -> None:
        self._before = before
        self._tail = before[-_LONGEST:]
        self._held = ""
        self.repeated = 0
        self.restarted = False
        self.decided = not before

    def join(self, text: str) -> str:
        """The part of the next piece to append; held back while it may be a repetition."""
        if self.decided:
            return "" if self.restarted else text
        self._held += text
        return "" if self._may_repeat() else self.flush()

    def flush(self) -> str:
        """The held-back text, judged as it is."""
        if self.decided:
            return ""
        held, self._held, self.decided = self._held, "", True
        self.repeated = self._overlap(held)
        self.restarted = not self.repeated and self._begins_anew(held)
        return "" if self.restarted else held[self.repeated :]

    def _may_repeat(self) -> bool:
        return self._held in self._tail or self._before.startswith(self._held)

    def _overlap(self, held: str) -> int:
        """Length of the longest start of `held` that the earlier text ends with, chance excluded."""
        if len(self._before) >= _REPEATED_CHARS and held.startswith(self._before):
            return len(self._before)
        # The longest first: a short overlap inside a longer one would leave the rest of the repetition.
        for size in range(min(len(held), len(self._tail)), _REPEATED_CHARS - 1, -1):
            if self._tail.endswith(held[:size]) and len(set(held[:size])) >= _REPEATED_SORTS:
                return size
        return _same(_ending_space(self._before), held)

    def _begins_anew(self, held: str) -> bool:
        return _same(held, self._before) >= _RESTARTED_CHARS


def _same(one: str, other: str) -> int:
    """Length of the common start of two texts."""
    pairs = enumerate(zip(one, other, strict=False))
    return next((place for place, (a, b) in pairs if a != b), min(len(one), len(other)))


def _ending_space(text: str) -> str:
    """White space at the end: a server drops it from what it is given, and the model writes it again."""
    return text[len(text.rstrip()) :]
