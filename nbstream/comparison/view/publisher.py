"""What is sent to the page of a comparison: numbered messages, with the texts of the cells in sight only."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from nbstream.comparison.grid.cell import Cell
from nbstream.comparison.view.grid import Grid
from nbstream.comparison.view.snapshot import VERSION, changed_outcomes, details, figures, head, layout, steps
from nbstream.recording.growing_text import GrowingText

__all__ = ["GridPublisher"]

_FIGURES_SECONDS = 1.0
_MOST_PAGES = 8


class _TextPlace:
    """How much of the text of a cell the pages have."""

    def __init__(self) -> None:
        self._log: GrowingText | None = None
        self._chars = 0
        self._units = 0

    def so_far(self, cell: Cell) -> str:
        """The text that was sent; if nothing was, all of it, which then counts as sent."""
        if self._log is None:
            self.advance(cell)
        return cell.text[: self._chars] if self._log is _log_of(cell) else ""

    def advance(self, cell: Cell) -> tuple[int, str] | None:
        """Offset in UTF-16 units and added text; None if there is none."""
        log = _log_of(cell)
        if log is not self._log:
            replaced = self._chars > 0
            self._log, self._chars, self._units = log, 0, 0
            if replaced and not cell.text:
                return 0, ""
        added = cell.text[self._chars :]
        if not added:
            return None
        offset = self._units
        self._chars += len(added)
        self._units += len(added.encode("utf-16-le", "surrogatepass")) // 2
        return offset, added


def _log_of(cell: Cell) -> GrowingText | None:
    """Another one if the answer is requested again."""
    return cell.reply.state.text_log if cell.reply is not None else None


class GridPublisher:
    """Makes the messages of one comparison.

    Parameters
    ----------
    grid
        The comparison.

    Attributes
    ----------
    written : int
        How often the output of the ended comparison was written: a page whose notebook has an earlier one
        requests it.
    """

    def __init__(self, grid: Grid) -> None:
        self.written = 0
        self._grid = grid
        self._checks = grid.plan.names
        self._numbers = {cell: number for number, cell in enumerate(grid.cells)}
        self._pages: dict[str, set[int]] = {}
        self._shown: dict[int, _TextPlace] = {}
        self._heads: dict[int, list[Any]] = {}
        self._details: dict[int, dict[str, Any]] = {}
        self._head_at: dict[int, float] = {}
        self._steps: dict[int, tuple[str, str, int]] = {}
        self._figures_at = -_FIGURES_SECONDS
        self._figures: dict[str, Any] = {}
        self._late: set[int] = set()
        self._figures_late = False
        self._seq = 0

    def number(self, cell: Cell) -> int:
        """The number of a cell in messages."""
        return self._numbers[cell]

    def snapshot(self) -> dict[str, Any]:
        """Everything but the texts, which the page requests for the cells in sight."""
        cells = self._grid.cells
        self._heads = {number: head(cell, self._checks) for number, cell in enumerate(cells)}
        self._figures = self._current_figures()
        return {
            "v": VERSION,
            "id": self._grid.id,
            "seq": self._seq,
            **layout(self._grid.plan),
            "baseline": self._baseline,
            "cells": list(self._heads.values()),
            **self._figures,
            "done": self._grid.done,
            "written": self.written,
        }

    def show(self, page: str, numbers: Iterable[int], lacking: Iterable[int]) -> list[list[Any]]:
        """From now on send the texts of these cells, and of those that other pages show.

        Parameters
        ----------
        page
            Names the page. Of the pages that do not report their end, the last 8 are kept.
        numbers
            The cells in sight in this page.
        lacking
            Those of them whose text the page lacks: what was sent of it is returned, with the details.
        """
        wanted = set(numbers)
        self._pages.pop(page, None)
        self._pages[page] = wanted
        if len(self._pages) > _MOST_PAGES:
            del self._pages[next(iter(self._pages))]
        self._keep_shown()
        return [[number, *self._body(number)] for number in lacking if number in wanted]

    def leave(self, page: str) -> None:
        """The page shows no cells any more."""
        self._pages.pop(page, None)
        self._keep_shown()

    @property
    def has_late(self) -> bool:
        """Whether something has changed that is sent only once a second, and was not due."""
        return bool(self._late) or self._figures_late

    def message(self, changed: Sequence[int], now: float) -> dict[str, Any] | None:
        """What has changed of these cells since the last message; None if that is nothing.

        Parameters
        ----------
        changed
            Numbers of cells.
        now
            Seconds on any clock: speeds and shares are sent at most once a second.
        """
        changed = sorted({*changed, *self._late})
        self._late.clear()
        found: dict[str, Any] = {
            "texts": self._texts(changed),
            "heads": self._new_heads(changed, now),
            "details": self._new_details(changed),
            **self._new_figures(now),
        }
        parts = {name: value for name, value in found.items() if value != []}
        if not parts:
            return None
        self._seq += 1
        return {"t": "cells", "seq": self._seq, **parts}

    @property
    def _baseline(self) -> int:
        baseline = self._grid.plan.baseline
        return baseline.index if baseline is not None else 0

    def _keep_shown(self) -> None:
        shown = sorted(set().union(*self._pages.values()))
        self._shown = {number: self._shown.get(number) or _TextPlace() for number in shown}

    def _body(self, number: int) -> tuple[str, dict[str, Any]]:
        cell = self._grid.cells[number]
        self._details[number] = details(cell)
        return self._shown[number].so_far(cell), self._details[number]

    def _current_figures(self) -> dict[str, Any]:
        return {
            **figures(self._grid.summary()),
            **changed_outcomes(self._grid.changes_since(), self._numbers),
        }

    def _texts(self, changed: Sequence[int]) -> list[list[Any]]:
        found = []
        for number in changed:
            place = self._shown.get(number)
            patch = place.advance(self._grid.cells[number]) if place is not None else None
            if patch is not None:
                found.append([number, *patch])
        return found

    def _new_heads(self, changed: Sequence[int], now: float) -> list[list[Any]]:
        """Of a streaming cell once a second; a change of status, checks or rating at once."""
        found = []
        for number in changed:
            cell = self._grid.cells[number]
            step = steps(cell, self._checks)
            due = now - self._head_at.get(number, 0.0) >= _FIGURES_SECONDS or cell.settled
            if step == self._steps.get(number) and not due:
                self._late.add(number)
                continue
            new = head(cell, self._checks)
            self._steps[number], self._head_at[number] = step, now
            if new != self._heads.get(number):
                self._heads[number] = new
                found.append([number, new])
        return found

    def _new_details(self, changed: Sequence[int]) -> list[list[Any]]:
        found = []
        for number in changed:
            if number in self._shown:
                new = details(self._grid.cells[number])
                if new != self._details.get(number):
                    self._details[number] = new
                    found.append([number, new])
        return found

    def _new_figures(self, now: float) -> dict[str, Any]:
        """An interval costs about a millisecond for each pair, so that they are computed once a second."""
        done = self._grid.done
        self._figures_late = not done and now - self._figures_at < _FIGURES_SECONDS
        if self._figures_late:
            return {}
        self._figures_at = now
        new = {**self._current_figures(), "baseline": self._baseline, "done": done, "written": self.written}
        if new == self._figures:
            return {}
        self._figures = new
        return {"figures": new}
