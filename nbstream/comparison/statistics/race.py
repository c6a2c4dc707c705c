"""A race: variants answer the same rows until the data decide which is the best."""

from __future__ import annotations

import math
from collections.abc import Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import permutations
from typing import Generic, TypeVar

from nbstream.comparison.statistics.evidence import PairedEvidence
from nbstream.comparison.statistics.interval import check_confidence
from nbstream.comparison.statistics.threshold import log_threshold
from nbstream.errors import ArgumentError

__all__ = ["Drop", "Race"]

V = TypeVar("V", bound=Hashable)


@dataclass(frozen=True, slots=True)
class Drop(Generic[V]):
    """A variant that left the race.

    Parameters
    ----------
    variant, by
        The variant, and the one that is better.
    rows
        After how many rows.
    """

    variant: V
    by: V
    rows: int


class Race(Generic[V]):
    """Drops each variant that another one is shown to be better than.

    Outcomes can arrive in any order. They count row by row, in the order of the rows: if fast answers counted
    first, a variant whose failures are fast would look worse than it is.

    The probability that the winner is not better than each other variant is at most `alpha`, however often
    the race is looked at. It ends when one variant is left, or when the remaining rows cannot decide it.

    Parameters
    ----------
    variants
        Their names.
    rows
        How many rows there are.
    alpha
        Probability of a wrong decision.
    binary
        Whether an outcome is passed or failed. Otherwise it is a score from 0 to 1, and deciding takes
        more rows.

    Examples
    --------
    >>> race = Race(["short", "long"], rows=40)
    >>> for row in range(40):
    ...     for variant in race.racing:
    ...         drops = race.add(row, variant, variant == "short")
    ...     if race.over:
    ...         break
    >>> race.winner, race.dropped
    ('short', (Drop(variant='long', by='short', rows=7),))
    """

    def __init__(self, variants: Sequence[V], rows: int, *, alpha: float = 0.05, binary: bool = True) -> None:
        if len(set(variants)) != len(variants) or len(variants) < 2:
            raise ArgumentError("A race needs at least two variants with different names.")
        check_confidence(1 - alpha)
        self._racing = list(variants)
        self._dropped: list[Drop[V]] = []
        self._rows = rows
        self._waiting: dict[int, dict[V, float | None]] = {}
        self._counted = 0
        self._evidence = {pair: PairedEvidence() for pair in permutations(variants, 2)}
        # A false winner means that one of two equally good best variants, or the best one, was dropped: each
        # by one of the others.
        level = alpha / (2 * (len(variants) - 1))
        self._limit = log_threshold(rows, level) if binary else -math.log(level)
        self._binary = binary
        self._over = False

    @property
    def racing(self) -> tuple[V, ...]:
        """The variants that are not dropped."""
        return tuple(self._racing)

    @property
    def dropped(self) -> tuple[Drop[V], ...]:
        """The variants that left, in order."""
        return tuple(self._dropped)

    @property
    def counted(self) -> int:
        """How many rows count: all before the first that is not complete."""
        return self._counted

    @property
    def winner(self) -> V | None:
        """The variant that is left; None if there are more."""
        return self._racing[0] if len(self._racing) == 1 else None

    @property
    def over(self) -> bool:
        """Whether further outcomes change nothing."""
        return self._over

    def evidence(self, first: V, second: V) -> PairedEvidence:
        """The differences of two variants over the rows that both were asked and that count."""
        return self._evidence[first, second]

    def add(self, row: int, variant: V, score: float | None) -> tuple[Drop[V], ...]:
        """Add an outcome, and return the variants that it drops.

        Parameters
        ----------
        row
            Number of the row, from 0.
        variant
            Its name. What arrives of a dropped one is ignored.
        score
            True, False or a score from 0 to 1; None where there is none, such as after an error.

        Raises
        ------
        ArgumentError
            When the row or the score is not possible.
        """
        if not 0 <= row < self._rows:
            raise ArgumentError(f"There is no row {row}: the race has {self._rows}.")
        if score is not None and (not 0 <= score <= 1 or (self._binary and score not in {0, 1})):
            raise ArgumentError(f"A score of {score!r} is not possible in this race.")
        if variant not in self._racing or row < self._counted:
            return ()
        self._waiting.setdefault(row, {})[variant] = score
        drops: list[Drop[V]] = []
        while not self._over and len(self._waiting.get(self._counted, ())) == len(self._racing):
            drops += self._drop(self._count(self._waiting.pop(self._counted)))
            self._over = len(self._racing) == 1 or not self._can_drop()
        return tuple(drops)

    def rows_needed(self) -> int | None:
        """About how many more rows decide, if the variants go on as they did; None if that is not foreseen.

        Examples
        --------
        >>> race = Race(["a", "b"], rows=40)
        >>> for row in range(40):
        ...     for variant in "ab":
        ...         drops = race.add(row, variant, row % 10 < (9 if variant == "a" else 7))
        >>> race.winner, race.rows_needed()
        ('a', 0)
        """
        if self.winner is not None:
            return 0
        best = max(self._racing, key=self._lead)
        others = [self._evidence[best, other] for other in self._racing if other != best]
        needed = [evidence.rows_needed(self._limit) for evidence in others]
        known = [rows for rows in needed if rows is not None]
        return max(known) if len(known) == len(needed) else None

    def _count(self, scores: Mapping[V, float | None]) -> list[tuple[V, V]]:
        """Count a row, and return the pairs of which the first was better."""
        self._counted += 1
        better = []
        for pair in permutations(self._racing, 2):
            one, other = scores[pair[0]], scores[pair[1]]
            if one is not None and other is not None:
                self._evidence[pair].add(one - other)
                if one > other:
                    better.append(pair)
        return better

    def _drop(self, pairs: Iterable[tuple[V, V]]) -> list[Drop[V]]:
        drops: list[Drop[V]] = []
        for first, second in pairs:
            racing = first in self._racing and second in self._racing
            if racing and self._evidence[first, second].log_strength >= self._limit:
                self._leave(second)
                drops.append(Drop(second, first, self._counted))
        self._dropped += drops
        return drops

    def _leave(self, variant: V) -> None:
        self._racing.remove(variant)
        for scores in self._waiting.values():
            scores.pop(variant, None)

    def _can_drop(self) -> bool:
        """Whether any pair is separated if one of it is better on all the rows that are left."""
        left = self._rows - self._counted
        return any(
            self._evidence[pair].log_strength_with(left) >= self._limit
            for pair in permutations(self._racing, 2)
        )

    def _lead(self, variant: V) -> float:
        others = [other for other in self._racing if other != variant]
        return min(self._evidence[variant, other].log_strength for other in others)
