"""Growing text with several readers."""

from __future__ import annotations

__all__ = ["GrowingText"]


class GrowingText:
    """Append-only text with a position per reader.

    Attributes
    ----------
    parts : list of str
        The appended parts. A reader's position is the number of parts it has read.

    Examples
    --------
    >>> log = GrowingText()
    >>> log.parts += ["Hel", "lo"]
    >>> str(log), log.since(1)
    ('Hello', 'lo')
    """

    __slots__ = ("_joined", "parts")

    def __init__(self) -> None:
        self.parts: list[str] = []
        # The text of the first parts and their number: one tuple, for threads that read at the same time.
        self._joined = ("", 0)

    def since(self, place: int) -> str:
        """The text appended after the first `place` parts."""
        return "".join(self.parts[place:])

    def first(self, size: int) -> GrowingText:
        """A new text with the first `size` characters."""
        text = GrowingText()
        text.parts += [str(self)[:size]] if size else []
        return text

    def seal(self) -> None:
        """Join the parts: the text is complete, and all readers have finished."""
        whole = str(self)
        self.parts = [whole]
        self._joined = (whole, 1)

    def __str__(self) -> str:
        known, count = self._joined
        added = self.parts[count:]
        if not added:
            return known
        whole = known + "".join(added)
        self._joined = (whole, count + len(added))
        return whole
