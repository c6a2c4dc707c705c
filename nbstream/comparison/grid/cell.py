"""One answer of a comparison."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Literal

from nbstream.comparison.checks import Monitor, Outcome, PairCheck
from nbstream.comparison.grid.rows import Row
from nbstream.comparison.grid.variant import Variant
from nbstream.errors import NbstreamError, StateError
from nbstream.reply import Reply

__all__ = ["Cell", "CellStatus"]

CellStatus = Literal[
    "waiting", "submitted", "streaming", "finished", "closed", "stopped", "failed", "skipped"
]


class Cell:
    """One answer of a comparison.

    Attributes
    ----------
    variant, row, sample
        The column, the row, and the number of the answer among several to the same request.
    reply
        The reply; None as long as it waits.
    rating
        The user's thumb: True, False or None.
    note
        The user's remark.
    reused
        Whether the answer was taken from an earlier comparison.
    on_change
        Called after each change, on the thread that makes it.
    """

    def __init__(self, variant: Variant, row: Row, sample: int) -> None:
        self.variant = variant
        self.row = row
        self.sample = sample
        self.rating: bool | None = None
        self.note = ""
        self.on_change: Callable[[Cell], None] | None = None
        self.reset()

    def reset(self) -> None:
        """Forget the answer: it will be requested again."""
        self.reply: Reply | None = None
        self.reused = False
        self._checked = False
        self._monitor: Monitor | None = None
        self._ended: Literal["stopped", "skipped"] | None = None
        self._failure: NbstreamError | None = None

    def __repr__(self) -> str:
        return f"<Cell {self.variant.name!r}, row {self.row.label!r}: {self.status}>"

    @property
    def status(self) -> CellStatus:
        """``"waiting"``, a status of its reply, ``"closed"`` by a check, or ``"skipped"`` by the race."""
        if self._failure is not None:
            return "failed"
        if self._ended is not None and (self.reply is None or self._ended == "skipped"):
            return self._ended
        if self.reply is None:
            return "waiting"
        return "closed" if self._monitor is not None and self._monitor.closed else self.reply.status

    @property
    def answered(self) -> bool:
        """Whether it has an answer that counts."""
        return self.status in {"finished", "closed"}

    @property
    def settled(self) -> bool:
        """Whether nothing of it changes any more: it has ended, and all checks are carried out."""
        if self._failure is not None or (self.reply is None and self._ended is not None):
            return True
        return self._checked

    @property
    def text(self) -> str:
        """The answer so far."""
        return self.reply.text if self.reply is not None else ""

    @property
    def error(self) -> NbstreamError | None:
        """Why it failed; None if it did not."""
        return self._failure or (self.reply.error if self.reply is not None else None)

    @property
    def outcomes(self) -> Mapping[str, Outcome]:
        """What the checks say so far, by their names."""
        return self._monitor.outcomes if self._monitor is not None else {}

    @property
    def passed(self) -> bool | None:
        """Whether all checks passed; None where that is not known.

        Comparisons with the baseline do not count, since the baseline has none.
        """
        outcomes = [outcome.passed for outcome in self.outcomes.values() if not outcome.against]
        if not self.answered or not outcomes:
            return None
        if False in outcomes:
            return False
        return None if None in outcomes else True

    async def answer(self, reply: Reply, monitor: Monitor) -> None:
        """Take the reply, and check it until it has ended. `settle` follows."""
        self.reply, self._monitor = reply, monitor
        reply.watch(self._tell)
        await monitor.follow(reply)

    async def compare(self, other: Cell, pairs: Mapping[str, PairCheck]) -> None:
        """Compare the answer with that of the baseline."""
        if self._monitor is None or not self.answered or not other.answered:
            return
        for name, check in pairs.items():
            answers = self.text, other.text
            asked = check.compare(self.row.fields, *answers)
            await self._monitor.ask(name, asked, against=other.variant.name)
            self._tell()

    def reopen(self) -> None:
        """Let its answer be compared once more with that of the baseline."""
        self._checked = False

    def settle(self) -> None:
        """Note that nothing of it changes any more."""
        self._checked = True
        self._tell()

    def fail(self, error: NbstreamError) -> None:
        """Note that it could not be requested."""
        self._failure = error
        self._tell()

    def rate(self, score: Literal[1, 0, -1], note: str = "") -> None:
        """Rate the answer, also for the log: 1, -1, or 0 for no rating. The note needs no rating.

        Raises
        ------
        StateError
            When it has not ended.
        """
        if self.reply is None:
            raise StateError(
                "An answer that has not ended cannot be rated.", advice="Wait until it has ended."
            )
        self.reply.rate(score, note)
        self.rating, self.note = None if score == 0 else score > 0, note.strip()
        self._tell()

    def end(self, how: Literal["stopped", "skipped"], by: Literal["user", "interrupt"] = "user") -> None:
        """Stop its reply and its checks, or do not request it."""
        if self.reply is None or not self.reply.done:
            self._ended = how
            if self.reply is not None:
                self.reply.stop(by)
        elif self._monitor is not None:
            self._monitor.stop()
        self._tell()

    def _tell(self) -> None:
        if self.on_change is not None:
            self.on_change(self)
