"""Parts of a limit a minute that are lent to workers, each of which keeps to its part by itself."""

from __future__ import annotations

from nbstream.pacing.window import MARGIN, SECONDS

__all__ = ["Lease", "LeaseWindow"]


class Lease:
    """A part of a limit.

    Attributes
    ----------
    amount : int
        How much the worker may use within any 60 seconds, and once it has ended, how much it used.
    ended : float or None
        When the worker was done.
    """

    __slots__ = ("amount", "ended")

    def __init__(self, amount: int) -> None:
        self.amount = amount
        self.ended: float | None = None


class LeaseWindow:
    """At most so much within any 60 seconds, by several workers together. Decisions only: no waiting.

    A lease counts from when it is lent until 60 seconds after its end. So all workers that were active within
    any 60 seconds were counted together when the last of them began.

    Parameters
    ----------
    most
        How much.

    Examples
    --------
    >>> window = LeaseWindow(10)
    >>> lease = window.lend(8)
    >>> window.wait(1.0, 5) is None
    True
    >>> window.end(lease, 2.0, used=6)
    >>> round(window.wait(3.0, 5), 1), window.wait(3.0, 4)
    (59.1, 0.0)
    """

    def __init__(self, most: int) -> None:
        self.most = most
        self._leases: list[Lease] = []

    def wait(self, now: float, amount: int) -> float | None:
        """Seconds until so much may be lent; None until a lease has ended.

        An amount above the limit waits until nothing else counts.
        """
        self._leases = [lease for lease in self._leases if _until(lease) > now]
        excess = sum(lease.amount for lease in self._leases) + min(amount, self.most) - self.most
        if excess <= 0:
            return 0.0
        for lease in sorted(self._leases, key=_until):
            excess -= lease.amount
            if excess <= 0:
                return None if lease.ended is None else _until(lease) - now
        return None

    def lend(self, amount: int) -> Lease:
        """Lend so much."""
        lease = Lease(amount)
        self._leases.append(lease)
        return lease

    def end(self, lease: Lease, now: float, used: int) -> None:
        """A worker is done."""
        lease.ended = now
        lease.amount = min(lease.amount, used)


def _until(lease: Lease) -> float:
    """Until when a lease counts."""
    return float("inf") if lease.ended is None else lease.ended + SECONDS + MARGIN
