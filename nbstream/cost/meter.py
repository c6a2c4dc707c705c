"""Counts what requests cost, from before they are sent until they have ended."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal
from typing import Any, Self

from nbstream.cost.budget import Budget, Highest, reserve, settle
from nbstream.cost.estimate import measured, output_limit
from nbstream.cost.ledger import Ledger, UsageTotals
from nbstream.cost.prices import INSTALL, is_free, is_installed, price
from nbstream.errors import ConnectError, NbstreamError, SettingsError, StatusError
from nbstream.providers.endpoint import Endpoint
from nbstream.types.events import Events, Failed, Identified, Opened, UsageReported
from nbstream.types.request import ChatRequest
from nbstream.types.usage import Usage

__all__ = ["Meter", "Reservation"]


@dataclass(frozen=True, slots=True)
class Meter:
    """Where the requests of one chat are counted.

    Parameters
    ----------
    ledger
        The usage of the session.
    budgets
        The budgets that each request has to fit in.
    prices
        Prices that the user set: ``NBStream.prices``.
    chat
        Name of the chat; empty if it has none.
    share
        Which part of the price of a single request is charged.
    """

    ledger: Ledger
    budgets: Sequence[Budget] = ()
    prices: Mapping[str, Any] = field(default_factory=dict)
    chat: str = ""
    share: Decimal = Decimal(1)

    def begin(self, endpoint: Endpoint, request: ChatRequest) -> Reservation:
        """Reserve the highest price of a request that is about to be sent.

        Raises
        ------
        BudgetExceededError
            When a budget does not cover it.
        SettingsError
            When there is a budget, and the request has no price.
        """
        limited = any(budget.limit is not None for budget in self.budgets)
        highest = self._highest(endpoint, request) if limited else Highest()
        reserve(highest, self.budgets)
        return Reservation(self, endpoint, request, highest.price)

    def estimate(self, endpoint: Endpoint, request: ChatRequest) -> tuple[int, Decimal | None]:
        """Estimated tokens of a prompt, and their price; None if it has none."""
        tokens = self.ledger.calibration(where(endpoint), request.model).estimate(measured(request))
        return tokens, self.price(Usage(tokens, 0), endpoint, request.model)

    def price(self, usage: Usage, endpoint: Endpoint, *models: str | None) -> Decimal | None:
        """The price of a usage; see `nbstream.cost.prices.price`."""
        whole = price(usage, endpoint, tuple(model for model in models if model), self.prices)
        return None if whole is None else whole * self.share

    def _highest(self, endpoint: Endpoint, request: ChatRequest) -> Highest:
        calibration = self.ledger.calibration(where(endpoint), request.model)
        output = output_limit(request.params, calibration.longest)
        usage = Usage(calibration.most(measured(request)), output)
        price = self.price(usage, endpoint, request.model)
        if price is None:
            raise SettingsError(
                f"No price is known for {request.model} at {endpoint.host}, so a budget cannot count it. "
                "The request was not sent.",
                advice=_way_to_prices(request.model),
            )
        return Highest(price, output)


class Reservation:
    """The price of one request: reserved when it is sent, settled when it has ended.

    A context manager: leaving it settles, however the request ended. Where the server reported no usage, as
    for an answer that was stopped, the reserved amount counts as spent.

    Parameters
    ----------
    meter
        Where it is counted.
    endpoint, request
        What is sent, and where.
    reserved
        The reserved amount; 0 without a budget.
    """

    def __init__(self, meter: Meter, endpoint: Endpoint, request: ChatRequest, reserved: Decimal) -> None:
        self._meter = meter
        self._endpoint = endpoint
        self._request = request
        self._reserved = reserved
        self._model: str | None = None
        self._usage: Usage | None = None
        self._opened = self._settled = False
        self._error: NbstreamError | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.settle()

    def take(self, events: Events) -> Events:
        """Note what events say about the price; return them, with the price in reports of usage."""
        return [self._noted(event) if type(event) in _NOTED else event for event in events]

    def settle(self) -> None:
        """Count the request. A second call does nothing."""
        if self._settled:
            return
        self._settled = True
        totals = self._own_totals()
        settle(self._reserved, totals.cost, self._meter.budgets)
        if totals.requests:
            self._meter.ledger.record(self._meter.chat, where(self._endpoint), self._request.model, totals)
        self._calibrate()

    def _noted(self, event: Any) -> Any:
        if isinstance(event, UsageReported):
            self._usage = replace(event.usage, cost=self._price(event.usage))
            return UsageReported(event.at, self._usage)
        if isinstance(event, Opened):
            self._opened = True
        elif isinstance(event, Identified):
            self._model = event.model or self._model
        elif isinstance(event, Failed):
            self._error = event.error
        return event

    def _price(self, usage: Usage) -> Decimal | None:
        return self._meter.price(usage, self._endpoint, self._model, self._request.model)

    def _own_totals(self) -> UsageTotals:
        usage = self._usage or Usage()
        if is_free(self._endpoint, self._request.model):
            return UsageTotals(1, usage, free=True)
        if usage.cost is not None:
            return UsageTotals(1, usage, usage.cost)
        if not self._opened and isinstance(self._error, StatusError | ConnectError):
            return UsageTotals()  # refused or not received, so not charged
        if self._reserved:
            return UsageTotals(1, usage, self._reserved, self._reserved)
        return UsageTotals(1, usage, unpriced=1)

    def _calibrate(self) -> None:
        if self._usage is None or not self._usage.input or self._request.resume is not None:
            return
        calibration = self._meter.ledger.calibration(where(self._endpoint), self._request.model)
        if calibration.is_settled:
            calibration.note_output(self._usage.output or 0)
        else:
            calibration.observe(measured(self._request), self._usage.input, self._usage.output)


_NOTED = frozenset({UsageReported, Opened, Identified, Failed})


def where(endpoint: Endpoint) -> str:
    """The provider of an endpoint, or its host."""
    return endpoint.provider if endpoint.provider not in {"", "client"} else endpoint.host


def _way_to_prices(model: str) -> str:
    install = "" if is_installed() else f"Install prices of common models ({INSTALL}), or "
    own = f'NBStream.prices = {{"{model}": {{"input": …, "output": …}}}} (US dollars per million tokens)'
    return f"{install}{'set' if install else 'Set'} {own}, or remove the budget."
