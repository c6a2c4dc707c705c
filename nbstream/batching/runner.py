"""Carries out a batch: takes rows from its table, sends what the store does not have."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import islice
from typing import Any

from nbstream.batching.claims import Claims, LookedUp
from nbstream.batching.correction import judged
from nbstream.batching.engines.block_files import collect_left_over
from nbstream.batching.lanes import Lanes
from nbstream.batching.outcome import UNSENT, Outcome
from nbstream.batching.plan import Plan
from nbstream.batching.progress import Progress
from nbstream.batching.request_template import json_text
from nbstream.batching.row_prompt import Asked
from nbstream.batching.row_request import RowRequest
from nbstream.batching.store_writer import StoreWriter
from nbstream.batching.stored_answer import StoredAnswer
from nbstream.errors import ConfigError, NbstreamError
from nbstream.pacing import PrefixGate

__all__ = ["Runner"]

_LOOKED_UP = 64
"""Rows that are filled in and looked up together."""
_WINDOW, _WINDOW_CHARS = 2000, 20_000_000
"""Requests that are ordered by their prefixes together: so many, or so much text."""
_MOST_WORKERS = 256
_FIRST_LOOK, _LONGEST_LOOK = 0.1, 2.0
"""Seconds between looks for the answers of another run."""


class Runner:
    """One run over the rows of a batch. Belongs to the running event loop.

    Parameters
    ----------
    plan
        What the batch does.
    progress
        Where it is counted.
    outcomes
        What became of each row; None for a row that is to be sent. Filled in here.

    Attributes
    ----------
    reason : NbstreamError or None
        Why the run stopped before its end.
    """

    retries_while_running = True

    def __init__(self, plan: Plan, progress: Progress, outcomes: list[Outcome | None]) -> None:
        self.reason: NbstreamError | None = None
        self._plan = plan
        self._progress = progress
        self._outcomes = outcomes
        self._writer = StoreWriter(plan.store)
        self._claims = self._new_claims()
        self._elsewhere: list[RowRequest] = []
        self._lanes = Lanes(plan, progress, self._keep)
        self._queue: asyncio.Queue[RowRequest | None] = asyncio.Queue(1)
        self._known: dict[bytes, RowRequest | int] = {}
        self._free = asyncio.Event()
        self._free.set()
        self._stopping = False
        self._again = False
        self._failures = 0
        self._tasks: list[asyncio.Task[None]] = []

    async def run(self) -> None:
        """Run to the end, or until it is stopped; `reason` says why. Errors of rows are outcomes."""
        self._progress.begin()
        await asyncio.to_thread(collect_left_over, self._plan.store)
        try:
            await self._run()
        finally:
            self._progress.change("ended")

    def pause(self) -> None:
        """Send nothing new until `resume`."""
        self._free.clear()
        self._progress.change("paused")

    def resume(self) -> None:
        """Continue after `pause`."""
        self._free.set()
        self._progress.change("running")

    def retry(self) -> None:
        """Send rows that were opened again, once all others have ended."""
        self._again, self._failures = True, 0

    def stop(self, reason: NbstreamError | None = None) -> None:
        """Send nothing new. Requests in flight end, and their answers are stored."""
        if self._stopping:
            return
        self._stopping, self.reason = True, reason
        self._progress.change("draining")
        sending = {task for sender in self._lanes.senders for task in sender.sending}
        for task in self._tasks:
            if task not in sending:
                task.cancel()

    def cancel(self) -> None:
        """Also cancel what is in flight: its answers are lost, and may be paid."""
        self.stop()
        for task in self._tasks:
            task.cancel()

    async def _run(self) -> None:
        try:
            await self._round()
            while self._again and not self._stopping:
                self._again = False
                self._known.clear()  # what has an answer is found in the store
                await self._round()
        finally:
            await self._writer.aclose()
            if self._claims is not None:
                await asyncio.to_thread(self._claims.close)

    async def _round(self) -> None:
        """Send the rows without an outcome."""
        self._tasks = self._started()
        try:
            done, _ = await asyncio.wait(self._tasks, return_when=asyncio.FIRST_EXCEPTION)
            for task in done:
                self._check(task)
        except BaseException:
            self.cancel()
            raise
        finally:
            await asyncio.gather(*self._tasks, return_exceptions=True)

    def _new_claims(self) -> Claims | None:
        """What keeps other runs from sending the same; a store in memory has no other runs to share with."""
        return None if self._plan.store.path is None else Claims(self._plan.store)

    def _started(self) -> list[asyncio.Task[None]]:
        """The tasks of the run."""
        count = self._plan.concurrency if isinstance(self._plan.concurrency, int) else _MOST_WORKERS
        work = [self._feed(count), *(self._work() for _ in range(count))]
        return [asyncio.create_task(job, name="nbstream-batch") for job in work]

    def _check(self, task: asyncio.Task[None]) -> None:
        """Stop if a task could not continue: the store cannot be used, or no endpoint is configured.

        Raises
        ------
        Exception
            One that nobody expects.
        """
        error = None if task.cancelled() else task.exception()
        if isinstance(error, NbstreamError):
            self.stop(error)
        elif error is not None:
            raise error

    async def _feed(self, workers: int) -> None:
        """Put what has to be sent into the queue, in the order that uses the provider's cache best."""
        rows = self._open_rows()
        window: list[RowRequest] | None = await self._window(rows)
        while window:
            upcoming = asyncio.create_task(self._window(rows), name="nbstream-batch-window")
            try:
                await self._feed_window(window)
                window = await upcoming
            finally:
                upcoming.cancel()
        while self._elsewhere:
            await self._feed_window(await self._taken_over())
        for _ in range(workers):
            await self._queue.put(None)

    async def _feed_window(self, window: Sequence[RowRequest]) -> None:
        gate = PrefixGate([message.as_dict() for message in request.messages] for request in window)
        while (turn := await gate.next()) is not None:
            request = window[turn.row]
            request.turn = turn
            await self._queue.put(request)

    async def _work(self) -> None:
        while (request := await self._queue.get()) is not None:
            await self._free.wait()
            try:
                outcome = await request.lane.sender.send(request)
            except ConfigError as error:  # of a budget or the store
                self.stop(error)
                return
            finally:
                if request.turn is not None:
                    request.turn.done()
            self._end(request, outcome)
            if self._claims is not None and not outcome.answered:
                await asyncio.to_thread(self._claims.release, request.key)
            if self._stopping:
                return

    async def _taken_over(self) -> list[RowRequest]:
        """Wait for the answers of other runs; returns requests that these have given up."""
        wait, window = _FIRST_LOOK, list[RowRequest]()
        while self._elsewhere and not window:
            self._progress.waits_for(sum(len(request.rows) for request in self._elsewhere))
            await asyncio.sleep(wait)
            wait = min(wait * 2, _LONGEST_LOOK)
            waiting, self._elsewhere = self._elsewhere, []
            window = await self._unanswered(waiting)
            if len(self._elsewhere) < len(waiting):
                wait = _FIRST_LOOK
        self._progress.waits_for(sum(len(request.rows) for request in self._elsewhere))
        return window

    async def _unanswered(self, requests: Sequence[RowRequest]) -> list[RowRequest]:
        """Those of some requests that have to be sent; the store's answers to the others are taken."""
        looked_up = await asyncio.to_thread(self._look_up, [request.key for request in requests])
        unanswered = []
        for request in requests:
            stored = looked_up.answers.get(request.key)
            if stored is not None and self._took(request, stored):
                continue
            if request.key in looked_up.elsewhere:
                self._elsewhere.append(request)
            else:
                unanswered.append(request)
        return unanswered

    def _look_up(self, keys: Sequence[bytes]) -> LookedUp:
        if self._claims is None:
            return LookedUp(self._plan.store.find(keys), frozenset())
        return self._claims.look_up(keys)

    def _end(self, request: RowRequest, outcome: Outcome) -> None:
        self._known[request.key] = request.rows[0]
        self._settle(request.rows, outcome)

    def _settle(self, rows: Sequence[int], outcome: Outcome) -> None:
        """Note the outcome of rows that share a request."""
        shared = replace(outcome, cached=True) if len(rows) > 1 else outcome
        for at in rows[1:]:
            self._outcomes[at] = shared
        self._outcomes[rows[0]] = outcome
        self._progress.row_ended(rows, outcome)
        self._judge(outcome)

    def _judge(self, outcome: Outcome) -> None:
        """Stop after too many failures in a row, or at the first one if that was asked for."""
        if outcome.answered:
            self._failures = 0 if not outcome.cached else self._failures
            return
        self._failures += 1
        if self._plan.on_error == "raise" or self._failures == self._plan.fail_fast:
            self.stop(outcome.error)

    def _open_rows(self) -> Iterator[tuple[int, Mapping[str, Any]]]:
        """The rows without an outcome."""
        return ((at, row) for at, row in enumerate(self._plan.table.rows()) if self._outcomes[at] is None)

    async def _window(self, rows: Iterator[tuple[int, Mapping[str, Any]]]) -> list[RowRequest]:
        """The next requests that have to be sent, to be ordered among themselves; none at the end."""
        window: list[RowRequest] = []
        size = 0
        while size < _WINDOW_CHARS and len(window) < _WINDOW and (some := await self._next(rows)):
            new = await self._new_requests(some)
            unanswered = await self._unanswered(new)
            window += unanswered
            size += sum(len(request.text) for request in unanswered)
        return window

    async def _next(
        self, rows: Iterator[tuple[int, Mapping[str, Any]]]
    ) -> list[tuple[int, Mapping[str, Any]]]:
        """The next few rows."""
        some = islice(rows, _LOOKED_UP)
        return await asyncio.to_thread(list, some) if self._plan.table.is_remote else list(some)

    async def _new_requests(self, window: Sequence[tuple[int, Mapping[str, Any]]]) -> list[RowRequest]:
        """The requests of some rows that no earlier row has."""
        new = []
        for at, row in window:
            try:
                asked = self._plan.asked(row)
            except NbstreamError as error:
                self._settle([at], Outcome("failed", error=error))
                continue
            request = await self._request(asked)
            known = self._known.get(request.key)
            if known is None:
                request.rows.append(at)
                self._known[request.key] = request
                new.append(request)
            elif isinstance(known, RowRequest):
                known.rows.append(at)
            else:
                self._settle([at], replace(self._outcomes[known] or UNSENT, cached=True))
        return new

    async def _request(self, asked: Asked) -> RowRequest:
        lane = await self._lanes.lane(asked)
        text = json_text(asked.messages)
        return RowRequest(lane.template.key(text), lane, asked.messages, text)

    def _took(self, request: RowRequest, stored: StoredAnswer) -> bool:
        """Take an answer of the store, unless it is one that may be asked for again."""
        ladder = request.template.ladder
        outcome = judged(stored.outcome, None if ladder is None else ladder.structure)
        if outcome.answered:
            self._end(request, outcome)
        return outcome.answered

    async def _keep(self, request: RowRequest, outcome: Outcome) -> None:
        await self._writer.write(StoredAnswer.of(request, outcome))
