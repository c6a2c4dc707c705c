"""What cells have asked, and which of their answers are to be continued when the cell is run next.

A view of a saved answer can only run its cell. To have the answer continued by that run and not asked for
anew, it gives an order first, which stands for one run of an unchanged cell.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass

from nbstream.chat import Chat
from nbstream.errors import StateError
from nbstream.reply import Reply

__all__ = ["Asked", "Continuations"]

_KEPT = 10
"""Answers of one cell: as many as its output saves versions."""


@dataclass(frozen=True, slots=True)
class Asked:
    """An answer that a cell requested.

    Parameters
    ----------
    chat, reply
        Whom it asked, and what came.
    said
        All that the cell said, to be compared with what it says later.
    """

    chat: Chat
    reply: Reply
    said: object


class Continuations:
    """Orders to continue the answers of cells."""

    def __init__(self) -> None:
        self._asked: dict[str, deque[Asked]] = {}
        self._ordered: dict[str, Asked] = {}

    def remember(self, cell: str | None, asked: Asked) -> None:
        """Take note of what a cell has asked; of one without an id there is nothing to order later."""
        if cell is not None:
            self._asked.setdefault(cell, deque(maxlen=_KEPT)).append(asked)

    async def stop_earlier(self, cell: str | None) -> None:
        """End what a cell that is run again has left in the background, which it no longer shows."""
        for asked in self._asked.get(cell or "", ()):
            if not asked.reply.done:
                asked.reply.stop()
                await asked.reply.wait()

    def forget(self, cells: Iterable[str]) -> None:
        """Forget deleted cells."""
        for cell in cells:
            self._asked.pop(cell, None)

    def order(self, cell: str, reply: str) -> None:
        """Have the next run of a cell continue the answer of that id.

        Raises
        ------
        StateError
            When this kernel does not have it.
        """
        found = [asked for asked in self._asked.get(cell, ()) if asked.reply.state.id == reply]
        if not found:
            raise StateError(
                "This kernel no longer has the answer: it was restarted, or the cell was not run in it.",
                advice="Run the cell again to ask anew; what is saved here stays as it is until then.",
            )
        found[0].chat.check_continuable(found[0].reply)
        self._ordered[cell] = found[0]

    def cancel(self, cell: str) -> None:
        """Take an order back that has not been carried out."""
        self._ordered.pop(cell, None)

    def take(self, cell: str | None, said: object) -> Asked | None:
        """What the running cell is to continue, if anything.

        Raises
        ------
        StateError
            When the cell has changed since it asked.
        """
        ordered = self._ordered.pop(cell or "", None)
        if ordered is not None and ordered.said != said:
            raise StateError(
                "The cell has changed since its answer was cut, so it was not continued.",
                advice="Run the cell to ask what it says now.",
            )
        return ordered
