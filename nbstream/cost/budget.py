"""Budgets: what requests have spent, and what is reserved for those in flight."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from nbstream.cost.prices import price_text
from nbstream.errors import ArgumentError, BudgetExceededError

__all__ = ["Budget", "Highest", "Spending", "as_dollars", "reserve", "settle"]

_lock = threading.Lock()
"""One for all budgets: a request reserves in all of them or in none."""


@dataclass(slots=True, eq=False)
class Spending:
    """What was spent under one budget, and what is reserved; both in US dollars.

    Parameters
    ----------
    spent
        Prices of requests that have ended.
    reserved
        The highest prices of requests in flight.
    """

    spent: Decimal = field(default_factory=Decimal)
    reserved: Decimal = field(default_factory=Decimal)


@dataclass(frozen=True, slots=True)
class Budget:
    """A limit of spending.

    Parameters
    ----------
    spending
        What is spent and reserved.
    limit
        The limit in US dollars; None for none.
    owner
        What the budget belongs to, for the error.
    advice
        How the limit is raised, for the error.
    """

    spending: Spending = field(default_factory=Spending)
    limit: Decimal | None = None
    owner: str = "session"
    advice: str = "Raise it with %chat budget AMOUNT, remove it with %chat budget off, or lower max_tokens."


@dataclass(frozen=True, slots=True)
class Highest:
    """The highest price that a request is expected to have.

    Parameters
    ----------
    price
        The price in US dollars.
    output
        The number of output tokens that it includes.
    """

    price: Decimal = field(default_factory=Decimal)
    output: int = 0


def reserve(highest: Highest, budgets: Sequence[Budget]) -> None:
    """Reserve a price in all budgets, or in none.

    Raises
    ------
    BudgetExceededError
        When one of the limits would be exceeded.
    """
    with _lock:
        for budget in budgets:
            spending, limit = budget.spending, budget.limit
            if limit is not None and spending.spent + spending.reserved + highest.price > limit:
                raise _exceeded(budget, limit, highest)
        for budget in budgets:
            budget.spending.reserved += highest.price


def settle(reserved: Decimal, spent: Decimal, budgets: Sequence[Budget]) -> None:
    """Replace a reserved price by what was spent."""
    with _lock:
        for budget in budgets:
            budget.spending.reserved -= reserved
            budget.spending.spent += spent


def as_dollars(amount: Any) -> Decimal:
    """Read an amount of money.

    Raises
    ------
    ArgumentError
        When it is not one.

    Examples
    --------
    >>> as_dollars(0.1), as_dollars("2.00"), as_dollars("$3")
    (Decimal('0.1'), Decimal('2.00'), Decimal('3'))
    """
    try:
        value = Decimal(str(amount).removeprefix("$"))
    except ArithmeticError:
        value = Decimal("NaN")
    if isinstance(amount, bool) or not value.is_finite() or value < 0:
        raise ArgumentError(
            f"The budget {amount!r} is not an amount of US dollars.", advice="For example: 2.00."
        )
    return value


def _exceeded(budget: Budget, limit: Decimal, highest: Highest) -> BudgetExceededError:
    spending = budget.spending
    reserved = f" and {price_text(spending.reserved)} reserved for requests in flight"
    error = BudgetExceededError(
        f"The {budget.owner}'s budget of {price_text(limit)} does not cover this request of up to "
        f"≈{price_text(highest.price)} (with {highest.output:,} output tokens): "
        f"{price_text(spending.spent)} is spent{reserved if spending.reserved else ''}. It was not sent.",
        advice=budget.advice,
        retryable=False,
    )
    error.limit, error.spent, error.reserved = limit, spending.spent, spending.reserved
    error.estimate = highest.price
    return error
