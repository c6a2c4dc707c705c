"""Checks of an answer that follow it while it streams."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Awaitable, Mapping
from dataclasses import replace
from typing import Any

from nbstream.comparison.checks.outcome import Outcome, failed, passed
from nbstream.reply import Reply

__all__ = ["Check", "Follower", "Not"]

Row = Mapping[str, Any]


class Follower(ABC):
    """Follows one answer for a check."""

    seconds: float | None = None
    """After so many seconds without an end, `feed` is called with an empty delta."""

    def feed(self, delta: str, at: float) -> Outcome | None:
        """Take a delta of the text; return the outcome as soon as no further text can change it.

        Parameters
        ----------
        delta
            The text that was received.
        at
            Seconds since the request was sent.
        """
        return None

    @abstractmethod
    def end(self, reply: Reply) -> Outcome | Awaitable[Outcome]:
        """The outcome for the whole answer, which was fed before."""


class Check(ABC):
    """A rule that an answer passes or fails.

    Parameters
    ----------
    name
        What the column of its outcomes is called.

    Attributes
    ----------
    graded : bool
        Whether its score can be between 0 and 1.
    """

    graded = False

    def __init__(self, name: str) -> None:
        self.name = name

    def __repr__(self) -> str:
        return f"<Check {self.name}>"

    @abstractmethod
    def follow(self, row: Row) -> Follower:
        """Begin an answer.

        Parameters
        ----------
        row
            The row of `over` that it answers, by column.

        Raises
        ------
        ArgumentError
            When the row has not what the check compares with.
        """

    def as_promptfoo(self) -> dict[str, Any] | None:
        """Type and value of promptfoo's assertion that says the same; None if there is none."""
        return None


class Not(Check):
    """The opposite of a check.

    Parameters
    ----------
    check
        The check that must fail.

    Examples
    --------
    >>> from nbstream.comparison.checks import contains
    >>> follower = Not(contains("sorry")).follow({})
    >>> follower.feed("I am sorry", 0.1).status
    'fail'
    """

    def __init__(self, check: Check) -> None:
        super().__init__(f"not-{check.name}")
        self._check = check

    def follow(self, row: Row) -> Follower:
        """Begin an answer."""
        return _NotFollower(self._check.follow(row), self._check.name)

    def as_promptfoo(self) -> dict[str, Any] | None:
        """The assertion of the check, with ``not-`` before its name."""
        found = self._check.as_promptfoo()
        return None if found is None else {**found, "type": f"not-{found['type']}"}


class _NotFollower(Follower):
    def __init__(self, inner: Follower, name: str) -> None:
        self._inner = inner
        self._name = name
        self.seconds = inner.seconds

    def feed(self, delta: str, at: float) -> Outcome | None:
        outcome = self._inner.feed(delta, at)
        return None if outcome is None else self._opposite(outcome)

    def end(self, reply: Reply) -> Outcome | Awaitable[Outcome]:
        outcome = self._inner.end(reply)
        return self._opposite(outcome) if isinstance(outcome, Outcome) else self._awaited(outcome)

    async def _awaited(self, outcome: Awaitable[Outcome]) -> Outcome:
        return self._opposite(await outcome)

    def _opposite(self, outcome: Outcome) -> Outcome:
        if outcome.status == "error":
            return outcome
        if outcome.passed:
            return replace(failed(f"{self._name} is true of it."), early=outcome.early)
        return replace(passed(), early=outcome.early)
