"""The requests of cells, and which of their answers the next run continues.

A view of a saved answer can only run its cell. To continue the answer instead of requesting a new one, it
first sends a command, valid for one run of an unchanged cell.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass

from nbstream.chat import Chat
from nbstream.errors import StateError
from nbstream.reply import Reply

__all__ = ["CellRequest", "Continuations"]

_KEPT = 50
"""Answers of one cell: as many as one run can request."""


@dataclass(frozen=True, slots=True)
class CellRequest:
    """An answer that a cell requested.

    Parameters
    ----------
    chat, reply
        The chat and the reply.
    content
        The content of the cell, to compare with its next run.
    """

    chat: Chat
    reply: Reply
    content: object


class Continuations:
    """Commands to continue the answers of cells."""

    def __init__(self) -> None:
        self._asked: dict[str, deque[CellRequest]] = {}
        self._scheduled: dict[str, CellRequest] = {}

    def remember(self, cell: str | None, asked: CellRequest) -> None:
        """Record the request of a cell; cells without an id are ignored."""
        if cell is not None:
            self._asked.setdefault(cell, deque(maxlen=_KEPT)).append(asked)

    async def stop_earlier(self, cell: str | None) -> None:
        """Stop the background answer of a cell that runs again."""
        for asked in self._asked.get(cell or "", ()):
            if not asked.reply.done:
                asked.reply.stop()
                await asked.reply.wait()

    def forget(self, cells: Iterable[str]) -> None:
        """Forget deleted cells."""
        for cell in cells:
            self._asked.pop(cell, None)

    def schedule(self, cell: str, reply: str) -> None:
        """Let the next run of a cell continue the answer with this id.

        Raises
        ------
        StateError
            If this kernel does not have it.
        """
        found = [asked for asked in self._asked.get(cell, ()) if asked.reply.state.id == reply]
        if not found:
            raise StateError(
                "This kernel no longer has the answer: it was restarted, or the cell did not run in it.",
                advice="Run the cell again for a new answer; the saved text stays until then.",
            )
        found[0].chat.check_continuable(found[0].reply)
        self._scheduled[cell] = found[0]

    def cancel(self, cell: str) -> None:
        """Withdraw a pending command."""
        self._scheduled.pop(cell, None)

    def pop(self, cell: str | None, content: object) -> CellRequest | None:
        """The answer that the running cell continues, if any.

        Raises
        ------
        StateError
            If the cell has changed since its request.
        """
        scheduled = self._scheduled.pop(cell or "", None)
        if scheduled is not None and scheduled.content != content:
            raise StateError(
                "The cell has changed since its answer was cut off, so it was not continued.",
                advice="Run the cell for a new answer.",
            )
        return scheduled
