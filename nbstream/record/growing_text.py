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

    __slots__ = ("_joined", "_known", "parts")

    def __init__(self) -> None:
        self.parts: list[str] = []
        self._known = ""
        self._joined = 0

    def since(self, place: int) -> str:
        """The text appended after the first `place` parts."""
        return "".join(self.parts[place:])

    def seal(self) -> None:
        """Join the parts: the text is complete, and all readers have finished."""
        self.parts = [str(self)]
        self._joined = 1

    def __str__(self) -> str:
        if self._joined < len(self.parts):
            self._known += self.since(self._joined)
            self._joined = len(self.parts)
        return self._known
