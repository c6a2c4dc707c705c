"""A reader's rating of an answer."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal, Self

from nbstream.errors import ArgumentError

__all__ = ["NOTE_CHARS", "Rating", "Score", "check_rating"]

Score = Literal[1, -1]
NOTE_CHARS = 2000


@dataclass(frozen=True, slots=True)
class Rating:
    """Thumbs up or down, with a note.

    Parameters
    ----------
    score
        1 for thumbs up, -1 for thumbs down.
    note
        Why, in the reader's words; may be empty.

    Examples
    --------
    >>> Rating.from_dict({"score": 1, "note": "Well done."})
    Rating(score=1, note='Well done.')
    """

    score: Score
    note: str = ""

    def as_dict(self) -> dict[str, Any]:
        """Plain JSON form."""
        return {"score": self.score, "note": self.note}

    @classmethod
    def from_dict(cls, saved: object) -> Self | None:
        """Read what `as_dict` returned; None if it is not a rating."""
        match saved:
            case {"score": 1 | -1 as score, "note": str(note)} if score is not True:
                return cls(score, note)
        return None


def check_rating(score: object, note: object) -> None:
    """Check what a reader rates an answer with.

    Raises
    ------
    ArgumentError
        If the score is not 1, -1 or 0, or the note is not a text of a reasonable length.
    """
    if isinstance(score, bool) or not isinstance(score, int) or score not in {1, 0, -1}:
        raise ArgumentError(f"{score!r} is not a rating.", advice="Use +1 or -1, or 0 to remove the rating.")
    if not isinstance(note, str) or len(note) > NOTE_CHARS:
        raise ArgumentError(f"A note is a text of at most {NOTE_CHARS:,} characters.", advice="Shorten it.")
