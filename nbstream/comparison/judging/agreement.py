"""How well a judge agrees with the user's thumbs."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Self

from nbstream.comparison.statistics.interval import Interval, normal_quantile, wilson

__all__ = ["Agreement"]


@dataclass(frozen=True, slots=True)
class Agreement:
    """Counts of answers that both the user and a judge have rated.

    Parameters
    ----------
    both_good, both_bad
        Answers on which they agree.
    judge_only
        Answers that only the judge calls good: false positives.
    user_only
        Answers that only the user calls good: false negatives.

    Examples
    --------
    >>> agreement = Agreement.of([(True, True)] * 17 + [(False, True)] * 3 + [(False, False)] * 10)
    >>> agreement.true_positive_rate.estimate, agreement.false_positive_rate.estimate
    (0.85, 0.0)
    >>> round(agreement.kappa().estimate, 2)
    0.79
    """

    both_good: int = 0
    judge_only: int = 0
    user_only: int = 0
    both_bad: int = 0

    @classmethod
    def of(cls, pairs: Iterable[tuple[bool, bool]]) -> Self:
        """Count pairs of the judge's vote and the user's."""
        counts = {(True, True): 0, (True, False): 0, (False, True): 0, (False, False): 0}
        for vote, thumb in pairs:
            counts[bool(vote), bool(thumb)] += 1
        return cls(*counts.values())

    @property
    def n(self) -> int:
        """How many answers both have rated."""
        return self.both_good + self.judge_only + self.user_only + self.both_bad

    @property
    def true_positive_rate(self) -> Interval:
        """How many of the answers that the user calls good the judge calls good."""
        return wilson(self.both_good, self.both_good + self.user_only)

    @property
    def false_positive_rate(self) -> Interval:
        """How many of the answers that the user calls bad the judge calls good."""
        return wilson(self.judge_only, self.judge_only + self.both_bad)

    def kappa(self, confidence: float = 0.95) -> Interval:
        """Cohen's kappa with its asymptotic interval: 1 is full agreement, 0 is chance.

        Examples
        --------
        >>> interval = Agreement(20, 5, 10, 15).kappa()
        >>> round(interval.low, 2), round(interval.estimate, 2), round(interval.high, 2)
        (0.15, 0.4, 0.65)
        """
        n = self.n
        good = (self.both_good + self.judge_only) / n if n else 0.0  # of the judge
        liked = (self.both_good + self.user_only) / n if n else 0.0  # of the user
        chance = good * liked + (1 - good) * (1 - liked)
        if not n or chance == 1:
            return Interval(math.nan, -1.0, 1.0, n, confidence)
        kappa = ((self.both_good + self.both_bad) / n - chance) / (1 - chance)
        half = normal_quantile(confidence) * self._kappa_error(kappa, chance, good, liked)
        return Interval(kappa, max(-1.0, kappa - half), min(1.0, kappa + half), n, confidence)

    def _kappa_error(self, kappa: float, chance: float, good: float, liked: float) -> float:
        """The standard error of kappa, by Fleiss, Cohen and Everitt (1969)."""
        n, rest = self.n, 1 - kappa
        agreed = (
            self.both_good * (1 - (good + liked) * rest) ** 2
            + self.both_bad * (1 - (2 - good - liked) * rest) ** 2
        ) / n
        differed = (self.judge_only * (1 - good + liked) ** 2 + self.user_only * (1 - liked + good) ** 2) / n
        variance = agreed + rest**2 * differed - (kappa - chance * rest) ** 2
        return math.sqrt(max(0.0, variance) / n) / (1 - chance)
