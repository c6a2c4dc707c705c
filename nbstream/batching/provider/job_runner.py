"""Carries out a batch by the provider's Batch API: in jobs of many requests, answered within 24 hours."""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal

from nbstream._util.processes import this_process
from nbstream._util.redaction import without_credentials
from nbstream.batching.outcome import Outcome
from nbstream.batching.plan import Plan
from nbstream.batching.progress import Progress
from nbstream.batching.provider.job_run import FIRST_POLL, JobRun, expired, problem_of
from nbstream.batching.provider.jobs import Job, Jobs
from nbstream.batching.provider.request_file import RequestFile, files_of, line_of
from nbstream.batching.reservations import release, reserve
from nbstream.batching.row_request import RowRequest
from nbstream.batching.runner import Runner
from nbstream.client.batch_api import RemoteJob
from nbstream.cost.meter import Reservation
from nbstream.errors import ConfigError, NbstreamError, RequestError, StatusError
from nbstream.wire.problem import Problem

__all__ = ["JobRunner"]


class JobRunner(Runner):
    """One run over the rows of a batch. Jobs continue at the provider when it is stopped.

    Parameters
    ----------
    plan, progress, outcomes
        As of `Runner`.
    """

    retries_while_running = False

    def __init__(self, plan: Plan, progress: Progress, outcomes: list[Outcome | None]) -> None:
        super().__init__(plan, progress, outcomes)
        self._jobs = Jobs(plan.store)
        self._running: list[JobRun] = []
        self._cancelled = False
        self._handed = self._done = 0
        self._first_error: NbstreamError | None = None

    def _new_claims(self) -> None:
        """No claims: a request is in one job at a time."""

    async def cancel_jobs(self) -> None:
        """Submit nothing more, and ask the provider to cancel what it has.

        Raises
        ------
        RequestError
            When it refuses or cannot be reached.
        """
        self._cancelled = True
        await asyncio.gather(*(run.cancel() for run in self._running))

    def _started(self) -> list[asyncio.Task[None]]:
        return [asyncio.create_task(self._carry_out(), name="nbstream-batch")]

    def _judge(self, outcome: Outcome) -> None:
        """Take all results of a job, even if some are errors: they are paid."""
        if not outcome.answered and self._plan.on_error == "raise":
            self._first_error = self._first_error or outcome.error

    async def _carry_out(self) -> None:
        rows, requests = self._open_rows(), list[RowRequest]()
        while window := await self._window(rows):
            requests += window
        while requests:
            requests = await self._job_round(requests)
        if self._first_error is not None:
            self.stop(self._first_error)

    async def _job_round(self, requests: Sequence[RowRequest]) -> list[RowRequest]:
        """Send requests in jobs and take their results; returns those that have to be sent once more."""
        left = {request.key: request for request in requests}
        runs = []
        for job, keys in await self._open_jobs(left):
            mine = [left[key] for key in keys]
            if job.file_id is None:  # the file is made again, with all that is left
                await asyncio.to_thread(self._jobs.collected, job, keys)
                continue
            for key in keys:
                del left[key]
            runs.append(self._resumed(job, mine))
        await self._take_stored(left)
        if not self._cancelled:
            await self._free.wait()
            files = await asyncio.to_thread(files_of, self._lines(list(left.values())))
            reserved = reserve([request for file in files for request in file.requests])
            runs += [self._submitted(file, reserved) for file in files]
        again = []
        for done in await asyncio.gather(*runs, return_exceptions=True):
            if isinstance(done, BaseException):
                raise done
            again += done
        return again

    async def _open_jobs(self, keys: Iterable[bytes]) -> list[tuple[Job, list[bytes]]]:
        """The jobs with these requests, once no other process submits one of them."""
        while True:
            found = await asyncio.to_thread(self._jobs.open, keys)
            if not any(job.is_being_submitted for job, _ in found):
                return found
            await asyncio.sleep(FIRST_POLL)

    async def _take_stored(self, left: dict[bytes, RowRequest]) -> None:
        """Take answers that another run has stored in the meantime."""
        found = await asyncio.to_thread(self._plan.store.find, left)
        for key, answer in found.items():
            if self._took(left[key], answer):
                del left[key]

    def _lines(self, requests: Sequence[RowRequest]) -> list[tuple[RowRequest, bytes]]:
        """Requests with their lines; one that is too long has failed."""
        lines = []
        for request in requests:
            try:
                lines.append((request, line_of(request)))
            except ConfigError as error:
                self._end(request, Outcome("failed", error=error))
        return lines

    async def _resumed(self, job: Job, requests: Sequence[RowRequest]) -> list[RowRequest]:
        """Take the results of a job of an earlier run."""
        reserved = {}
        for request in requests:
            sender, sent = request.lane.sender, request.template.sent(request.messages)
            reserved[request.key] = Reservation(sender.meter, sender.endpoint, sent, Decimal())
        run = self._run_of(job, requests, reserved)
        try:
            return await self._job(run, reserved, resumed=True)
        except RequestError as error:
            if error.kind != "not_found":
                raise
            left = run.open_requests
            await run.forget(left)  # the provider has removed the job
            return [*run.again, *left]

    async def _submitted(self, file: RequestFile, reserved: Mapping[bytes, Reservation]) -> list[RowRequest]:
        """Send a file as a new job, and take its results."""
        endpoint = file.requests[0].lane.sender.endpoint
        job = Job(secrets.token_hex(8), without_credentials(endpoint.base_url), this_process())
        with self._jobs.submitting(job):
            if not await asyncio.to_thread(self._jobs.add, job, [request.key for request in file.requests]):
                release({request.key: reserved[request.key] for request in file.requests})
                return list(file.requests)  # another run was faster
            return await self._new_job(job, file, reserved)

    async def _new_job(
        self, job: Job, file: RequestFile, reserved: Mapping[bytes, Reservation]
    ) -> list[RowRequest]:
        run = self._run_of(job, file.requests, reserved)
        for request in file.requests:
            self._progress.request_sent(request.rows)
        try:
            return await self._job(run, reserved, file=file)
        except NbstreamError:
            if run.refused:  # the next run makes another file
                await run.forget(run.open_requests)
            raise
        finally:
            for _ in file.requests:
                self._progress.request_ended()

    def _run_of(
        self, job: Job, requests: Sequence[RowRequest], reserved: Mapping[bytes, Reservation]
    ) -> JobRun:
        api = requests[0].lane.route.client.batch_api()
        run = JobRun(
            api,
            self._jobs,
            job,
            requests=requests,
            reservations=reserved,
            result=self._result,
            seen=self._look,
        )
        self._running.append(run)
        self._handed += len(requests)
        return run

    def _look(self) -> None:
        """Show what the provider has done."""
        done = sum(run.remote.done for run in self._running if run.remote is not None)
        self._progress.jobs_seen(self._done + done, self._handed)

    async def _job(
        self,
        run: JobRun,
        reserved: Mapping[bytes, Reservation],
        *,
        file: RequestFile | None = None,
        resumed: bool = False,
    ) -> list[RowRequest]:
        """Carry out a job; returns the requests to be sent once more."""
        requests = run.open_requests
        try:
            with self._jobs.submitting(run.job):
                await run.submit(f"nbstream-{run.job.tag}.jsonl", b"" if file is None else file.content)
            if self._cancelled:
                await run.cancel()
            remote = await run.finish()
            left = run.open_requests
            once_more = await self._settle_rest(left, remote, resumed=resumed)
            await run.forget(left)
            return [*run.again, *once_more]
        finally:
            release({request.key: reserved[request.key] for request in requests})
            self._running.remove(run)
            self._done += 0 if run.remote is None else run.remote.done

    async def _settle_rest(
        self, left: Sequence[RowRequest], remote: RemoteJob, *, resumed: bool
    ) -> list[RowRequest]:
        """The outcomes of requests without a result; returns those to be sent once more."""
        if remote.status == "cancelled" or not left:
            return []  # they are not sent
        if remote.status == "failed":
            return self._settle_refused(left, remote)
        if remote.status == "completed" and resumed:
            return list(left)  # the file may have been made from other rows
        missing = StatusError("The provider returned no result for it.", kind="provider", advice=_AGAIN)
        error = expired() if remote.status == "expired" else missing
        for request in left:
            self._end(request, Outcome("failed", attempts=1, error=error))
        return []

    def _settle_refused(self, left: Sequence[RowRequest], remote: RemoteJob) -> list[RowRequest]:
        """A job that was refused: only the lines that are wrong have failed, if these are named."""
        wrong = {number: problem for number, problem in remote.problems if number is not None}
        named = len(wrong) == len(remote.problems) and 0 < len(wrong) < len(left)
        first = remote.problems[0][1] if remote.problems else Problem("no message")
        good = []
        for number, request in enumerate(left, 1):
            if named and number not in wrong:
                good.append(request)
            else:
                self._end(request, Outcome("failed", error=problem_of(wrong.get(number, first))))
        return good

    async def _result(self, request: RowRequest, outcome: Outcome) -> None:
        """Keep an answer, then count it."""
        if outcome.error is None or outcome.status in {"invalid", "truncated"}:
            await self._keep(request, outcome)
        self._end(request, outcome)


_AGAIN = "Run it again for what is missing."
