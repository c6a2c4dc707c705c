"""Carries out a batch on the workers of an engine."""

from __future__ import annotations

import asyncio
import pickle
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import replace

from nbstream._util.foreign_code import failure_text
from nbstream._util.redaction import without_credentials
from nbstream.batching.correction import judged
from nbstream.batching.engines.api_key import reference_to
from nbstream.batching.engines.block import Block, BlockResult, Recipe, carry_out
from nbstream.batching.engines.block_files import collect_left_over, folder_of
from nbstream.batching.engines.run_signal import RunSignal
from nbstream.batching.engines.shared_limits import Loan, SharedLimits
from nbstream.batching.lanes import Lane
from nbstream.batching.outcome import Outcome
from nbstream.batching.plan import Plan
from nbstream.batching.progress import Progress
from nbstream.batching.reservations import release, reserve
from nbstream.batching.row_request import RowRequest
from nbstream.batching.runner import Runner
from nbstream.batching.stored_answer import StoredAnswer
from nbstream.client.target import DEMO, LOCAL
from nbstream.cost.meter import Reservation
from nbstream.errors import BudgetExceededError, NbstreamError, SettingsError, StateError
from nbstream.structured.structure import Structure
from nbstream.types.events import Failed, UsageReported

__all__ = ["EngineRunner"]

_KEPT = frozenset({"invalid", "truncated"})


class EngineRunner(Runner):
    """One run over the rows of a batch, in blocks that workers carry out.

    Requests, budgets, limits and the store stay here. Stopping tells the workers to send nothing new; what
    they have in flight ends.

    Parameters
    ----------
    plan, progress, outcomes
        As of `Runner`.
    """

    def __init__(self, plan: Plan, progress: Progress, outcomes: list[Outcome | None]) -> None:
        super().__init__(plan, progress, outcomes)
        self._signal: RunSignal | None = None
        self._keys = ExitStack()
        self._recipes: dict[int, Recipe] = {}
        self._limits: dict[str, SharedLimits] = {}
        self._blocks: asyncio.Queue[list[RowRequest] | None] = asyncio.Queue(1)
        self._workers = 1
        self._number = 0
        self._ended = asyncio.Event()

    async def run(self) -> None:
        """Run to the end, or until it is stopped."""
        assert self._plan.engine is not None and self._plan.store.path is not None  # noqa: S101, PT018  checked by the plan
        engine, folder = self._plan.engine, folder_of(self._plan.store.path)
        try:
            self._workers = await asyncio.to_thread(engine.prepare)
            self._signal = await asyncio.to_thread(RunSignal.new, folder)
            await super().run()
        finally:
            await asyncio.to_thread(self._clean_up)

    def stop(self, reason: NbstreamError | None = None) -> None:
        """Send nothing new, here and on the workers."""
        if self._signal is not None:
            self._signal.stop()
        super().stop(reason)

    def _clean_up(self) -> None:
        """Take what a worker that was lost has left, and keys from the workers."""
        try:
            if self._signal is not None:
                self._signal.stop()
            collect_left_over(self._plan.store)
        finally:
            self._keys.close()
        if self._signal is not None:
            self._signal.remove_folder()

    def _started(self) -> list[asyncio.Task[None]]:
        jobs = [self._feed_blocks(), *(self._work() for _ in range(self._workers))]
        return [asyncio.create_task(job, name="nbstream-batch") for job in jobs]

    async def _feed_blocks(self) -> None:
        rows = self._open_rows()
        while window := await self._window(rows):
            await self._feed_all(window)
        while self._elsewhere:
            await self._feed_all(await self._taken_over())
        for _ in range(self._workers):
            await self._blocks.put(None)

    async def _feed_all(self, window: Sequence[RowRequest]) -> None:
        """Put requests into blocks: each of one lane, and those with the same beginning together."""
        lanes: dict[int, list[RowRequest]] = {}
        for request in window:
            lanes.setdefault(id(request.lane), []).append(request)
        for requests in lanes.values():
            together = sorted(requests, key=lambda request: repr(request.messages[:-1]))
            size = self._limits_of(requests[0].lane).most_requests(len(requests))
            for start in range(0, len(together), size):
                await self._blocks.put(together[start : start + size])

    async def _work(self) -> None:
        """Have one block after another carried out."""
        while (requests := await self._blocks.get()) is not None:
            limits = self._limits_of(requests[0].lane)
            tokens = [r.lane.sender.tokens(r.template.sent(r.messages)) for r in requests]
            async with limits.loan(len(requests), tokens) as loan:
                await self._free.wait()
                await self._block(requests, loan)
            if self._stopping:
                return

    async def _block(self, requests: Sequence[RowRequest], loan: Loan) -> None:
        assert self._signal is not None  # noqa: S101  set by run
        recipe = await self._recipe(requests[0].lane)
        reserved = await self._reserved(requests)
        self._number += 1
        messages = [request.messages for request in requests]
        block = Block(self._number, self._signal, recipe, loan.share, messages)
        with self._in_flight(requests):
            try:
                result = await self._carried_out(block)
                await self._take(requests, result, reserved, loan)
                await asyncio.to_thread(block.files.remove)
            finally:
                release(reserved)

    @contextmanager
    def _in_flight(self, requests: Sequence[RowRequest]) -> Iterator[None]:
        """Requests that a stop waits for."""
        sending, task = requests[0].lane.sender.sending, asyncio.current_task()
        sending.add(task)
        for request in requests:
            self._progress.request_sent(request.rows)
        try:
            yield
        finally:
            for _ in requests:
                self._progress.request_ended()
            sending.discard(task)
            self._ended.set()

    async def _carried_out(self, block: Block) -> BlockResult:
        """Have a block carried out.

        Raises
        ------
        StateError
            When the engine cannot.
        """
        assert self._plan.engine is not None  # noqa: S101  checked by the plan
        try:
            future = self._plan.engine.submit(carry_out, block)
            result: BlockResult = await asyncio.wrap_future(future)
        except NbstreamError:
            raise
        except asyncio.CancelledError:
            task = asyncio.current_task()
            if task is not None and task.cancelling():
                raise
            raise StateError("The engine has cancelled a block.", advice=_AGAIN) from None
        except Exception as error:
            raise StateError(f"The engine failed: {failure_text(error)}", advice=_AGAIN) from error
        return result

    async def _take(
        self,
        requests: Sequence[RowRequest],
        result: BlockResult,
        reserved: Mapping[bytes, Reservation],
        loan: Loan,
    ) -> None:
        """Store the answers of a block, then count them."""
        ended = [
            (request, _judged(request, outcome, reserved[request.key]))
            for request, outcome in zip(requests, result.outcomes, strict=True)
            if outcome.status != "unsent"
        ]
        outcomes = [outcome for _, outcome in ended]
        loan.requests, loan.tokens = result.requests, _tokens(outcomes, result.requests)
        self._progress.requests += max(0, result.requests - len(requests))
        kept = [pair for pair in ended if pair[1].error is None or pair[1].status in _KEPT]
        await asyncio.to_thread(self._plan.store.put, [StoredAnswer.of(*pair) for pair in kept])
        for request, outcome in ended:
            self._end(request, outcome)
        if self._claims is not None:
            for request, outcome in ended:
                if not outcome.answered:
                    await asyncio.to_thread(self._claims.release, request.key)
        if result.reason is not None:
            self.stop(result.reason)

    async def _reserved(self, requests: Sequence[RowRequest]) -> dict[bytes, Reservation]:
        """Reserve the price of a block. Waits as long as other blocks may release what it needs.

        Raises
        ------
        ConfigError
            When a budget does not cover it, or its price is not known.
        """
        while True:
            try:
                return reserve(requests)
            except BudgetExceededError:
                if not self._progress.in_flight:
                    raise
            self._ended.clear()
            await self._ended.wait()

    def _limits_of(self, lane: Lane) -> SharedLimits:
        address = lane.sender.endpoint.base_url
        if address not in self._limits:
            plan = self._plan
            self._limits[address] = SharedLimits(plan.concurrency, plan.rpm, plan.tpm, self._workers)
        return self._limits[address]

    async def _recipe(self, lane: Lane) -> Recipe:
        """What the workers need to know of a lane.

        Raises
        ------
        SettingsError
            When they cannot get what they need.
        """
        found = self._recipes.get(id(lane))
        if found is None:
            found = self._recipes[id(lane)] = await asyncio.to_thread(self._new_recipe, lane)
        return found

    def _new_recipe(self, lane: Lane) -> Recipe:
        plan, endpoint, options = self._plan, lane.sender.endpoint, lane.options
        model, base_url = lane.route.model, endpoint.base_url
        if endpoint.provider in {DEMO, LOCAL}:
            model, base_url = f"{endpoint.provider}:{model}", ""
        elif without_credentials(base_url) != base_url:
            raise SettingsError(
                "The base URL has a user and a password, which are not sent to workers.",
                advice="Use an API key in an environment variable.",
            )
        sent = replace(
            options, model=None, base_url=None, filled=None, owner=None, turn=None, tools=None,
            schema=_portable(options.schema),
        )  # fmt: skip
        key = reference_to(endpoint)
        if key is not None and endpoint.key is not None and plan.engine is not None:
            self._keys.enter_context(plan.engine.with_key(key, endpoint.key))
        return Recipe(model, base_url, key, sent, plan.sample, plan.on_error, plan.fail_fast)


_AGAIN = "The answers are stored. Run it again for the rest, if need be with a new engine."


def _portable(schema: Structure | None) -> Structure | None:
    """A schema that a worker can read: a class of the notebook is sent as its JSON Schema."""
    if schema is None or b"__main__" not in pickle.dumps(schema):
        return schema
    return Structure(schema.json_schema)


def _judged(request: RowRequest, outcome: Outcome, reservation: Reservation) -> Outcome:
    """An outcome with its price, and with the value that the notebook validates."""
    with reservation:
        usage = outcome.usage
        if usage is not None:
            (priced,) = reservation.take([UsageReported(0.0, replace(usage, cost=None))])
            usage = priced.usage  # type: ignore[union-attr]
        elif outcome.error is not None:
            reservation.take([Failed(0.0, outcome.error)])
    ladder = request.template.ladder
    structure = None if ladder is None else ladder.structure
    return judged(replace(outcome, usage=usage, cached=False), structure)


def _tokens(outcomes: Sequence[Outcome], requests: int) -> int | None:
    """The tokens of a block; None if some attempts are not known."""
    usages = [outcome.usage for outcome in outcomes if outcome.usage is not None]
    if len(usages) < requests:
        return None
    return sum((usage.input or 0) + (usage.output or 0) for usage in usages)
