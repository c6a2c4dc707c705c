"""Transports that record and replay, for `httpx2.AsyncClient` and `httpx2.Client`.

They are below the client and above the connection. Which cassette is used is decided for each request.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Callable, Iterable, Iterator, Mapping
from typing import Any

import httpx2

from nbstream._util.credentials import credentials_sent
from nbstream.cassettes.cassette import Cassette
from nbstream.cassettes.exchange import RecordedRequest, recorded_request
from nbstream.cassettes.playing import Deadline, Playing
from nbstream.cassettes.scope import active
from nbstream.cassettes.taking import Taking

__all__ = ["CassetteTransport", "SyncCassetteTransport"]

PATIENCE = 2.0
"""Seconds in which code may stop a replayed answer where it stopped the recorded one."""
_IDENTITY = frozenset({"", "identity"})


def _no_deadline() -> None:
    return None


class CassetteTransport(httpx2.AsyncBaseTransport):
    """Records and replays the requests of an `httpx2.AsyncClient`.

    Parameters
    ----------
    inner
        Sends requests; the network by default.
    deadline
        Returns the timeouts of whoever sends the request: a recorded stall ends by them.
    secrets
        What must not be written, besides the credentials that are sent.

    Examples
    --------
    With the `openai` package:

    >>> import httpx2
    >>> from openai import AsyncOpenAI
    >>> http = httpx2.AsyncClient(transport=CassetteTransport())
    >>> client = AsyncOpenAI(api_key="…", http_client=http)
    """

    def __init__(
        self,
        inner: httpx2.AsyncBaseTransport | None = None,
        *,
        deadline: Callable[[], Deadline | None] = _no_deadline,
        secrets: Iterable[str] = (),
    ) -> None:
        self._inner = inner
        self._deadline = deadline
        self._secrets = tuple(secrets)

    async def handle_async_request(self, request: httpx2.Request) -> httpx2.Response:
        """Replay the request, or send and record it."""
        cassette = active()
        if cassette is None:
            return await self._network().handle_async_request(request)
        cassette.scrub.learn(self._secrets)
        seen = _seen(cassette, request, await request.aread())
        found = cassette.take(seen)
        if found is not None:
            return await _replayed(Playing(found, cassette.pace), self._deadline())
        return await self._recorded(Taking(cassette, seen), request)

    async def aclose(self) -> None:
        """Close the connections."""
        if self._inner is not None:
            await self._inner.aclose()

    def _network(self) -> httpx2.AsyncBaseTransport:
        if self._inner is None:
            self._inner = httpx2.AsyncHTTPTransport()
        return self._inner

    async def _recorded(self, taking: Taking, request: httpx2.Request) -> httpx2.Response:
        deadline = self._deadline()
        try:
            response = await self._network().handle_async_request(request)
        except Exception as error:
            taking.end("error", error=error)
            raise
        except BaseException:
            _note_left(taking, deadline)
            raise
        taking.head(response.status_code, response.headers)
        return _answered(response, _RecordedStream(_decoded(response), response.stream, taking, deadline))


class SyncCassetteTransport(httpx2.BaseTransport):
    """Records and replays the requests of an `httpx2.Client`.

    Parameters
    ----------
    inner
        Sends requests; the network by default.

    Examples
    --------
    >>> import httpx2
    >>> from openai import OpenAI
    >>> client = OpenAI(api_key="…", http_client=httpx2.Client(transport=SyncCassetteTransport()))
    """

    def __init__(self, inner: httpx2.BaseTransport | None = None) -> None:
        self._inner = inner

    def handle_request(self, request: httpx2.Request) -> httpx2.Response:
        """Replay the request, or send and record it."""
        cassette = active()
        if cassette is None:
            return self._network().handle_request(request)
        seen = _seen(cassette, request, request.read())
        found = cassette.take(seen)
        if found is not None:
            return _replayed_now(Playing(found, cassette.pace))
        taking = Taking(cassette, seen)
        try:
            response = self._network().handle_request(request)
        except Exception as error:
            taking.end("error", error=error)
            raise
        taking.head(response.status_code, response.headers)
        return _answered(response, _SyncRecordedStream(response, taking))

    def close(self) -> None:
        """Close the connections."""
        if self._inner is not None:
            self._inner.close()

    def _network(self) -> httpx2.BaseTransport:
        if self._inner is None:
            self._inner = httpx2.HTTPTransport()
        return self._inner


class _RecordedStream(httpx2.AsyncByteStream):
    """A body whose chunks are written before they are passed on."""

    def __init__(
        self, chunks: AsyncIterator[bytes], stream: Any, taking: Taking, deadline: Deadline | None
    ) -> None:
        self._chunks = chunks
        self._stream = stream
        self._taking = taking
        self._deadline = deadline

    async def __aiter__(self) -> AsyncIterator[bytes]:
        try:
            async for chunk in self._chunks:
                self._taking.data(chunk)
                yield chunk
        except Exception as error:
            self._taking.end("error", error=error)
            raise
        except asyncio.CancelledError:
            _note_left(self._taking, self._deadline)
            raise
        self._taking.end("complete")

    async def aclose(self) -> None:
        _note_left(self._taking, self._deadline)
        await self._stream.aclose()


class _SyncRecordedStream(httpx2.SyncByteStream):
    def __init__(self, response: httpx2.Response, taking: Taking) -> None:
        self._response = response
        self._taking = taking

    def __iter__(self) -> Iterator[bytes]:
        try:
            for chunk in _decoded_now(self._response):
                self._taking.data(chunk)
                yield chunk
        except Exception as error:
            self._taking.end("error", error=error)
            raise
        self._taking.end("complete")

    def close(self) -> None:
        self._taking.end("closed")
        self._response.close()


class _ReplayedStream(httpx2.AsyncByteStream):
    def __init__(self, playing: Playing, deadline: Deadline | None) -> None:
        self._playing = playing
        self._deadline = deadline

    async def __aiter__(self) -> AsyncIterator[bytes]:
        for moment in self._playing.moments():
            await _until(moment.due)
            yield moment.data
        await _end(self._playing, self._deadline)


class _SyncReplayedStream(httpx2.SyncByteStream):
    def __init__(self, playing: Playing) -> None:
        self._playing = playing

    def __iter__(self) -> Iterator[bytes]:
        for moment in self._playing.moments():
            _wait_until(moment.due)
            yield moment.data
        _end_now(self._playing)


def _seen(cassette: Cassette, request: httpx2.Request, body: bytes) -> RecordedRequest:
    cassette.scrub.learn(credentials_sent(request))
    return recorded_request(cassette.scrub, request.method, str(request.url), body)


async def _replayed(playing: Playing, deadline: Deadline | None) -> httpx2.Response:
    if not playing.answered:
        await _end(playing, deadline)
    await _until(playing.head_due)
    return playing.response(_ReplayedStream(playing, deadline))


def _replayed_now(playing: Playing) -> httpx2.Response:
    if not playing.answered:
        _end_now(playing)
    _wait_until(playing.head_due)
    return playing.response(_SyncReplayedStream(playing))


async def _end(playing: Playing, deadline: Deadline | None) -> None:
    """The end of the response, as it was recorded."""
    await _until(playing.end_due)
    if playing.stalls is not None and deadline is not None and deadline.expire(playing.stalls):
        await asyncio.Event().wait()  # the timeout cancels this
    if playing.was_left:
        await asyncio.sleep(PATIENCE)
    failure = playing.failure()
    if failure is not None:
        raise failure


def _end_now(playing: Playing) -> None:
    _wait_until(playing.end_due)
    failure = playing.failure()
    if failure is not None:
        raise failure


async def _until(due: float) -> None:
    await asyncio.sleep(max(0.0, due - time.perf_counter()))


def _wait_until(due: float) -> None:
    time.sleep(max(0.0, due - time.perf_counter()))


def _note_left(taking: Taking, deadline: Deadline | None) -> None:
    """The reader has left: on its timeout, or because it wants no more."""
    phase = deadline.expired if deadline is not None else None
    taking.end("closed" if phase is None else "timeout", phase=phase or "")


def _answered(response: httpx2.Response, stream: Any) -> httpx2.Response:
    """The same response with another body, which is not encoded."""
    encoded = not _is_plain(response.headers)
    headers = [(name, value) for name, value in response.headers.raw if not _is_encoding(name) or not encoded]
    return httpx2.Response(
        response.status_code, headers=headers, stream=stream, extensions=response.extensions
    )


def _decoded(response: httpx2.Response) -> AsyncIterator[bytes]:
    """The chunks as text: of an encoded body, a secret could not be seen."""
    stream = response.stream
    assert isinstance(stream, httpx2.AsyncByteStream)  # noqa: S101
    if _is_plain(response.headers):
        return aiter(stream)
    return httpx2.Response(response.status_code, headers=response.headers, stream=stream).aiter_bytes()


def _decoded_now(response: httpx2.Response) -> Iterator[bytes]:
    stream = response.stream
    assert isinstance(stream, httpx2.SyncByteStream)  # noqa: S101
    if _is_plain(response.headers):
        return iter(stream)
    return httpx2.Response(response.status_code, headers=response.headers, stream=stream).iter_bytes()


def _is_plain(headers: Mapping[str, str]) -> bool:
    return headers.get("content-encoding", "").strip().lower() in _IDENTITY


def _is_encoding(name: bytes) -> bool:
    return name.lower() in {b"content-encoding", b"content-length"}
