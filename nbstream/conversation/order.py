"""Where the turns of cells belong: the only place that decides it.

The order of a notebook's cells comes from its page. Without it, turns stay in the order in which they were
first asked. A cell that asks several times has several owners: its own id, ``ID#1``, ``ID#2`` and so on.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from nbstream.conversation.turns import Turn

__all__ = ["Order", "cell_of", "numbered"]

_NUMBER = "#"  # never occurs in the id of a cell

_Place = tuple[int, int, int]
"""Number of the notebook, rank of the cell in it, number of the turn in its cell."""


def numbered(cell: str, number: int) -> str:
    """The owner of a cell's turn: the first one has number 0.

    Examples
    --------
    >>> numbered("a", 0), numbered("a", 2)
    ('a', 'a#2')
    """
    return f"{cell}{_NUMBER}{number}" if number else cell


def cell_of(owner: str | None) -> str:
    """The cell of an owner; "" for a turn without one.

    Examples
    --------
    >>> cell_of("a#2"), cell_of(None)
    ('a', '')
    """
    return (owner or "").partition(_NUMBER)[0]


class Order:
    """The order of the cells of some notebooks.

    Parameters
    ----------
    notebooks
        The cells of each notebook, from top to bottom.

    Examples
    --------
    >>> order = Order([["a", "b", "c"]])
    >>> turns = [Turn([], owner) for owner in ("c", None, "a")]
    >>> [turn.owner for turn in order.arranged(turns)]
    ['a', None, 'c']
    >>> order.index("b", order.arranged(turns)), order.index("elsewhere", turns)
    (2, 3)
    """

    def __init__(self, notebooks: Iterable[Sequence[str]] = ()) -> None:
        self._ranks: dict[str, tuple[int, int]] = {}
        for number, cells in enumerate(notebooks):
            for rank, cell in enumerate(cells):
                self._ranks.setdefault(cell, (number, rank))

    def __contains__(self, cell: object) -> bool:
        return cell in self._ranks

    def index(self, owner: str | None, turns: Sequence[Turn]) -> int:
        """Where a new turn belongs: before the turns of the cells below it, or else at the end."""
        place = self._place(owner)
        below = (at for at, turn in enumerate(turns) if _is_above(place, self._place(turn.owner)))
        return next(below, len(turns))

    def arranged(self, turns: Sequence[Turn]) -> list[Turn]:
        """The turns in the order of their cells; turns of no known cell stay where they are."""
        arranged = list(turns)
        places: dict[int, list[tuple[_Place, int]]] = {}
        for at, turn in enumerate(turns):
            place = self._place(turn.owner)
            if place is not None:
                places.setdefault(place[0], []).append((place, at))
        for found in places.values():
            for (_, at), (_, free) in zip(sorted(found), found, strict=True):
                arranged[free] = turns[at]
        return arranged

    def _place(self, owner: str | None) -> _Place | None:
        rank = self._ranks.get(cell_of(owner))
        number = (owner or "").partition(_NUMBER)[2]
        return None if rank is None else (*rank, int(number or 0))


def _is_above(place: _Place | None, other: _Place | None) -> bool:
    return place is not None and other is not None and place[0] == other[0] and place < other
