"""Following a reply on an event loop while it streams."""

from __future__ import annotations

import asyncio
import concurrent.futures
import contextlib
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Generator
from contextlib import aclosing
from typing import Literal

from nbstream._util.interrupts import WAKE_SECONDS, awake
from nbstream.recording.readable import Readable
from nbstream.recording.recording import Recording
from nbstream.recording.reply_info import ReplyInfo
from nbstream.recording.task import RecordingTask
from nbstream.types.deltas import adds_text
from nbstream.types.events import StreamEvent

__all__ = ["Followable"]


class Followable(Readable):
    """A reply that any number of readers can follow, each with its own position in the log.

    Parameters
    ----------
    recording
        The log and the state of the reply.
    about
        What else is known of it.
    task
        Fills the recording.
    """

    def __init__(self, recording: Recording, about: ReplyInfo, task: RecordingTask) -> None:
        super().__init__(recording, about)
        self._task = task
        self._readers: set[object] = set()

    async def wait(self) -> None:
        """Wait until the reply has ended. Unlike ``await reply``, this never raises its error.

        Examples
        --------
        >>> import asyncio
        >>> from nbstream import Chat
        >>> reply = Chat("demo:nbstream-demo-fast").send("demo:error-500")
        >>> asyncio.run(reply.wait())
        >>> reply.status, reply.error.status
        ('failed', 500)
        """
        with self._reading():
            await self._settled()

    async def follow(self) -> AsyncGenerator[StreamEvent, None]:
        """Yield every event from the first, as it happens, until the reply has ended.

        Examples
        --------
        >>> import asyncio
        >>> from nbstream import Chat
        >>> async def main():
        ...     reply = Chat("demo:nbstream-demo-fast").send("echo: Hello")
        ...     return [type(event).__name__ async for event in reply.follow()]
        >>> asyncio.run(main())[-1]
        'Finished'
        """
        self._start()
        log = self._recording.events
        place = 0
        with self._reading():
            while True:
                for event in log.since(place):
                    place += 1
                    yield event
                if self.done and place == len(log):
                    return
                if place == len(log):
                    await self._change()

    async def __aiter__(self) -> AsyncIterator[str]:
        try:
            async with aclosing(self.follow()) as events:
                async for event in events:
                    if adds_text(event):
                        yield event.text
        except GeneratorExit:
            self.leave()
            raise
        self._raise_if_failed()

    def leave(self) -> None:
        """Stop the reply, unless it is shown or read elsewhere.

        Examples
        --------
        >>> from nbstream import Chat
        >>> reply = Chat("demo").send("Tell me a long story")
        >>> for delta in reply:
        ...     reply.leave()  # this loop still reads it
        ...     break
        >>> reply.status
        'stopped'
        """
        if self._is_left():
            self.stop()

    def stop(self, by: Literal["user", "interrupt"] = "user") -> None:
        """Close the stream and keep the partial answer. Safe to call from any thread, and more than once.

        Examples
        --------
        >>> from nbstream import Chat
        >>> reply = Chat("demo").send("Tell me a long story")
        >>> for delta in reply:
        ...     reply.stop()
        >>> reply.status, reply.text != ""
        ('stopped', True)
        """
        self._note_sent()
        self._task.stop(by)

    def close(self) -> None:
        """Stop the reply, as `stop` does."""
        self.stop()

    def _start(self) -> None:
        """Send the request now. A second call does nothing."""
        self._note_sent()
        self._task.start()

    def _note_sent(self) -> None:
        if self._unsent is not None:
            self._unsent.sent()
            self._unsent = None

    async def _settled(self) -> None:
        self._start()
        end = asyncio.wrap_future(self._recording.settled)
        while not end.done():
            await asyncio.wait([end], timeout=WAKE_SECONDS)

    @contextlib.contextmanager
    def _reading(self) -> Generator[None]:
        reader = object()
        self._readers.add(reader)
        try:
            yield
        finally:
            self._readers.remove(reader)

    def _is_left(self) -> bool:
        """Whether nothing reads it any more: the provider charges for all that it sends."""
        return not self._readers

    def _raise_if_failed(self) -> None:
        if self._state.error is not None:
            raise self._state.error.with_traceback(None)

    async def _change(self) -> None:
        """Wait for the next event, on any event loop.

        Cancelling it stops the reply, as with ``await reply``.
        """
        change: concurrent.futures.Future[None] = concurrent.futures.Future()
        notify = _once(change)
        try:
            with self._recording.watched_by(notify):
                if not self.done:
                    with awake():
                        await asyncio.wrap_future(change)
        except asyncio.CancelledError:
            self.stop(by="interrupt")
            raise


def _once(future: concurrent.futures.Future[None]) -> Callable[[], None]:
    def notify() -> None:
        if not future.done():
            future.set_result(None)

    return notify
