"""Where the requests of a batch go: a sender for each model that the rows ask."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from decimal import Decimal

from nbstream._util.redaction import without_credentials
from nbstream.batching.plan import Plan
from nbstream.batching.progress import Progress
from nbstream.batching.request_template import RequestTemplate
from nbstream.batching.row_prompt import Asked
from nbstream.batching.sender import Keep, Sender
from nbstream.client import sdk
from nbstream.client.request_policy import RequestPolicy
from nbstream.client.route import Route
from nbstream.conversation.options import RequestOptions
from nbstream.cost import prices
from nbstream.cost.budget import Budget
from nbstream.cost.meter import Meter
from nbstream.pacing import Pace
from nbstream.providers.endpoint import Endpoint
from nbstream.structured.modes import Ladder
from nbstream.types.limits import Limits, Timeouts
from nbstream.wire.retry import RetryPolicy

__all__ = ["Lane", "Lanes"]

_HALF_PRICE = frozenset({"openai"})
"""Whose Batch API costs half; that of others is counted with the price of single requests."""


@dataclass(frozen=True, slots=True)
class Lane:
    """One model with its options: what its requests share, and what sends them."""

    template: RequestTemplate
    sender: Sender
    route: Route
    options: RequestOptions


@dataclass(slots=True)
class Lanes:
    """The lanes of a batch, made when a row first needs one.

    Parameters
    ----------
    plan
        What the batch does.
    progress
        What requests are counted in.
    keep
        Stores outcomes.
    """

    plan: Plan
    progress: Progress
    keep: Keep
    _lanes: dict[str, Lane] = field(default_factory=dict)
    _paces: dict[str, Pace] = field(default_factory=dict)

    async def lane(self, asked: Asked) -> Lane:
        """The lane of a row.

        Raises
        ------
        ConfigError
            When no endpoint is configured for its model.
        """
        name = "" if not asked.model and not asked.params else json.dumps([asked.model, dict(asked.params)])
        found = self._lanes.get(name)
        if found is None:
            found = self._lanes[name] = await self._made(asked)
        return found

    @property
    def senders(self) -> list[Sender]:
        """The senders so far."""
        return [lane.sender for lane in self._lanes.values()]

    async def _made(self, asked: Asked) -> Lane:
        plan = self.plan
        own = RequestOptions(model=asked.model, params=asked.params)
        options = plan.options.over(own).over(plan.defaults)
        await sdk.ready()
        route = await plan.router.route(plan.target.switched_to(options.model or "", options.base_url or ""))
        endpoint = route.client.endpoint
        await prices.ready(endpoint, route.model)
        template = self._template(route, options)
        sender = Sender(
            endpoint,
            route.client.poster(template.sent(()), self._policy(options)),
            self._pace(endpoint.base_url, options),
            self._meter(endpoint),
            self.progress,
            self.keep,
            options.retries or 0,
            counts_tokens=plan.tpm is not None,
        )
        return Lane(template, sender, route, options)

    def _template(self, route: Route, options: RequestOptions) -> RequestTemplate:
        base_url = without_credentials(route.client.endpoint.base_url)
        modes = self.plan.router.schema_modes
        ladder = None if options.schema is None else Ladder(options.schema, modes, base_url)
        return RequestTemplate(
            base_url,
            route.model,
            route.params(options.request_params),
            api=options.api or "chat",
            ladder=ladder,
            sample=self.plan.sample,
            streams=bool(options.stream),
        )

    def _pace(self, base_url: str, options: RequestOptions) -> Pace:
        """One pace for each endpoint."""
        if base_url not in self._paces:
            given = options.request_retries
            retry = RetryPolicy() if given is None else RetryPolicy(retries=given)
            plan = self.plan
            self._paces[base_url] = Pace(plan.concurrency, plan.rpm, plan.tpm, retry=retry)
        return self._paces[base_url]

    def _policy(self, options: RequestOptions) -> RequestPolicy:
        return RequestPolicy(options.timeouts or Timeouts(), options.limits or Limits())

    def _meter(self, endpoint: Endpoint) -> Meter:
        settings = self.plan.router.settings
        session = Budget(settings.ledger.spending, settings.budget_limit)
        halved = self.plan.via == "batch-api" and endpoint.provider in _HALF_PRICE
        share = Decimal("0.5") if halved else Decimal(1)
        return Meter(settings.ledger, [session, *self.plan.budgets], settings.prices, self.plan.name, share)
