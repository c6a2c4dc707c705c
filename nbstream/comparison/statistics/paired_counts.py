"""Two variants on the same rows, each passed or failed: McNemar's test and Newcombe's interval."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal, Self

from nbstream.comparison.statistics.interval import Interval, check_confidence, wilson

__all__ = ["PairedCounts"]


@dataclass(frozen=True, slots=True)
class PairedCounts:
    """How many rows both variants passed, only one of them, or none.

    Parameters
    ----------
    both, neither
        Rows with the same outcome.
    first, second
        Rows that only the first or only the second variant passed: the discordant pairs.

    Examples
    --------
    >>> counts = PairedCounts.of([(True, True), (True, False), (True, False), (False, False)])
    >>> counts
    PairedCounts(both=1, first=2, second=0, neither=1)
    >>> counts.difference, counts.mcnemar()
    (0.5, 0.5)
    """

    both: int
    first: int
    second: int
    neither: int

    @classmethod
    def of(cls, pairs: Iterable[tuple[bool, bool]]) -> Self:
        """Count pairs of outcomes."""
        counts = {(True, True): 0, (True, False): 0, (False, True): 0, (False, False): 0}
        for first, second in pairs:
            counts[bool(first), bool(second)] += 1
        return cls(*counts.values())

    @property
    def n(self) -> int:
        """How many rows."""
        return self.both + self.first + self.second + self.neither

    @property
    def difference(self) -> float:
        """Pass rate of the first variant minus that of the second; NaN without rows."""
        return (self.first - self.second) / self.n if self.n else math.nan

    def mcnemar(self, method: Literal["exact", "mid-p"] = "exact") -> float:
        """The p-value of no difference, two-sided, for a number of rows that was fixed beforehand.

        Parameters
        ----------
        method
            ``"exact"``: the binomial test of the discordant pairs, never too optimistic. ``"mid-p"``: half
            the probability of the observed outcome is left out, which is less conservative.

        Examples
        --------
        >>> counts = PairedCounts(30, 12, 2, 6)
        >>> round(counts.mcnemar(), 4), round(counts.mcnemar("mid-p"), 4)
        (0.0129, 0.0074)
        """
        n, fewer = self.first + self.second, min(self.first, self.second)
        if self.first == self.second:
            return 1.0
        tail = sum(math.comb(n, k) for k in range(fewer + 1))
        exact = min(1.0, 2 * tail / (1 << n))
        return exact if method == "exact" else exact - math.comb(n, fewer) / (1 << n)

    def newcombe(self, confidence: float = 0.95) -> Interval:
        """Newcombe's score interval of the difference (method 10), for a fixed number of rows.

        Examples
        --------
        >>> interval = PairedCounts(36, 12, 2, 0).newcombe()
        >>> round(interval.low, 4), round(interval.high, 4)
        (0.0569, 0.3404)
        """
        check_confidence(confidence)
        if not self.n:
            return Interval(math.nan, -1.0, 1.0, 0, confidence)
        mine, other = self.both + self.first, self.both + self.second
        a, b = wilson(mine, self.n, confidence), wilson(other, self.n, confidence)
        phi = self._correlation()
        low = _distance(a.estimate - a.low, b.high - b.estimate, phi)
        high = _distance(a.high - a.estimate, b.estimate - b.low, phi)
        difference = self.difference
        return Interval(
            difference, max(-1.0, difference - low), min(1.0, difference + high), self.n, confidence
        )

    def _correlation(self) -> float:
        """Newcombe's estimate of the correlation, with a continuity correction where it is positive."""
        mine, other = self.both + self.first, self.both + self.second
        margins = mine * (self.n - mine) * other * (self.n - other)
        if not margins:
            return 0.0
        excess = self.both * self.neither - self.first * self.second
        corrected = max(excess - self.n / 2, 0.0) if excess > 0 else excess
        return corrected / math.sqrt(margins)


def _distance(one: float, other: float, phi: float) -> float:
    return math.sqrt(max(0.0, one * one - 2 * phi * one * other + other * other))
