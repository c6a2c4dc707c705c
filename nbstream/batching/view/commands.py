"""The commands of the page of a batch."""

from __future__ import annotations

import time
from collections.abc import Callable
from itertools import islice
from typing import Any

from nbstream.batching.view.exchange import exchange, found
from nbstream.batching.view.publisher import MOST_ROWS, BatchPublisher
from nbstream.batching.view.shown_batch import ShownBatch
from nbstream.protocol.command import Command, CommandError, Result
from nbstream.protocol.dispatch import Handlers

__all__ = ["BatchCommands"]

SEARCH_SECONDS = 0.01
"""A search ends after this time, so that the event loop stays free; the page then continues it."""
_SEARCHED_TOGETHER = 64


class BatchCommands:
    """Carries out commands on a batch.

    Parameters
    ----------
    batch
        The batch.
    publisher
        Knows which rows are in sight.
    resync
        Sends the whole state.
    seen
        Called with the number of the last message that a page has applied.
    output
        Returns data and metadata of the output as of now.
    keep, release
        Called once a page writes the output, and when no page has to bring it back any more.
    """

    def __init__(
        self,
        batch: ShownBatch,
        publisher: BatchPublisher,
        *,
        resync: Callable[[], None],
        seen: Callable[[int], None],
        output: Callable[[], tuple[dict[str, Any], dict[str, Any]]],
        keep: Callable[[], None],
        release: Callable[[], None],
    ) -> None:
        self._batch = batch
        self._publisher = publisher
        self._resync = resync
        self._seen = seen
        self._output = output
        self._keep = keep
        self._release = release

    @property
    def handlers(self) -> Handlers:
        """The handlers by the names of their commands."""
        batch = self._batch
        return {
            "pause": lambda _: batch.pause(),
            "resume": lambda _: batch.resume(),
            "stop": lambda _: batch.stop(),
            "cancel": lambda _: batch.cancel(),
            "retry": lambda _: batch.retry(),
            "rows": self._rows,
            "show": self._show,
            "search": self._search,
            "exchange": self._exchange,
            "seen": lambda command: self._seen(command.integer("seq")),
            "gone": lambda command: self._publisher.leave(command.text("page")),
            "resync": lambda _: self._resync(),
            "keep": lambda _: self._keep(),
            "output": lambda _: Result(dict(zip(("data", "metadata"), self._output(), strict=True))),
            "release": lambda _: self._release(),
        }

    def _rows(self, command: Command) -> Result:
        """The figures of rows from one on; `next` is null at the end."""
        first = command.integer("from")
        rows = range(first, min(first + MOST_ROWS, self._total))
        begun = [at for at in rows if self._publisher.has_begun(at)]
        after = first + MOST_ROWS
        return Result(
            {"rows": self._publisher.columns(begun), "next": after if after < self._total else None}
        )

    def _show(self, command: Command) -> Result:
        rows, lacking = self._numbers(command, "rows"), self._numbers(command, "lacking")
        return Result({"texts": self._publisher.show(command.text("page"), rows, lacking)})

    def _search(self, command: Command) -> Result:
        """The rows in which a text is found: from one on for a short time, or among given ones."""
        text = command.text("text").casefold()
        if "rows" in command.arguments:
            rows = self._numbers(command, "rows")
            return Result({"found": [at for at in rows if self._finds(text, at)], "next": None})
        at, until = command.integer("from"), time.monotonic() + SEARCH_SECONDS
        hits: list[int] = []
        rows_left = self._batch.plan.table.rows(at)
        while at < self._total and time.monotonic() < until:
            some = list(islice(rows_left, _SEARCHED_TOGETHER))
            hits += [at + n for n, row in enumerate(some) if found(text, row, self._batch.outcomes[at + n])]
            at += len(some)
        return Result({"found": hits, "next": at if at < self._total else None})

    def _finds(self, text: str, at: int) -> bool:
        row = next(iter(self._batch.plan.table.rows(at, at + 1)))
        return found(text, row, self._batch.outcomes[at])

    def _exchange(self, command: Command) -> Result:
        at = command.integer("row")
        if at >= self._total:
            raise CommandError(f"The table has no row {at}.")
        return Result(exchange(self._batch.plan, at, self._batch.outcomes[at]))

    @property
    def _total(self) -> int:
        return len(self._batch.outcomes)

    def _numbers(self, command: Command, name: str) -> list[int]:
        values = command.arguments.get(name)
        if not isinstance(values, list) or not all(
            type(at) is int and 0 <= at < self._total for at in values
        ):
            raise CommandError(f"The command {command.name!r} needs numbers of rows {name!r}.")
        return values
