"""What the view of a comparison needs of it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Literal, Protocol

from nbstream.chat import Chat
from nbstream.comparison.grid.cell import Cell
from nbstream.comparison.grid.changes import Changes
from nbstream.comparison.grid.plan import Plan
from nbstream.comparison.grid.summary import Summary

__all__ = ["Grid", "Score"]

Score = Literal[1, 0, -1]


class Grid(Protocol):
    """A comparison, for its views."""

    id: str
    adopter: Callable[[Cell], str] | None

    @property
    def plan(self) -> Plan:
        """What is compared."""

    @property
    def cells(self) -> tuple[Cell, ...]:
        """The answers, row by row."""

    @property
    def done(self) -> bool:
        """Whether all answers have ended and are checked."""

    def summary(self) -> Summary:
        """The figures of each variant, and what is decided."""

    def changes_since(self) -> Changes | None:
        """What changed since the comparison given as ``since=``; None without one."""

    def adopt(self, cell: Cell) -> Chat:
        """A chat that continues from an answer."""

    def subscribe(self, listener: Callable[[Cell], None]) -> Callable[[], None]:
        """Call a function after each change of a cell; return an unsubscribe function."""

    def stop(self, variant: int | str | None = None) -> None:
        """Stop all answers that have not ended, or those of one variant."""

    def rerun(self, cells: Sequence[Cell] | None = None) -> object:
        """Request answers again, in place."""

    def rate(self, cell: Cell, score: Score, note: str = "") -> None:
        """Rate an answer that has ended; 0 removes the rating."""

    def pin(self, variant: int | str) -> None:
        """Compare the other variants with this one."""
