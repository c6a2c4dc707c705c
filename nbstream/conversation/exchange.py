"""One request and its answer, from the choice of the endpoint to the last event: the source of a reply."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from contextlib import aclosing
from dataclasses import dataclass, field, replace

from nbstream.client import sdk
from nbstream.client.continuation import PartialAnswer, is_too_short
from nbstream.client.image_support import check_images
from nbstream.client.request_policy import RequestPolicy
from nbstream.client.route import Route
from nbstream.client.router import Router
from nbstream.client.sent import SentLog
from nbstream.client.target import Target
from nbstream.conversation.context import Context, estimate_tokens
from nbstream.conversation.options import RequestOptions
from nbstream.cost import prices
from nbstream.cost.budget import Budget
from nbstream.cost.meter import Meter
from nbstream.errors import StateError
from nbstream.recording.state import ReplyState
from nbstream.structured.correcting import Judge
from nbstream.structured.modes import Ladder
from nbstream.tools.loop import Approvals, Toolbox
from nbstream.types.attachments import Attachment
from nbstream.types.events import (
    Cited,
    Clock,
    Events,
    ImageReceived,
    Prefilled,
    PromptFilled,
    Routed,
    SchemaRequested,
    StreamEvent,
    Warned,
    WarningKind,
)
from nbstream.types.limits import Limits, Timeouts
from nbstream.types.params import unknown_param
from nbstream.types.prompt_hash import PromptHasher
from nbstream.types.request import ChatRequest
from nbstream.wire.raw_capture import DEBUG_BYTES, USUAL_BYTES, RawCapture
from nbstream.wire.retry import RetryPolicy

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
    options
        The options of the question, over those of the chat and of the configuration.
    capture
        Keeps the bytes that the server sends.
    sent
        Keeps the request that is sent.
    approvals
        Calls of tools that wait for approval.
    attachments
        Images, files and cells in the new message, as a reader sees them.
    budget, name
        The budget of the chat, and its name in reports of usage.
    hasher
        Hashes the messages; that of the chat has read the earlier ones.
    begun, before
        The text of an earlier reply that was cut, and the events that describe it.
    """

    router: Router
    target: Target
    context: Context
    options: RequestOptions
    capture: RawCapture
    sent: SentLog = field(default_factory=SentLog)
    attachments: tuple[Attachment, ...] = ()
    approvals: Approvals = field(default_factory=Approvals)
    budget: Budget | None = None
    name: str = ""
    hasher: PromptHasher = field(default_factory=PromptHasher)
    begun: PartialAnswer | None = None
    before: tuple[StreamEvent, ...] = ()

    @classmethod
    def of(
        cls,
        router: Router,
        target: Target,
        context: Context,
        options: RequestOptions,
        attachments: tuple[Attachment, ...] = (),
        *,
        budget: Budget | None = None,
        name: str = "",
        hasher: PromptHasher,
    ) -> Exchange:
        """A new exchange, for options whose defaults are filled in."""
        capture = RawCapture(DEBUG_BYTES if options.debug else USUAL_BYTES, exact=options.debug)
        return cls(
            router,
            target,
            context,
            options,
            capture,
            attachments=attachments,
            budget=budget,
            name=name,
            hasher=hasher,
        )

    @property
    def meter(self) -> Meter:
        """Counts what the requests cost, for the session and for the chat."""
        settings = self.router.settings
        budgets = [Budget(settings.ledger.spending, settings.budget_limit)]
        if self.budget is not None:
            budgets.append(self.budget)
        return Meter(settings.ledger, budgets, settings.prices, self.name)

    @property
    def toolbox(self) -> Toolbox:
        """The functions that the model may call."""
        steps = Toolbox().steps if self.options.tool_steps is None else self.options.tool_steps
        return Toolbox(self.options.tools or {}, self.options.approve != "always", steps)

    @property
    def policy(self) -> RequestPolicy:
        """How the request is carried out."""
        options = self.options
        return RequestPolicy(
            options.timeouts or Timeouts(),
            options.limits or Limits(),
            RetryPolicy()
            if options.request_retries is None
            else RetryPolicy(retries=options.request_retries),
            options.on_disconnect or "keep",
            options.api or "chat",
            self.capture,
            self.sent,
            self.meter,
        )

    def first_events(self) -> Events:
        """What is known of the answer before anything is sent."""
        schema = self.options.schema
        return [] if schema is None else [SchemaRequested(0.0, "json_schema", schema, self._shows_text)]

    async def prepare(self) -> tuple[Route, ChatRequest]:
        """Choose the route and create the request, without sending it."""
        route, request = await self._unshaped()
        ladder = self._ladder(route)
        return route, request if ladder is None else ladder.shaped(request)

    async def _unshaped(self) -> tuple[Route, ChatRequest]:
        """The route and the request without a schema: how that is sent depends on what the server accepts."""
        await sdk.ready()
        route = await self.router.route(self.target)
        await prices.ready(route.client.endpoint, route.model)
        params = route.params(self.options.request_params) | self.toolbox.params()
        api = self.options.api or "chat"
        return route, ChatRequest(route.model, self.context.messages, params, self.options.streams, api=api)

    async def events(self, clock: Clock) -> AsyncGenerator[Events, None]:
        """Route and send."""
        if self.before:
            yield list(self.before)
        if self.options.filled is not None:
            yield [PromptFilled(clock(), self.options.filled.prompt)]
        route, request = await self._unshaped()
        await check_images(route, self.context.messages)
        ladder = self._ladder(route)
        if ladder is not None and (mode := ladder.mode(request.model)) != "json_schema":
            yield [ladder.requested(clock(), mode)]
        yield [self._routed(route, request, clock()), *self._notices(route, request, clock())]
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
        return replace(
            self,
            capture=self.capture.blank(),
            sent=SentLog(),
            begun=begun,
            before=_told(state),
            approvals=Approvals(),
        )

    def _answer(self, route: Route, request: ChatRequest, clock: Clock) -> AsyncGenerator[Events, None]:
        """The model's events; calls in a continued answer are left to the user."""
        policy = self.policy
        ladder = self._ladder(route)
        last: ChatRequest | None = None

        def stream(step: ChatRequest, begun: PartialAnswer | None) -> AsyncGenerator[Events, None]:
            nonlocal last
            last = step
            if ladder is None:
                return route.client.stream(step, clock, policy, begun)
            return ladder.send(step, lambda shaped: route.client.stream(shaped, clock, policy, begun), clock)

        def send(step: ChatRequest) -> AsyncGenerator[Events, None]:
            return stream(step, self.begun)

        def answer(step: ChatRequest) -> AsyncGenerator[Events, None]:
            if toolbox.tools and self.begun is None:
                return toolbox.answer(step, send, self.approvals, clock)
            return send(step)

        toolbox = self.toolbox
        if ladder is None:
            return answer(request)
        begun = self.begun.text if self.begun else ""
        judge = Judge(ladder, self.options.retries or 0, begun, lambda: last)
        return judge.answer(request, answer, lambda step: stream(step, None), clock)

    @property
    def _shows_text(self) -> bool:
        """Whether JSON is shown while it arrives: only if that was asked for."""
        return self.options.stream is True

    def _ladder(self, route: Route) -> Ladder | None:
        """What sends the schema; None without one."""
        schema = self.options.schema
        if schema is None:
            return None
        return Ladder(schema, self.router.schema_modes, route.client.endpoint.base_url, self._shows_text)

    def _notices(self, route: Route, request: ChatRequest, at: float) -> Events:
        """What is odd about the question, as notices with the answer."""
        if self.begun is not None:
            return []
        params = self.options.params.items()
        unknown = [unknown_param(name) for name, value in params if value is not None]
        return [
            *(Warned(at, "unknown_parameter", text) for text in unknown if text),
            *self._shortened_values(at),
            *self._large_prompt(route, request, at),
        ]

    def _shortened_values(self, at: float) -> Events:
        filled = self.options.filled.prompt.filled if self.options.filled else ()
        return [
            Warned(
                at,
                "shortened_value",
                f"Only the first {variable.note} of {variable.expression} were sent; "
                f"add | rows(N) to its braces to send N.",
            )
            for variable in filled
            if variable.note and not variable.is_limited
        ]

    def _large_prompt(self, route: Route, request: ChatRequest, at: float) -> Events:
        if estimate_tokens(self.context.messages[-1:]) <= LARGE_PROMPT_TOKENS:
            return []
        tokens, price = self.meter.estimate(route.client.endpoint, request)
        cost = f", ≈{prices.price_text(price)}" if price else ""
        size = f"about {tokens:,} tokens{cost}"
        text = f"This prompt is very long: {size}. Stop the answer if that was not intended."
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
            self.hasher.hash(request.messages),
            self.context.left_out,
            route.badge,
            route.loading,
            route.discovered,
            request.stream,
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
        raise StateError(
            "An answer with tool calls or a refusal cannot be continued.", advice="Send the message again."
        )
    if state.position is None and is_too_short(state.text):
        raise StateError("There is too little text to continue.", advice="Send the message again.")
