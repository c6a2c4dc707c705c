"""One request and its answer, from the choice of the endpoint to the last event: the source of a reply."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Mapping
from contextlib import aclosing
from dataclasses import dataclass, field, replace
from typing import Any

from nbstream.client import sdk
from nbstream.client.continuation import PartialAnswer, is_too_short
from nbstream.client.request_policy import RequestPolicy
from nbstream.client.route import Route
from nbstream.client.router import Router
from nbstream.client.target import Target
from nbstream.conversation.context import Context, estimate_tokens
from nbstream.errors import StateError
from nbstream.record.state import ReplyState
from nbstream.tools.loop import Approvals, Toolbox
from nbstream.types.events import (
    Cited,
    Clock,
    Events,
    ImageReceived,
    Prefilled,
    Routed,
    StreamEvent,
    Warned,
    WarningKind,
)
from nbstream.types.request import ChatRequest, check_params

__all__ = ["Exchange", "still_streaming"]

_OF_THE_TEXT: frozenset[WarningKind] = frozenset({"bad_utf8", "content_filter"})
"""Warnings that hold for the text whatever comes after it."""
LARGE_PROMPT_TOKENS = 100_000
"""A new message above this was often not meant, as a whole file or the text of a large table."""


@dataclass(frozen=True, slots=True)
class Exchange:
    """One request with its settings.

    Parameters
    ----------
    router
        Chooses endpoint and model.
    target
        What the caller requested.
    context
        The messages, fitted to their limit.
    params
        Parameters of the request, by their common names.
    policy
        Timeouts, limits, retries.
    streamed
        Whether to request the answer as a stream.
    toolbox, approvals
        Functions that the model may call, and their calls that wait for approval.
    begun, before
        The partial answer of an earlier reply that was cut off, and its events.

    Raises
    ------
    StateError
        If a parameter cannot be sent.
    """

    router: Router
    target: Target
    context: Context
    params: Mapping[str, Any]
    policy: RequestPolicy
    streamed: bool
    toolbox: Toolbox = field(default_factory=Toolbox)
    approvals: Approvals = field(default_factory=Approvals)
    begun: PartialAnswer | None = None
    before: tuple[StreamEvent, ...] = ()

    def __post_init__(self) -> None:
        check_params(self.params)

    async def prepare(self) -> tuple[Route, ChatRequest]:
        """Choose the route and create the request, without sending it."""
        await sdk.ready()
        route = await self.router.route(self.target)
        messages = self.context.messages
        params, wire = route.params(self.params) | self.toolbox.params(), self.policy.wire
        return route, ChatRequest(route.model, messages, params, self.streamed, wire=wire)

    async def events(self, clock: Clock) -> AsyncGenerator[Events, None]:
        """Route and send."""
        if self.before:
            yield list(self.before)
        route, request = await self.prepare()
        yield [self._routed(route, request, clock()), *self._large_prompt(clock())]
        async with aclosing(self._answer(route, request, clock)) as batches:
            async for events in batches:
                yield events

    def continuing(self, state: ReplyState) -> Exchange:
        """The same exchange, continuing its partial answer.

        Raises
        ------
        StateError
            If there is nothing to continue.
        """
        _check_cut(state)
        begun = PartialAnswer(state.text, state.position)
        capture = self.policy.capture and self.policy.capture.blank()
        policy = replace(self.policy, capture=capture)
        return replace(self, policy=policy, begun=begun, before=_told(state), approvals=Approvals())

    def _answer(self, route: Route, request: ChatRequest, clock: Clock) -> AsyncGenerator[Events, None]:
        """The model's events; calls in a continued answer are left to the user."""

        def send(step: ChatRequest) -> AsyncGenerator[Events, None]:
            return route.client.stream(step, clock, self.policy, self.begun)

        if self.toolbox.tools and self.begun is None:
            return self.toolbox.answer(request, send, self.approvals, clock)
        return send(request)

    def _large_prompt(self, at: float) -> Events:
        tokens = estimate_tokens(self.context.messages[-1:])
        if tokens <= LARGE_PROMPT_TOKENS or self.begun is not None:
            return []
        text = f"This prompt is very long: about {tokens:,} tokens. Stop the answer if that was not intended."
        return [Warned(at, "large_prompt", text)]

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
            route.badge,
            route.loading,
            route.discovered,
        )


def still_streaming() -> StateError:
    """The error of a call that needs an answer to have ended."""
    return StateError("An answer is still streaming.", advice="Stop it, or wait until it ends.")


def _told(state: ReplyState) -> tuple[StreamEvent, ...]:
    """The text of a reply, with its joins and possible gaps."""
    seams = [seam for seam in state.seams if seam.way != "restart"]
    warnings = [warning for warning in state.warnings if warning.kind in _OF_THE_TEXT]
    beside = [ImageReceived(0.0, image.url) for image in state.images]
    sources = [Cited(0.0, source.url, source.title) for source in state.citations]
    return Prefilled(0.0, state.text, state.reasoning), *beside, *sources, *seams, *state.skipped, *warnings


def _check_cut(state: ReplyState) -> None:
    if not state.ended:
        raise still_streaming()
    if state.status == "finished" and state.finish_reason != "length":
        raise StateError(
            "This answer is complete: the model ended it.", advice="Send a new message for more."
        )
    if state.tool_calls or state.refusal:
        raise StateError("An answer with tool calls or a refusal cannot be continued.", advice="Ask again.")
    if state.position is None and is_too_short(state.text):
        raise StateError("There is too little text to continue.", advice="Send the message again.")
