"""Reading a reply in plain code: in a script, or in a cell that does not await it."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from typing import NoReturn, Self

from nbstream._util.running import ThreadedRun, loop_is_running, run_to_end
from nbstream.errors import RequestTimeoutError, StateError
from nbstream.record.followable import Followable
from nbstream.record.state import ReplyState
from nbstream.types.deltas import adds_text

__all__ = ["SyncReadable"]


class SyncReadable(Followable):
    """A reply that plain code can wait for or iterate over, whether or not an event loop is running."""

    def result(self, timeout: float | None = None) -> Self:
        """Wait for the end of the answer in plain code, and return the reply. Asynchronous code awaits it.

        Parameters
        ----------
        timeout
            Seconds to wait at most. After them the reply is stopped; its `text` keeps the partial answer.

        Returns
        -------
        Reply
            The reply itself, finished or stopped.

        Raises
        ------
        RequestTimeoutError
            When the answer took longer than `timeout`.
        NbstreamError
            What the reply failed with.
        StateError
            When the reply is streaming on the event loop that this call would block.

        Examples
        --------
        >>> from nbstream import Chat
        >>> reply = Chat("demo:nbstream-demo-fast").send("echo: Hello").result(timeout=60)
        >>> reply.text.endswith("Hello")
        True
        """
        if not self.done:
            self._free_the_loop("await reply")
            run_to_end(self._finished_within(timeout), loop=self._task.idle_loop())
        self._raise_if_failed()
        return self

    def __iter__(self) -> Iterator[str]:
        """The deltas of the answer, in plain code. Asynchronous code uses ``async for``."""
        self._free_the_loop("async for delta in reply")
        run = ThreadedRun(self._settled(), loop=self._task.idle_loop())
        try:
            with self._reading(), self._recording.watched_by(run.wake):
                yield from self._deltas(run)
        except GeneratorExit:
            if self._is_left():
                self.stop()
                run.result()
            raise
        except KeyboardInterrupt:
            self.stop(by="interrupt")
            run.result()
            raise
        run.result()
        self._raise_if_failed()

    __contains__ = None  # it would compare a text with each delta: use `reply.text`

    def _free_the_loop(self, instead: str) -> None:
        """See to it that the reply does not need the event loop that the caller is about to block.

        Raises
        ------
        StateError
            When it is streaming there.
        """
        if not loop_is_running() or not self._task.is_on(asyncio.get_running_loop()):
            return
        if not self._task.withdraw():
            raise StateError(
                "This reply is streaming on the event loop that this call would block.",
                advice=f"Write `{instead}`.",
            )

    async def _finished_within(self, seconds: float | None) -> None:
        try:
            await asyncio.wait_for(self.wait(), seconds)
        except TimeoutError:
            self.stop()
            await self.wait()
            if self._state.status == "stopped":
                raise _timed_out(seconds, self._state) from None
        except asyncio.CancelledError:
            await self._interrupted()

    async def _interrupted(self) -> NoReturn:
        """Stop for plain code, which an interrupt reaches as KeyboardInterrupt."""
        self.stop(by="interrupt")
        await self.wait()
        raise KeyboardInterrupt

    def _deltas(self, run: ThreadedRun[None]) -> Iterator[str]:
        """The deltas as they arrive, while a thread runs the loop."""
        place, running = 0, True
        while running:
            running = run.step()
            for event in self._recording.events.since(place):
                place += 1
                if adds_text(event):
                    yield event.text


def _timed_out(seconds: float | None, state: ReplyState) -> RequestTimeoutError:
    return RequestTimeoutError(
        f"The answer took longer than {seconds:g} seconds and was stopped.",
        advice=f"reply.text keeps the {len(state.text):,} characters that arrived.",
    )
