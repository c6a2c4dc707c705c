"""Where a second answer goes on from one that was cut: nothing twice, nothing glued that does not fit."""

from __future__ import annotations

__all__ = ["ContinuationJoiner"]

_LONGEST = 4000
_REPEATED_CHARS = 16
_REPEATED_SORTS = 8
_RESTARTED_CHARS = 24


class ContinuationJoiner:
    """Joins the text of a continuation to what had come.

    A server asked to go on may repeat the end of what it was given, or all of it; what repeats is dropped
    where it is the exact end, and is too long and too varied to be chance. A server may also begin anew
    in place of going on; that is no continuation, and nothing of it is joined.

    Parameters
    ----------
    before
        The text that had come.

    Attributes
    ----------
    repeated : int
        Characters that were dropped because they were there already.
    restarted : bool
        Whether the second answer begins like the first and then differs.
    decided : bool
        Whether enough has come to tell.

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
        """What of the next piece is to be appended; held back while it may yet prove a repetition."""
        if self.decided:
            return "" if self.restarted else text
        self._held += text
        return "" if self._may_repeat() else self.flush()

    def flush(self) -> str:
        """What is held back, judged as it stands."""
        if self.decided:
            return ""
        held, self._held, self.decided = self._held, "", True
        self.repeated = self._overlap(held)
        self.restarted = not self.repeated and self._begins_anew(held)
        return "" if self.restarted else held[self.repeated :]

    def _may_repeat(self) -> bool:
        return self._held in self._tail or self._before.startswith(self._held)

    def _overlap(self, held: str) -> int:
        """Length of the longest beginning of `held` that ends what was before, chance excluded."""
        if len(self._before) >= _REPEATED_CHARS and held.startswith(self._before):
            return len(self._before)
        for size in range(min(len(held), len(self._tail)), _REPEATED_CHARS - 1, -1):
            if self._tail.endswith(held[:size]) and len(set(held[:size])) >= _REPEATED_SORTS:
                return size
        return _same(_ending_space(self._before), held)

    def _begins_anew(self, held: str) -> bool:
        return _same(held, self._before) >= _RESTARTED_CHARS


def _same(one: str, other: str) -> int:
    """How many characters two texts begin with in common."""
    pairs = enumerate(zip(one, other, strict=False))
    return next((place for place, (a, b) in pairs if a != b), min(len(one), len(other)))


def _ending_space(text: str) -> str:
    """White space at the end: a server drops it from what it is given, and the model writes it again."""
    return text[len(text.rstrip()) :]
