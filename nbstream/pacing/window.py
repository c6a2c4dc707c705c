"""Limits of requests and tokens a minute that hold in every minute, wherever it begins."""

from __future__ import annotations

from collections import deque

__all__ = ["SlidingWindow"]

SECONDS = 60.0
MARGIN = 0.1
"""Seconds: a request may reach the server a little later than the one before it."""
_ROUNDING = 1e-6


class Use:
    """What one request takes from a limit.

    Attributes
    ----------
    at : float
        When it was sent.
    amount : int
        How much it takes.
    """

    __slots__ = ("amount", "at")

    def __init__(self, at: float, amount: int) -> None:
        self.at = at
        self.amount = amount


class SlidingWindow:
    """At most so much within any 60 seconds. Decisions only: no waiting.

    Parameters
    ----------
    most
        How much.

    Examples
    --------
    >>> window = SlidingWindow(2)
    >>> _ = window.take(0, 1), window.take(30, 1)
    >>> round(window.wait(40, 1), 1), window.wait(61, 1)
    (20.1, 0.0)
    """

    def __init__(self, most: int) -> None:
        self.most = most
        self._uses: deque[Use] = deque()
        self._sum = 0

    def wait(self, now: float, amount: int) -> float:
        """Seconds until that much may be taken; an amount above the limit waits until nothing else counts."""
        self._forget(now)
        excess = self._sum + amount - self.most
        for use in self._uses:
            if excess <= 0:
                break
            excess -= use.amount
            last = use
        else:
            if not self._uses:
                return 0.0
        return max(0.0, last.at + SECONDS + MARGIN - now) if self._sum + amount > self.most else 0.0

    def take(self, now: float, amount: int) -> Use:
        """Count a request that is sent now."""
        use = Use(now, amount)
        self._uses.append(use)
        self._sum += amount
        return use

    def correct(self, use: Use, amount: int) -> None:
        """Count what a request really took, instead of what was estimated."""
        if self._uses and use.at >= self._uses[0].at:
            self._sum += amount - use.amount
        use.amount = amount

    def _forget(self, now: float) -> None:
        while self._uses and self._uses[0].at + SECONDS + MARGIN <= now + _ROUNDING:
            self._sum -= self._uses.popleft().amount
