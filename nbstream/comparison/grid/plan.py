"""What a comparison does, as its arguments say it."""

from __future__ import annotations

import hashlib
import random
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from nbstream._util.names import did_you_mean
from nbstream.comparison.checks import Check, PairCheck, StopWhen
from nbstream.comparison.grid.cell import Cell
from nbstream.comparison.grid.rows import Row
from nbstream.comparison.grid.variant import Variant
from nbstream.errors import ArgumentError

__all__ = ["Plan"]

_NOT_SENT = frozenset({"api_key", "client", "debug", "router"})


@dataclass(frozen=True, slots=True)
class Plan:
    """What a comparison does.

    Parameters
    ----------
    variants, rows, n
        Columns, rows, and how many answers to each request.
    checks, pairs
        The checks by name: of answers alone, and of answers compared with those of the baseline.
    stop_when
        When the checks close a stream.
    baseline
        The variant that the others are compared with.
    race
        What the variants race for: the score of a check, by its name, or "" for passing all checks; None for
        no race.
    alpha
        Probability of a wrong decision of the race.
    concurrency, per_host
        How many requests at a time, altogether and to one host.
    strict
        Whether one failed answer makes the comparison fail.
    chat, send
        Keywords of the chats and of their requests.
    """

    variants: tuple[Variant, ...]
    rows: tuple[Row, ...]
    n: int = 1
    checks: Mapping[str, Check] = field(default_factory=dict)
    pairs: Mapping[str, PairCheck] = field(default_factory=dict)
    stop_when: StopWhen = "failed"
    baseline: Variant | None = None
    race: str | None = None
    alpha: float = 0.05
    concurrency: int = 16
    per_host: int = 8
    strict: bool = False
    chat: Mapping[str, Any] = field(default_factory=dict)
    send: Mapping[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for name, value in {"n": self.n, "concurrency": self.concurrency, "per_host": self.per_host}.items():
            if isinstance(value, bool) or not isinstance(value, int) or value < 1:
                raise ArgumentError(f"{name}={value!r} is not a number of at least 1.")
        if self.race is not None:
            self._check_race(self.race)
        self._check_rows()

    @property
    def names(self) -> list[str]:
        """The names of all checks."""
        return [*self.checks, *self.pairs]

    @property
    def reference(self) -> Variant:
        """The variant that the others are compared with."""
        return self.baseline or self.variants[0]

    @property
    def binary(self) -> bool:
        """Whether each row of the race is passed or failed, and has no score between."""
        if self.n > 1 or self.race in self.pairs:
            return False
        return not self.race or not self.checks[self.race].graded

    @property
    def shuffled(self) -> tuple[Row, ...]:
        """The rows as they are requested: in a race at random, for the table may be sorted."""
        rows = list(self.rows)
        if self.race is not None:
            random.Random(0).shuffle(rows)  # noqa: S311  an order, not a secret
        return tuple(rows)

    def cells(self) -> list[Cell]:
        """The cells, row by row."""
        return [
            Cell(variant, row, sample)
            for row in self.rows
            for variant in self.variants
            for sample in range(self.n)
        ]

    def key(self, cell: Cell) -> str:
        """A hash that is equal for equal requests, also of other plans."""
        given = {**self.chat, **self.send}
        options = sorted((name, repr(value)) for name, value in given.items() if name not in _NOT_SENT)
        text = f"{cell.variant.key(cell.row.fields, cell.sample)} {options}"
        return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()

    def _check_rows(self) -> None:
        """Fill in every prompt and check once, before anything is paid for.

        Raises
        ------
        ArgumentError
            When a row has not what a prompt or a check needs.
        """
        for row in self.rows:
            try:
                for variant in self.variants:
                    variant.question(row.fields)
                for check in self.checks.values():
                    check.follow(row.fields)
                for pair in self.pairs.values():
                    pair.check_row(row.fields)
            except ArgumentError as error:
                raise ArgumentError(f"Row {row.label!r}: {error.message}", advice=error.advice) from None

    def _check_race(self, race: str) -> None:
        if len(self.variants) < 2:
            raise ArgumentError("A race needs at least two variants.")
        if not self.names or (not race and not self.checks):
            raise ArgumentError("A race needs checks to decide by.", advice="Add checks=….")
        if race and race not in self.names:
            near = did_you_mean(race, self.names) or f"There are: {', '.join(map(repr, self.names))}."
            raise ArgumentError(f"There is no check {race!r} to race for.", advice=near)
