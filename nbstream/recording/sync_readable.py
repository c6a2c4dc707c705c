"""Reading a reply in plain code: in a script, or in a cell that does not await it."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Generator, Iterator
from typing import NoReturn, Self

from nbstream._util.browser import check_not_in_browser
from nbstream._util.running import ThreadedRun, loop_is_running, run_to_end
from nbstream.errors import RequestTimeoutError, StateError
from nbstream.recording.followable import Followable
from nbstream.recording.recording import Recording
from nbstream.recording.reply_info import ReplyInfo
from nbstream.recording.state import ReplyState
from nbstream.recording.task import RecordingTask
from nbstream.types.deltas import adds_text
from nbstream.types.tool_calls import ToolCall

__all__ = ["SyncReadable"]


class SyncReadable(Followable):
    """A reply that plain code can wait for or iterate over, whether or not an event loop is running.

    Parameters
    ----------
    recording, about, task
        As for `Followable`.
    """

    def __init__(self, recording: Recording, about: ReplyInfo, task: RecordingTask) -> None:
        super().__init__(recording, about, task)
        self._blocked: set[object] = set()

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
            When the reply is streaming on the event loop that this call would block, or when a tool call
            waits for approval and nobody can approve it: the reply is neither shown nor followed elsewhere.

        Examples
        --------
        >>> from nbstream import Chat
        >>> reply = Chat("demo:nbstream-demo-fast").send("echo: Hello").result(timeout=60)
        >>> reply.text.endswith("Hello")
        True
        """
        if not self.done:
            self._free_the_loop("await reply")
            with self._reading(), self._approvable():
                run_to_end(self._finished_within(timeout), loop=self._task.idle_loop())
        self._raise_if_failed()
        return self

    def __iter__(self) -> Iterator[str]:
        """The deltas of the answer, in plain code. Asynchronous code uses ``async for``."""
        check_not_in_browser("a loop without async", "Write `async for delta in reply`.")
        self._free_the_loop("async for delta in reply")
        run = ThreadedRun(self._settled(), loop=self._task.idle_loop())
        try:
            with self._reading(), self._approvable(), self._recording.watched_by(run.wake):
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

    @contextlib.contextmanager
    def _approvable(self) -> Generator[None]:
        """Stop the reply at a tool call that nobody can approve, and raise an error."""
        self._note_sent()
        reader = object()
        blocks = self._blocks_approval()
        refused: list[ToolCall] = []

        def check() -> None:
            waiting = [call for call in self._state.tool_calls.values() if call.state == "asking"]
            if waiting and not refused and (blocks or not self._is_watched()):
                refused.extend(waiting)
                self.stop()

        self._blocked.add(reader)
        try:
            with self._recording.watched_by(check):
                check()
                yield
        finally:
            self._blocked.remove(reader)
        if refused:
            raise StateError(
                f"The call of {refused[0].name} waits for approval, and nobody can approve it here.",
                advice='Use approve="always", or await the reply and call reply.approve(…).',
            )

    def _blocks_approval(self) -> bool:
        """Whether a view of the reply receives no click while this thread waits."""
        return False

    def _is_watched(self) -> bool:
        """Whether a reader that could approve, or a view, follows the reply."""
        return len(self._readers) > len(self._blocked)

    async def _finished_within(self, seconds: float | None) -> None:
        try:
            await asyncio.wait_for(self._settled(), seconds)
        except TimeoutError:
            self.stop()
            await self._settled()
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
        """The deltas as they arrive, while a thread runs the loop.

        The events are read before each wait: the first ones can arrive before `run.wake` is registered.
        """
        place, running = 0, True
        while True:
            for event in self._recording.events.since(place):
                place += 1
                if adds_text(event):
                    yield event.text
            if not running:
                return
            running = run.step()


def _timed_out(seconds: float | None, state: ReplyState) -> RequestTimeoutError:
    return RequestTimeoutError(
        f"The answer took longer than {seconds:g} seconds and was stopped.",
        advice=f"reply.text keeps the {len(state.text):,} characters that arrived.",
    )
