"""What is sent to the page of a batch: numbered messages with the rows that have changed.

`js/core/batch-protocol.ts` describes them. A page keeps the figures of all rows, which it needs to sort and
filter them, as columns of numbers. It gets the texts of rows in sight only.
"""

from __future__ import annotations

from array import array
from collections.abc import Iterable, Sequence
from typing import Any

from nbstream.batching.outcome import Outcome, RowStatus
from nbstream.batching.progress import BatchEvent, RowEnded, RowsOpened, RowStarted
from nbstream.batching.view.exchange import short_answer, short_values
from nbstream.batching.view.shown_batch import ShownBatch

__all__ = ["VERSION", "BatchPublisher"]

VERSION = 1
MOST_ROWS = 4000
"""Of one message: a Jupyter server drops output above 1 MB a second."""

_FIRST_IN_SIGHT = 24
_MOST_PAGES = 8
_LETTERS: dict[RowStatus, str] = {
    "finished": "f",
    "truncated": "t",
    "refused": "r",
    "invalid": "i",
    "failed": "x",
    "unsent": "w",
}
_SENT = "s"


class BatchPublisher:
    """Makes the messages of one batch.

    Parameters
    ----------
    batch
        The batch.

    Attributes
    ----------
    seq : int
        Number of the last message.
    written : int
        How often the output of the ended batch was written.
    """

    def __init__(self, batch: ShownBatch) -> None:
        self._batch = batch
        self._total = len(batch.outcomes)
        self._changed: dict[int, None] = {}
        self._in_flight: set[int] = set()
        self._order = array("l", bytes(array("l").itemsize * self._total))
        self._ended = 0
        # A page that has not told yet what it shows begins with the first rows.
        self._pages: dict[str, set[int]] = {"": set(range(min(_FIRST_IN_SIGHT, self._total)))}
        self._figures: dict[str, Any] = {}
        self.seq = self.written = 0
        for at, outcome in enumerate(batch.outcomes):
            if outcome is not None:
                self._number(at)

    def take(self, event: BatchEvent) -> None:
        """Note an event of the batch."""
        match event:
            case RowStarted(rows=rows):
                self._in_flight.update(rows)
            case RowEnded(rows=rows):
                self._in_flight.difference_update(rows)
                for at in rows:
                    self._number(at)
            case RowsOpened(rows=rows):
                pass
            case _:
                return
        self._changed.update(dict.fromkeys(rows))

    def has_begun(self, at: int) -> bool:
        """Whether a row was sent or has ended."""
        return at in self._in_flight or self._batch.outcomes[at] is not None

    @property
    def has_more(self) -> bool:
        """Whether rows have changed that were not sent."""
        return bool(self._changed)

    def snapshot(self) -> dict[str, Any]:
        """Everything but the rows, which the page requests."""
        self._figures = self._current_figures()
        return {
            "v": VERSION,
            "seq": self.seq,
            "total": self._total,
            "begun": self._ended > 0 or bool(self._in_flight),
            "figures": self._figures,
        }

    def message(self) -> dict[str, Any] | None:
        """What has changed since the last message; None if that is nothing."""
        rows = list(self._changed)[:MOST_ROWS]
        for at in rows:
            del self._changed[at]
        found: dict[str, Any] = {}
        if rows:
            found["rows"] = self.columns(rows)
        shown = set().union(*self._pages.values()).intersection(rows)
        if shown:
            found["texts"] = self.texts(sorted(shown))
        figures = self._current_figures()
        if figures != self._figures:
            self._figures = found["figures"] = figures
        if not found:
            return None
        self.seq += 1
        return {"t": "rows", "seq": self.seq, **found}

    def columns(self, rows: Sequence[int]) -> dict[str, Any]:
        """The figures of some rows, one list for each figure: far fewer objects than one for each row."""
        outcomes = [self._batch.outcomes[at] for at in rows]
        usages = [None if outcome is None else outcome.usage for outcome in outcomes]
        return {
            "at": rows,
            "status": "".join(map(self._letter, rows, outcomes)),
            "input": [usage and usage.input for usage in usages],
            "output": [usage and usage.output for usage in usages],
            "cost": [None if usage is None or usage.cost is None else float(usage.cost) for usage in usages],
            "ms": [_milliseconds(outcome) for outcome in outcomes],
            "attempts": [0 if outcome is None else outcome.attempts for outcome in outcomes],
            "order": [self._order[at] for at in rows],
        }

    def show(self, page: str, rows: Iterable[int], lacking: Iterable[int]) -> list[list[Any]]:
        """From now on send the texts of these rows when they end; return those that the page lacks.

        Parameters
        ----------
        page
            Names the page. Of the pages that do not report their end, the last 8 are kept.
        rows
            The rows in sight in this page.
        lacking
            Those of them whose texts the page lacks.
        """
        wanted = set(rows)
        for gone in ("", page):
            self._pages.pop(gone, None)
        self._pages[page] = wanted
        if len(self._pages) > _MOST_PAGES:
            del self._pages[next(iter(self._pages))]
        return self.texts([at for at in lacking if at in wanted])

    def leave(self, page: str) -> None:
        """The page shows no rows any more."""
        self._pages.pop(page, None)

    def texts(self, rows: Sequence[int]) -> list[list[Any]]:
        """Number, values and beginning of the answer of some rows."""
        values: dict[int, str] = {}
        for first, end in _ranges(rows):
            values |= zip(range(first, end), short_values(self._batch.plan, first, end), strict=True)
        return [[at, values[at], short_answer(self._batch.outcomes[at])] for at in rows]

    def _number(self, at: int) -> None:
        self._ended += 1
        self._order[at] = self._ended

    def _letter(self, at: int, outcome: Outcome | None) -> str:
        if outcome is None:
            return _SENT if at in self._in_flight else _LETTERS["unsent"]
        return _LETTERS[outcome.status]

    def _current_figures(self) -> dict[str, Any]:
        progress = self._batch.progress
        expected = progress.expected_cost
        return {
            "phase": progress.phase,
            "answered": progress.answered,
            "failed": progress.failed,
            "cut": progress.truncated,
            "stored": progress.cached,
            "in_flight": progress.in_flight,
            "input": progress.input_tokens,
            "output": progress.output_tokens,
            "rate": _rounded(progress.rate),
            "seconds_left": _rounded(progress.seconds_left),
            "cost": float(progress.cost),
            "expected_cost": None if expected is None else float(expected),
            "errors": [[kind, count] for kind, count in progress.errors.most_common() if count],
            "jobs": None if progress.jobs is None else [progress.jobs.done, progress.jobs.requests],
            "problem": self._batch.problem(),
            "written": self.written,
        }


def _milliseconds(outcome: Outcome | None) -> int | None:
    return None if outcome is None or outcome.seconds is None else round(outcome.seconds * 1000)


def _rounded(value: float | None) -> float | None:
    return None if value is None else round(value, 1)


def _ranges(rows: Sequence[int]) -> list[tuple[int, int]]:
    """Rows as ranges, so that a table is not read row by row.

    Examples
    --------
    >>> _ranges([3, 4, 5, 9])
    [(3, 6), (9, 10)]
    """
    found: list[tuple[int, int]] = []
    for at in sorted(set(rows)):
        if found and found[-1][1] == at:
            found[-1] = (found[-1][0], at + 1)
        else:
            found.append((at, at + 1))
    return found
