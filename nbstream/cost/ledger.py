"""The usage of a session: every request that ended, added up by chat and model."""

from __future__ import annotations

import threading
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from decimal import Decimal

from nbstream.cost.budget import Spending
from nbstream.cost.estimate import Calibration
from nbstream.types.usage import Usage

__all__ = ["Ledger", "UsageTotals"]


@dataclass(frozen=True, slots=True)
class UsageTotals:
    """Requests of one chat to one model.

    Parameters
    ----------
    requests
        How many were sent and answered; each retry and each step of tools is one.
    usage
        The tokens that the server reported.
    cost
        The price of all requests that have one, in US dollars.
    estimated
        The part of it that was reserved for requests without reported usage, such as stopped ones.
    unpriced
        How many requests have no price, so that they are not part of `cost`.
    free
        Whether the model runs on this machine.
    """

    requests: int = 0
    usage: Usage = field(default_factory=Usage)
    cost: Decimal = field(default_factory=Decimal)
    estimated: Decimal = field(default_factory=Decimal)
    unpriced: int = 0
    free: bool = False

    def __add__(self, other: UsageTotals) -> UsageTotals:
        return UsageTotals(
            self.requests + other.requests,
            self.usage + other.usage,
            self.cost + other.cost,
            self.estimated + other.estimated,
            self.unpriced + other.unpriced,
            self.free and other.free,
        )


class Ledger:
    """The usage of one session. Its methods may be called from any thread.

    Attributes
    ----------
    spending : Spending
        What the session has spent.
    """

    def __init__(self) -> None:
        self.spending = Spending()
        self._lock = threading.Lock()
        self._totals: dict[tuple[str, str, str], UsageTotals] = {}
        self._calibrations: dict[tuple[str, str], Calibration] = {}

    def record(self, chat: str, where: str, model: str, totals: UsageTotals) -> None:
        """Add requests of a chat to a model at an endpoint."""
        key = chat, where, model
        with self._lock:
            known = self._totals.get(key, UsageTotals(free=totals.free))
            self._totals[key] = replace(known + totals, free=totals.free)

    def totals(self) -> Mapping[tuple[str, str, str], UsageTotals]:
        """Tallies by chat, provider or host, and model; a chat without a name is an empty text."""
        with self._lock:
            return dict(sorted(self._totals.items()))

    def total(self) -> UsageTotals:
        """All requests."""
        return sum(self.totals().values(), UsageTotals(free=True))

    def calibration(self, where: str, model: str) -> Calibration:
        """How the model at an endpoint counts tokens."""
        known = self._calibrations.get((where, model))
        if known is not None:
            return known
        with self._lock:
            return self._calibrations.setdefault((where, model), Calibration())
