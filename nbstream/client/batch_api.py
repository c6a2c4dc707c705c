"""A provider's Batch API, as OpenAI defines it: a file of requests is answered within 24 hours."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any, TypeVar

import httpx2

from nbstream.client.api_client import APIClient
from nbstream.client.cleaning import cleaned
from nbstream.errors import NbstreamError, ProtocolError, StatusError
from nbstream.types.events import Events, Opened
from nbstream.types.limits import MEBIBYTE, Limits
from nbstream.types.request import APIName, ChatRequest
from nbstream.wire.problem import Problem, printable
from nbstream.wire.response_reader import ResponseReader

__all__ = ["ENDED", "BatchAPI", "RemoteJob", "path_of"]

T = TypeVar("T")

ENDED = frozenset({"completed", "failed", "expired", "cancelled"})
"""Statuses of a job that does not change any more."""

_PATHS: dict[APIName, Any] = {"chat": "/v1/chat/completions", "responses": "/v1/responses"}
_TAG = "nbstream"
_LISTED = 1000
_MOST_LINE = 64 * MEBIBYTE
_TIMEOUT = httpx2.Timeout(300.0, connect=10.0)


def path_of(api: APIName) -> str:
    """What a line of a file of requests calls its API."""
    path: str = _PATHS[api]
    return path


@dataclass(frozen=True, slots=True)
class RemoteJob:
    """A job as the provider describes it.

    Parameters
    ----------
    id, status
        Its name; ``"validating"``, ``"in_progress"``, ``"finalizing"``, ``"cancelling"`` or one of `ENDED`.
    files
        Names of the files with results: first that of answers, then that of errors, as far as they exist.
    done
        How many requests it has carried out.
    lines
        How many results each of these files has; 0 if that is not known.
    problems
        Why it failed: the number of a line, from 1, or None, and what is wrong.
    """

    id: str
    status: str
    done: int = 0
    files: tuple[str, ...] = ()
    lines: tuple[int, ...] = ()
    problems: tuple[tuple[int | None, Problem], ...] = field(default=())

    @property
    def ended(self) -> bool:
        """Whether it does not change any more."""
        return self.status in ENDED


class BatchAPI:
    """The Batch API of one endpoint.

    Every method raises a `RequestError` when the provider refuses or cannot be reached.

    Parameters
    ----------
    api
        The endpoint's client.
    """

    def __init__(self, api: APIClient) -> None:
        self._api = api

    async def upload(self, name: str, lines: bytes) -> str:
        """Upload a file of requests, and return the provider's name of it."""
        file = (name, lines, "application/jsonl")
        made = await self._sent(lambda **also: self._api.sdk.files.create(file=file, purpose="batch", **also))
        return str(made.id)

    async def create(self, file_id: str, api: APIName, tag: str) -> RemoteJob:
        """Create the job for an uploaded file. `tag` finds it again."""
        made = await self._sent(
            lambda **also: self._api.sdk.batches.create(
                input_file_id=file_id,
                endpoint=_PATHS[api],
                completion_window="24h",
                metadata={_TAG: tag},
                **also,
            )
        )
        return _job(made)

    async def find(self, tag: str, file_id: str) -> RemoteJob | None:
        """The job that was created with a tag or for a file, among the latest ones; None if there is none."""

        async def search(**also: Any) -> RemoteJob | None:
            seen = 0
            async for job in self._api.sdk.batches.list(limit=100, **also):
                if (job.metadata or {}).get(_TAG) == tag or job.input_file_id == file_id:
                    return _job(job)
                seen += 1
                if seen >= _LISTED:
                    break
            return None

        return await self._sent(search)

    async def retrieve(self, job_id: str) -> RemoteJob:
        """A job as it is now."""
        return _job(await self._sent(lambda **also: self._api.sdk.batches.retrieve(job_id, **also)))

    async def cancel(self, job_id: str) -> RemoteJob:
        """Ask to cancel a job. What it has answered by then is paid, and can be read."""
        return _job(await self._sent(lambda **also: self._api.sdk.batches.cancel(job_id, **also)))

    async def lines(self, file_id: str) -> AsyncGenerator[bytes, None]:
        """The lines of a file, without empty ones; the last may be cut off if the connection ended early."""
        opening = self._api.sdk.files.with_streaming_response.content(
            file_id, extra_headers=self._api.headers(), timeout=_TIMEOUT
        )
        rest, begun = b"", False
        try:
            async with opening as response:
                begun = True
                async for block in response.iter_bytes():
                    *whole, rest = (rest + block).split(b"\n")
                    for line in whole:
                        if line.strip():
                            yield line
                    _check_line(rest)
        except (NbstreamError, GeneratorExit):
            raise
        except Exception as error:
            errors = self._api.errors
            raise (errors.broken(error, begun=True) if begun else errors.unanswered(error)) from error
        if rest.strip():
            yield rest

    def events(self, request: ChatRequest, body: bytes) -> Events:
        """The events of an answer in a file of results."""
        reader = ResponseReader(
            self._api.decoders(request)(), Limits(), streamed=False, content_type="application/json"
        )
        events: Events = [Opened(0.0, None), *reader.feed(body, 0.0)]
        if not reader.over:
            events += reader.end(0.0)
        return cleaned(events, self._api.redact)

    def refused(self, status: int, body: bytes) -> NbstreamError:
        """The error of a request that the provider refused."""
        return self._api.errors.refused(httpx2.Response(status, content=body))

    def said(self, text: str) -> str:
        """Text of the provider, on one line and without secrets."""
        return self._api.redact(printable(text))

    async def _sent(self, send: Callable[..., Awaitable[T]]) -> T:
        try:
            return await send(extra_headers=self._api.headers(), timeout=_TIMEOUT)
        except Exception as error:
            raise self._translated(error) from error

    def _translated(self, error: Exception) -> NbstreamError:
        translated = self._api.errors.unanswered(error)
        if isinstance(translated, StatusError) and translated.status in {404, 405, 501}:
            host = self._api.endpoint.host or "The server"
            return StatusError(
                f"{host} has no Batch API, or no such job.",
                kind="not_found",
                advice='Leave out via="batch-api" to send the requests one by one.',
            )
        return translated


def _check_line(line: bytes) -> None:
    """See that a line does not fill the memory.

    Raises
    ------
    ProtocolError
        When it is too long.
    """
    if len(line) > _MOST_LINE:
        raise ProtocolError("A line of the results is too long.", advice="Ask the provider.")


def _job(made: Any) -> RemoteJob:
    counts = made.request_counts
    both = (
        (made.output_file_id, counts.completed if counts else 0),
        (made.error_file_id, counts.failed if counts else 0),
    )
    files = tuple(name for name, _ in both if name)
    lines = tuple(count or 0 for name, count in both if name)
    errors = (made.errors.data if made.errors is not None else None) or ()
    problems = tuple(
        (error.line, Problem(error.message or "no message", error.code or "")) for error in errors
    )
    return RemoteJob(made.id, made.status, sum(count or 0 for _, count in both), files, lines, problems)
