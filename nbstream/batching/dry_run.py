"""`DryRun`: what a batch would send, and what that would cost."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from nbstream.batching.lanes import Lanes
from nbstream.batching.outcome import Outcome
from nbstream.batching.plan import Plan
from nbstream.batching.progress import Progress
from nbstream.batching.request_template import json_text
from nbstream.batching.row_prompt import Asked
from nbstream.batching.row_request import RowRequest
from nbstream.cost.estimate import output_limit
from nbstream.cost.meter import where
from nbstream.cost.prices import price_text
from nbstream.errors import NbstreamError
from nbstream.types.messages import Message
from nbstream.types.usage import Usage
from nbstream.views.inert import visible

__all__ = ["DryRun", "dry_run"]

_SHOWN = 3
_MEASURED = 200
_LOOKED_UP = 500


@dataclass(frozen=True, slots=True)
class DryRun:
    """What a batch would send. Nothing was sent.

    Parameters
    ----------
    rows, distinct, stored, requests
        Rows of the table, distinct requests for them, those whose answer is in the store, and those to send.
    problems
        Errors of rows that cannot be sent, by their place in the table.
    prompts
        The messages of the first requests.
    tokens
        Estimated tokens of all prompts to be sent.
    price, most
        Estimated price of the prompts in US dollars, and the price with the longest answers; None where no
        price is known.
    """

    rows: int
    distinct: int
    stored: int
    requests: int
    problems: dict[int, NbstreamError]
    prompts: Sequence[Sequence[Message]]
    tokens: int
    price: Decimal | None
    most: Decimal | None

    def __repr__(self) -> str:
        facts = [
            f"{self.rows:,} rows, {self.distinct:,} distinct requests, {self.stored:,} of them in the store",
            f"{self.requests:,} requests to send, ≈{self.tokens:,} tokens of prompts, {self._price()}",
        ]
        facts += [f"row {at}: {error}" for at, error in list(self.problems.items())[:_SHOWN]]
        if len(self.problems) > _SHOWN:
            facts.append(f"… and {len(self.problems) - _SHOWN:,} more rows that cannot be sent")
        for number, messages in enumerate(self.prompts, 1):
            said = "\n".join(f"{message.role}: {_text(message)}" for message in messages)
            facts.append(f"\nPrompt {number}\n{said}")
        return visible("\n".join(facts))

    def _price(self) -> str:
        if self.price is None or self.most is None:
            return "no price known"
        return f"≈{price_text(self.price)} without the answers, at most ≈{price_text(self.most)}"


async def dry_run(plan: Plan) -> DryRun:
    """Fill in every row and look its request up in the store, without sending anything.

    Raises
    ------
    ConfigError
        When no endpoint is configured.
    """
    return await _Survey(plan).whole()


class _Survey:
    def __init__(self, plan: Plan) -> None:
        self._plan = plan
        self._lanes = Lanes(plan, Progress(), _keep_nothing)
        self._requests: dict[bytes, RowRequest] = {}
        self._problems: dict[int, NbstreamError] = {}

    async def whole(self) -> DryRun:
        for at, row in enumerate(self._plan.table.rows()):
            try:
                asked = self._plan.asked(row)
            except NbstreamError as error:
                self._problems[at] = error
            else:
                await self._add(asked)
        found = await asyncio.to_thread(self._plan.store.find, self._requests)
        stored = {key for key, answer in found.items() if answer.outcome.answered}
        missing = [request for key, request in self._requests.items() if key not in stored]
        tokens, price, most = self._estimate(missing)
        shown = [request.messages for request in (missing or list(self._requests.values()))[:_SHOWN]]
        return DryRun(
            len(self._plan.table),
            len(self._requests),
            len(stored),
            len(missing),
            self._problems,
            shown,
            tokens,
            price,
            most,
        )

    async def _add(self, asked: Asked) -> None:
        lane, text = await self._lanes.lane(asked), json_text(asked.messages)
        key = lane.template.key(text)
        self._requests.setdefault(key, RowRequest(key, lane, asked.messages, text))

    def _estimate(self, requests: Sequence[RowRequest]) -> tuple[int, Decimal | None, Decimal | None]:
        """Tokens and prices of all requests, from some of them at equal distances."""
        some = requests[:: max(1, len(requests) // _MEASURED)]
        if not some:
            return 0, Decimal(), Decimal()
        tokens, price, most = 0, Decimal(), Decimal()
        known = True
        for request in some:
            sender, sent = request.lane.sender, request.template.sent(request.messages)
            own, of_prompt = sender.meter.estimate(sender.endpoint, sent)
            longest = sender.meter.ledger.calibration(where(sender.endpoint), sent.model).longest
            usage = Usage(own, output_limit(sent.params, longest))
            whole = sender.meter.price(usage, sender.endpoint, sent.model)
            tokens += own
            known = known and of_prompt is not None and whole is not None
            price, most = price + (of_prompt or 0), most + (whole or 0)
        scale = Decimal(len(requests)) / len(some)
        return round(tokens * scale), price * scale if known else None, most * scale if known else None


async def _keep_nothing(request: RowRequest, outcome: Outcome) -> None:
    """Nothing is sent."""


def _text(message: Message) -> str:
    if isinstance(message.content, str):
        return message.content
    return "\n".join(str(part.get("text", f"[{part.get('type')}]")) for part in message.content)
