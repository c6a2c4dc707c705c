"""`Batch`: one prompt over the rows of a table."""

from __future__ import annotations

import asyncio
from collections.abc import Generator, Sequence
from contextlib import AbstractContextManager, nullcontext
from typing import Any

from nbstream._util.coroutine import CoroutineLike
from nbstream._util.running import loop_is_running, run_to_end
from nbstream.batching.draining import wait_through_interrupts
from nbstream.batching.dry_run import dry_run
from nbstream.batching.engines.engine_runner import EngineRunner
from nbstream.batching.outcome import UNSENT, Outcome
from nbstream.batching.plan import Plan
from nbstream.batching.progress import Progress
from nbstream.batching.progress_bar import ProgressBar
from nbstream.batching.provider.job_runner import JobRunner
from nbstream.batching.result import added_columns
from nbstream.batching.runner import Runner
from nbstream.batching.store import Store
from nbstream.batching.view.shown_batch import ShownBatch
from nbstream.errors import BatchError, NbstreamError, StateError
from nbstream.views.host import detect, draws_live_tables

__all__ = ["Batch"]


class Batch(CoroutineLike[Any]):
    """One prompt over the rows of a table: what `nbstream.batch` returns.

    Await it for the table with the answers. Nothing is sent before that.

    Parameters
    ----------
    plan
        What it does.
    shows_progress
        Whether the progress is shown.
    dry_run
        Whether awaiting it returns a `DryRun` and sends nothing.

    Attributes
    ----------
    progress : Progress
        How far it is; what shows a batch subscribes to it.

    Examples
    --------
    >>> from nbstream import Chat
    >>> rows = [{"city": "Oslo"}, {"city": "Rome"}, {"city": "Oslo"}]
    >>> batch = Chat("demo:nbstream-demo-fast").batch("echo: {{ city }}", rows, store=False, progress=False)
    >>> table = batch.result()
    >>> batch
    <Batch: 3 of 3 rows answered, 1 of them without a request>
    >>> batch.progress.requests
    2
    """

    def __init__(self, plan: Plan, *, shows_progress: bool = True, dry_run: bool = False) -> None:
        super().__init__()
        self._plan = plan
        self._dry_run = dry_run
        self._shows_progress = shows_progress
        self._outcomes: list[Outcome | None] = [None] * len(plan.table)
        self._runner: Runner | None = None
        self._task: asyncio.Task[None] | None = None
        self._view: AbstractContextManager[object] = nullcontext()
        self.progress = Progress(len(plan.table))

    def __repr__(self) -> str:
        progress = self.progress
        facts = [f"{progress.answered:,} of {progress.total:,} rows answered"]
        if progress.cached:
            facts.append(f"{progress.cached:,} of them without a request")
        if progress.failed:
            facts.append(f"{progress.failed:,} failed")
        return f"<Batch: {', '.join(facts)}>"

    def __await__(self) -> Generator[Any, Any, Any]:
        """Run to the end, and return the table.

        The first interrupt stops sending and waits for the requests in flight, so that their answers are
        stored; the second cancels them.

        Raises
        ------
        BatchError
            When it stopped before its end; its `table` holds the rows so far.
        """
        return self._whole().__await__()

    @property
    def outcomes(self) -> Sequence[Outcome]:
        """What became of each row so far."""
        return [outcome or UNSENT for outcome in self._outcomes]

    @property
    def store(self) -> Store:
        """Where its answers are kept."""
        return self._plan.store

    @property
    def table(self) -> Any:
        """The table with the answers so far; rows without one have the status ``"unsent"``."""
        return self._plan.table.extended(added_columns(self._plan, self._outcomes))

    @property
    def done(self) -> bool:
        """Whether every row has an answer or an error."""
        return None not in self._outcomes

    def result(self) -> Any:
        """Wait for the table, in code without ``await``.

        Raises
        ------
        StateError
            On a running event loop, where it has to be awaited.
        BatchError
            As for ``await``.
        """
        if loop_is_running():
            raise StateError("An event loop is running here.", advice="Use: table = await batch.")
        return run_to_end(self._whole())

    def pause(self) -> None:
        """Send nothing new until `resume`."""
        if self._runner is not None and self.is_running:
            self._runner.pause()

    def resume(self) -> None:
        """Continue after `pause`."""
        if self._runner is not None and self.is_running:
            self._runner.resume()

    def stop(self, *, now: bool = False) -> None:
        """Send nothing new, and take the answers of requests in flight. What awaits gets the table so far.

        Parameters
        ----------
        now
            Also cancel the requests in flight. Their answers are lost, and the provider may charge for them.
        """
        if self._runner is not None:
            (self._runner.cancel if now else self._runner.stop)()

    async def cancel(self) -> Any:
        """Cancel what the provider has not answered yet. Only for ``via="batch-api"``.

        Also cancels jobs of an earlier run with the same rows, if this batch was not awaited yet.

        Returns
        -------
        table
            With the answers that there are.

        Raises
        ------
        StateError
            For requests that are sent one by one: `stop` ends those.
        RequestError
            When the provider refuses or cannot be reached.
        """
        if self._plan.via != "batch-api":
            raise StateError("This batch has no jobs at a provider.", advice="Use stop().")
        if not self.is_running and not self.done:
            self._start()
        if isinstance(self._runner, JobRunner):
            await self._runner.cancel_jobs()
        return await self

    def close(self) -> None:
        """Do nothing: a batch that is not awaited sends nothing."""

    def retry_failed(self) -> Batch:
        """Open the rows that failed again.

        While the batch runs, they are sent once all others have ended; otherwise when it is awaited once
        more.

        Raises
        ------
        StateError
            While it stops, and while jobs of a Batch API run.
        """
        if self.is_running and self._runner is not None:
            if self.progress.phase == "draining" or not self._runner.retries_while_running:
                raise StateError("The batch cannot retry rows now.", advice="Wait until it has ended.")
            self._runner.retry()
        for at, outcome in enumerate(self._outcomes):
            if outcome is not None and not outcome.answered:
                self.progress.rows_open_again([at], outcome)
                self._outcomes[at] = None
        return self

    @property
    def is_running(self) -> bool:
        """Whether it is awaited and has not ended."""
        return self._task is not None and not self._task.done()

    async def _whole(self) -> Any:
        if self._dry_run:
            return await dry_run(self._plan)
        if not self.is_running and not self.done:
            if self._shows_progress:
                self._view = self._shown()
            self._start()
        if self._task is not None and self._runner is not None:
            await wait_through_interrupts(self._task, self._runner.stop, self._runner.cancel)
            await self._task
            if self._runner.reason is not None:
                raise self._stopped(self._runner.reason)
        return self.table

    def _start(self) -> None:
        self._runner = self._runner_class()(self._plan, self.progress, self._outcomes)
        self._task = asyncio.get_running_loop().create_task(self._run(self._runner), name="nbstream-batch")

    def _runner_class(self) -> type[Runner]:
        if self._plan.engine is not None:
            return EngineRunner
        return JobRunner if self._plan.via == "batch-api" else Runner

    async def _run(self, runner: Runner) -> None:
        with self._view:
            await runner.run()

    def _shown(self) -> AbstractContextManager[object]:
        """What shows the progress in the running cell."""
        if detect() == "terminal":
            return ProgressBar(self.progress)
        if not draws_live_tables():
            from nbstream.batching.progress_output import ProgressOutput  # imports IPython

            return ProgressOutput(self.progress)
        from nbstream.batching.view.showing import TableShowing  # imports IPython

        batch = ShownBatch(
            self._plan,
            self.progress,
            self._outcomes,
            pause=self.pause,
            resume=self.resume,
            stop=self.stop,
            cancel=lambda: self.stop(now=True),
            retry=self._retry_in_place,
            problem=self._problem,
        )
        return TableShowing(batch)

    def _retry_in_place(self) -> None:
        """Send the rows that failed again, below the cell that shows them.

        Raises
        ------
        StateError
            When the answers would be lost: the table was returned, and there is no store.
        """
        if not self.is_running and self._plan.store.path is None:
            raise StateError(
                "The batch has ended, and it has no store for further answers.", advice="Run the cell again."
            )
        self.retry_failed()
        if not self.is_running:
            self._start()

    def _problem(self) -> str:
        reason = self._runner.reason if self._runner is not None else None
        return "" if reason is None else str(reason)

    def _stopped(self, reason: NbstreamError) -> BatchError:
        """Why the run stopped, as an error with the rows so far."""
        left = self.progress.left
        error = BatchError(
            f"The batch stopped: {reason}",
            kind=reason.kind,
            advice=f"{left:,} rows were not sent. The answers are stored: run it again for the rest.",
        )
        error.table = self.table
        error.__cause__ = reason
        return error
