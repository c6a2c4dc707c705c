"""Checks that compare an answer with that of the baseline to the same row."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping
from typing import Any

from nbstream.comparison.checks.outcome import Outcome

__all__ = ["PairCheck"]


class PairCheck(ABC):
    """A rule that says which of two answers is better.

    Parameters
    ----------
    name
        What the column of its outcomes is called.
    """

    def __init__(self, name: str) -> None:
        self.name = name

    def __repr__(self) -> str:
        return f"<PairCheck {self.name}>"

    @abstractmethod
    def check_row(self, row: Mapping[str, Any]) -> None:
        """See whether a row has what the rule needs.

        Raises
        ------
        ArgumentError
            When it has not.
        """

    def as_promptfoo(self) -> dict[str, Any] | None:
        """Type and value of promptfoo's assertion that says the same; None if there is none."""
        return None

    @abstractmethod
    async def compare(self, row: Mapping[str, Any], answer: str, other: str) -> Outcome:
        """Compare an answer with that of the baseline: the score is 1 if it is better, 0 if it is worse."""
