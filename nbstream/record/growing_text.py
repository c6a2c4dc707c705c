"""Text that several readers follow while it grows."""

from __future__ import annotations

__all__ = ["GrowingText"]


class GrowingText:
    """Text that is only appended to, with a place for each reader.

    Attributes
    ----------
    parts : list of str
        What was appended. A reader's place is the number of parts it has read.

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
        """What was appended after the first `place` parts."""
        return "".join(self.parts[place:])

    def seal(self) -> None:
        """Keep the text in one piece: nothing more will come, and every reader has read to the end."""
        self.parts = [str(self)]
        self._joined = 1

    def __str__(self) -> str:
        if self._joined < len(self.parts):
            self._known += self.since(self._joined)
            self._joined = len(self.parts)
        return self._known
