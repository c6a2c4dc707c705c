"""Checks of figures: how long an answer took, and what it cost."""

from __future__ import annotations

from typing import Any

from nbstream.comparison.checks.check import Check, Follower, Row
from nbstream.comparison.checks.outcome import Outcome, failed, passed, wrong
from nbstream.errors import ArgumentError
from nbstream.reply import Reply

__all__ = ["cost", "latency"]


def latency(milliseconds: float) -> Check:
    """Whether the answer is complete within so many milliseconds after its request was sent.

    Raises
    ------
    ArgumentError
        When it is not a number above 0.

    Examples
    --------
    >>> latency(2000).follow({}).feed("Still…", 2.5).reason
    'It took more than 2,000 ms.'
    """
    _check_limit("latency", milliseconds)
    return _Latency(milliseconds)


def cost(dollars: float) -> Check:
    """Whether the answer cost at most so many US dollars. Without a known price it is an error.

    Raises
    ------
    ArgumentError
        When it is not a number above 0.

    Examples
    --------
    >>> cost(0.01)
    <Check cost: 0.01>
    """
    _check_limit("cost", dollars)
    return _Cost(dollars)


class _Latency(Check):
    def __init__(self, milliseconds: float) -> None:
        super().__init__(f"latency: {milliseconds:g}")
        self._limit = milliseconds

    def follow(self, row: Row) -> Follower:
        return _LatencyFollower(self._limit)

    def as_promptfoo(self) -> dict[str, Any]:
        return {"type": "latency", "threshold": self._limit}


class _LatencyFollower(Follower):
    def __init__(self, milliseconds: float) -> None:
        self._limit = milliseconds
        self.seconds = milliseconds / 1000

    def feed(self, delta: str, at: float) -> Outcome | None:
        return self._outcome(at) if at * 1000 > self._limit else None

    def end(self, reply: Reply) -> Outcome:
        return self._outcome(reply.timings.duration or 0.0)

    def _outcome(self, seconds: float) -> Outcome:
        if seconds * 1000 <= self._limit:
            return passed()
        return failed(f"It took more than {self._limit:,g} ms.")


class _Cost(Check):
    def __init__(self, dollars: float) -> None:
        super().__init__(f"cost: {dollars:g}")
        self._limit = dollars

    def follow(self, row: Row) -> Follower:
        return _CostFollower(self._limit)

    def as_promptfoo(self) -> dict[str, Any]:
        return {"type": "cost", "threshold": self._limit}


class _CostFollower(Follower):
    def __init__(self, dollars: float) -> None:
        self._limit = dollars

    def end(self, reply: Reply) -> Outcome:
        price = reply.usage.cost if reply.usage is not None else None
        if price is None:
            return wrong("The price of the answer is not known.")
        return passed() if price <= self._limit else failed(f"It cost ${price:f}.")


def _check_limit(name: str, limit: object) -> None:
    if isinstance(limit, bool) or not isinstance(limit, int | float) or not limit > 0:
        raise ArgumentError(f"{name}({limit!r}) is not a number above 0.")
