"""The budget of a chat, and its name in reports of usage."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

from nbstream.cost.budget import Budget, as_dollars

__all__ = ["Budgeted", "new_budget"]

_ADVICE = "Raise it with chat.budget = AMOUNT, remove it with chat.budget = None, or lower max_tokens."


class Budgeted:
    """What a chat may spend. Forks of a chat share its spending."""

    _budget: Budget
    _usage_name = ""

    @property
    def budget(self) -> Decimal | None:
        """US dollars that the chat and its forks may spend; None, the default, for no limit.

        A request that could exceed it is not sent: its highest price is reserved before, and its actual price
        is counted after. Without ``max_tokens``, an answer of 4,096 tokens is assumed, or of a quarter more
        than the model's longest answer so far. `NBStream.budget` is the budget of the session.

        Examples
        --------
        >>> from nbstream import Chat
        >>> chat = Chat("demo", budget=2)
        >>> chat.budget, chat.spent
        (Decimal('2'), Decimal('0'))
        """
        return self._budget.limit

    @budget.setter
    def budget(self, amount: float | Decimal | None) -> None:
        self._budget = replace(self._budget, limit=_limit(amount))

    @property
    def spent(self) -> Decimal:
        """US dollars that the chat and its forks have spent on requests that have a price."""
        return self._budget.spending.spent

    def name_in_usage(self, name: str) -> None:
        """Name the chat in reports of usage: for front ends that give chats names.

        Examples
        --------
        >>> from nbstream import Chat
        >>> Chat("demo").name_in_usage("essay")
        """
        self._usage_name = name


def new_budget(amount: float | Decimal | None) -> Budget:
    """The budget of a new chat."""
    return Budget(limit=_limit(amount), owner="chat", advice=_ADVICE)


def _limit(amount: float | Decimal | None) -> Decimal | None:
    return None if amount is None else as_dollars(amount)
