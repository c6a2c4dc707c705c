"""One job of a Batch API: uploaded, created, watched until it has ended, and collected into the store."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import aclosing
from dataclasses import replace
from typing import TypeVar

from nbstream.batching.correction import judged
from nbstream.batching.outcome import Outcome, outcome_of
from nbstream.batching.provider.jobs import Job, Jobs
from nbstream.batching.provider.request_file import ResultLine, result_of
from nbstream.batching.reservations import NOT_CHARGED
from nbstream.batching.row_request import RowRequest
from nbstream.client.batch_api import BatchAPI, RemoteJob
from nbstream.cost.meter import Reservation
from nbstream.errors import (
    ConnectError,
    NbstreamError,
    ProtocolError,
    RequestTimeoutError,
    StatusError,
    StreamInterruptedError,
)
from nbstream.types.events import Failed
from nbstream.wire.problem import Problem
from nbstream.wire.retry import RetryPolicy, may_pass

__all__ = ["FIRST_POLL", "JobRun", "expired", "problem_of"]

T = TypeVar("T")

FIRST_POLL, LONGEST_POLL = 1.0, 60.0
_POLL_GROWTH = 1.5
_GROUP = 200
_RETRY = RetryPolicy(retries=4)
_EXPIRED = "batch_expired"

Result = Callable[[RowRequest, Outcome], Awaitable[None]]
"""Takes the outcome of a request; returns when an answer is in the store."""


class JobRun:
    """Carries out one job. Every step is noted before the next, so that a restart resumes after the last.

    Parameters
    ----------
    api
        The provider.
    jobs
        Where steps are noted.
    job
        The job.
    requests
        Its requests that this batch needs.
    reservations
        Their reserved prices, by their keys.
    result
        Takes outcomes.
    seen
        Called when the job was looked at.

    Attributes
    ----------
    again : list of RowRequest
        Requests to be sent once more, because the provider does not take a schema in the form that they had.
    remote : RemoteJob or None
        The job as it was last seen.
    refused : bool
        Whether the provider has certainly not created the job.
    """

    def __init__(
        self,
        api: BatchAPI,
        jobs: Jobs,
        job: Job,
        *,
        requests: Sequence[RowRequest],
        reservations: Mapping[bytes, Reservation],
        result: Result,
        seen: Callable[[], None],
    ) -> None:
        self.job = job
        self.again: list[RowRequest] = []
        self.refused = False
        self.remote: RemoteJob | None = None
        self._seen = seen
        self._api = api
        self._jobs = jobs
        self._requests = {request.key: request for request in requests}
        self._modes = {request.key: request.template.mode for request in requests}
        self._reservations = reservations
        self._result = result
        self._look = asyncio.Event()

    @property
    def open_requests(self) -> Sequence[RowRequest]:
        """Requests without a result."""
        return list(self._requests.values())

    async def submit(self, name: str, content: bytes) -> None:
        """Upload the file and create the job, as far as that was not done before.

        Raises
        ------
        RequestError
            When the provider refuses it or cannot be reached.
        """
        job, is_new = self.job, self.job.file_id is None
        if job.file_id is None:
            job.file_id = await _retried(lambda: self._api.upload(name, content))
            await asyncio.to_thread(self._jobs.update, job)
        if job.job_id is None:
            job.job_id = (await self._created(job.file_id, is_new=is_new)).id
            await asyncio.to_thread(self._jobs.update, job)

    async def _created(self, file_id: str, *, is_new: bool) -> RemoteJob:
        """Create the job, unless it was created and nobody received its name: it would be paid twice."""
        tag = self.job.tag
        known = None if is_new else await _retried(lambda: self._api.find(tag, file_id))
        if known is not None:
            return known
        try:
            return await self._create(file_id)
        except NbstreamError:
            if self.refused:
                raise
        known = await _retried(lambda: self._api.find(tag, file_id))
        return known or await self._create(file_id)

    async def _create(self, file_id: str) -> RemoteJob:
        api = next(iter(self._requests.values())).template.api
        try:
            return await self._api.create(file_id, api, self.job.tag)
        except NbstreamError as error:
            self.refused = not _is_passing(error)
            raise

    async def cancel(self) -> None:
        """Ask the provider to cancel the job.

        Raises
        ------
        RequestError
            When it refuses or cannot be reached.
        """
        job_id = self.job.job_id
        if job_id is not None:
            await _retried(lambda: self._api.cancel(job_id))
        self._look.set()

    async def finish(self) -> RemoteJob:
        """Wait until the job has ended, and take its results.

        Raises
        ------
        RequestError
            When the job is gone, or the provider refuses.
        """
        remote = await self._ended()
        for file_id, lines in zip(remote.files, remote.lines, strict=True):
            await self._collect(file_id, lines)
        return remote

    async def forget(self, requests: Sequence[RowRequest]) -> None:
        """Note that the job has no results for these requests."""
        for request in requests:
            self._requests.pop(request.key, None)
        await asyncio.to_thread(self._jobs.collected, self.job, [request.key for request in requests])

    async def _ended(self) -> RemoteJob:
        """The job at its end. Nothing but a refusal ends the wait: the network may be away for hours."""
        wait = FIRST_POLL
        while True:
            try:
                self.remote = remote = await self._api.retrieve(self.job.job_id or "")
                self._seen()
                if remote.ended:
                    return remote
            except NbstreamError as error:
                if not _is_passing(error):
                    raise
                wait = max(wait, error.retry_after or 0.0)
            try:
                await asyncio.wait_for(self._look.wait(), wait)
                self._look.clear()
                wait = FIRST_POLL
            except TimeoutError:
                wait = min(wait * _POLL_GROWTH, LONGEST_POLL)

    async def _collect(self, file_id: str, lines: int) -> None:
        """Take all results of a file, which may take several downloads."""
        for attempt in range(1, _RETRY.retries + 2):
            try:
                read, cut = await self._download(file_id)
            except NbstreamError as error:
                wait = _RETRY.wait_before(attempt, error, random.random) if _is_passing(error) else None
                if wait is None:
                    raise
            else:
                if not cut and (read >= lines or attempt > _RETRY.retries):
                    return
                wait = _RETRY.base
            await asyncio.sleep(wait)
        raise StreamInterruptedError(
            "The results could not be downloaded completely.",
            advice="Those that arrived are stored. Run it again for the rest.",
        )

    async def _download(self, file_id: str) -> tuple[int, bool]:
        """Take the results of one download. Returns how many there were, and whether the last was cut off."""
        group: list[ResultLine] = []
        read, cut = 0, False
        try:
            async with aclosing(self._api.lines(file_id)) as lines:
                async for line in lines:
                    result = result_of(line)
                    read, cut = read + (result is not None), result is None
                    group += [] if result is None else [result]
                    if len(group) >= _GROUP:
                        taken, group = group, []
                        await self._take(taken)
        finally:
            await self._take(group)
        return read, cut

    async def _take(self, group: Sequence[ResultLine]) -> None:
        """Store results, and only then note that they are collected."""
        wanted = {line.key: line for line in group if line.key in self._requests}
        requests = [self._requests[key] for key in wanted]
        outcomes = [(request, self._outcome(request, wanted[request.key])) for request in requests]
        again = [request for request, outcome in outcomes if self._is_refused_form(request, outcome)]
        self.again += again
        await asyncio.gather(*(self._result(*each) for each in outcomes if each[0] not in again))
        await self.forget(requests)

    def _outcome(self, request: RowRequest, line: ResultLine) -> Outcome:
        with self._reservations[request.key] as reservation:
            return self._judged(request, line, reservation)

    def _judged(self, request: RowRequest, line: ResultLine, reservation: Reservation) -> Outcome:
        if line.status is None:
            reservation.take([NOT_CHARGED])
            return Outcome("failed", attempts=1, error=self._unprocessed(line))
        if not 200 <= line.status < 300:
            error = self._api.refused(line.status, line.body)
            reservation.take([Failed(0.0, error)])
            return Outcome("failed", attempts=1, error=error)
        sent = request.template.sent(request.messages)
        events = reservation.take(self._api.events(sent, line.body))
        outcome = replace(outcome_of(events, attempts=1, seconds=0.0), seconds=None)
        if outcome.status == "failed" and outcome.error is None:
            problem = ProtocolError("The result is not an answer.", advice="Ask the provider.")
            outcome = replace(outcome, error=problem)
        ladder = request.template.ladder
        return judged(outcome, None if ladder is None else ladder.structure)

    def _is_refused_form(self, request: RowRequest, outcome: Outcome) -> bool:
        """Whether only the form was refused in which the schema was sent, and there is another."""
        ladder, mode, error = request.template.ladder, self._modes[request.key], outcome.error
        if ladder is None or mode is None or outcome.status != "failed" or error is None:
            return False
        if request.template.mode != mode:  # another line has shown the same
            return True
        return ladder.after_refusal(request.template.model, mode, error) is not None

    def _unprocessed(self, line: ResultLine) -> NbstreamError:
        if line.code == _EXPIRED:
            return expired()
        return problem_of(Problem(self._api.said(line.message or line.code or "no message"), line.code))


def expired() -> NbstreamError:
    """The error of a request that was not answered in time."""
    return RequestTimeoutError(
        "The provider did not answer it within 24 hours.", advice="Run it again for what is missing."
    )


def problem_of(problem: Problem) -> NbstreamError:
    """An error that the provider names."""
    return StatusError(
        f"The provider did not carry it out: {problem.message}",
        kind="bad_request",
        advice="Correct it, then run it again.",
    )


def _is_passing(error: NbstreamError) -> bool:
    return may_pass(error) or isinstance(error, RequestTimeoutError | ConnectError)


async def _retried(send: Callable[[], Awaitable[T]]) -> T:
    """Send a request that may be repeated."""
    attempt = 0
    while True:
        try:
            return await send()
        except NbstreamError as error:
            attempt += 1
            wait = _RETRY.wait_before(attempt, error, random.random)
            if wait is None:
                raise
            await asyncio.sleep(wait)
