"""One request and its answer, from the choice of the endpoint to the last event: the source of a reply."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Mapping
from contextlib import aclosing
from dataclasses import dataclass, field
from typing import Any

from nbstream import sdk
from nbstream.client import Delivery
from nbstream.context import Context
from nbstream.events import Routed, StreamEvent
from nbstream.reply import Clock
from nbstream.request import ChatRequest, check_params
from nbstream.routing import Asked, Route, Router
from nbstream.tool_steps import Approvals, Toolbox

__all__ = ["Exchange"]


@dataclass(frozen=True, slots=True)
class Exchange:
    """What is asked, and how.

    Parameters
    ----------
    router
        Chooses endpoint and model.
    asked
        What the caller asked for.
    context
        The messages, fitted to their limit.
    params
        Parameters of the request, by their common names.
    delivery
        Timeouts, limits, retries.
    streamed
        Whether the answer is asked for as a stream.
    toolbox, approvals
        Functions that the model may call, and their calls that wait for a reader's word.

    Raises
    ------
    ConfigError
        When a parameter is nothing that can be sent.
    """

    router: Router
    asked: Asked
    context: Context
    params: Mapping[str, Any]
    delivery: Delivery
    streamed: bool
    toolbox: Toolbox = field(default_factory=Toolbox)
    approvals: Approvals = field(default_factory=Approvals)

    def __post_init__(self) -> None:
        check_params(self.params)

    async def prepare(self) -> tuple[Route, ChatRequest]:
        """Choose the route and make the request, without sending it."""
        await sdk.ready()
        route = await self.router.route(self.asked)
        messages = self.context.messages
        params, wire = route.params(self.params) | self.toolbox.params(), self.delivery.wire
        return route, ChatRequest(route.model, messages, params, self.streamed, wire=wire)

    async def events(self, clock: Clock) -> AsyncGenerator[list[StreamEvent], None]:
        """Route and send."""
        route, request = await self.prepare()
        yield [self._routed(route, request, clock())]

        def send(step: ChatRequest) -> AsyncGenerator[list[StreamEvent], None]:
            return route.client.stream(step, clock, self.delivery)

        answer = (
            self.toolbox.answer(request, send, self.approvals, clock) if self.toolbox.tools else send(request)
        )
        async with aclosing(answer) as batches:
            async for events in batches:
                yield events

    def _routed(self, route: Route, request: ChatRequest, at: float) -> Routed:
        endpoint = route.client.endpoint
        return Routed(
            at,
            route.model,
            endpoint.provider,
            endpoint.host,
            route.demo,
            route.why,
            request.prompt_hash(),
            self.context.left_out,
        )
