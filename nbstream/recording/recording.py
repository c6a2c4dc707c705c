"""The record of a reply: written only here, read by everything else."""

from __future__ import annotations

import asyncio
import concurrent.futures
import logging
import time
from collections.abc import AsyncGenerator, Callable, Iterator
from contextlib import aclosing, contextmanager
from typing import Literal

from nbstream._util.interrupts import pass_interrupt_on
from nbstream.errors import NbstreamError, ProtocolError
from nbstream.recording.log import EventLog
from nbstream.recording.resting import Patience, Resting, no_time
from nbstream.recording.state import ReplyState
from nbstream.types.events import Clock, Events, Failed, Stopped
from nbstream.wire.raw_capture import RawCapture

__all__ = ["Recording", "Source", "Watcher"]

Source = Callable[[Clock], AsyncGenerator[Events, None]]
Watcher = Callable[[], None]

_log = logging.getLogger("nbstream")


class Recording:
    """The events and the state of a reply; grows until it is settled.

    Parameters
    ----------
    capture
        The raw response.

    Attributes
    ----------
    events : EventLog
    state : ReplyState
    capture : RawCapture
    settled : concurrent.futures.Future
        Done when the reply has ended.
    """

    def __init__(self, capture: RawCapture | None = None) -> None:
        self.events = EventLog()
        self.state = ReplyState()
        self.capture = capture or RawCapture()
        self.settled: concurrent.futures.Future[None] = concurrent.futures.Future()
        self._watchers: list[tuple[Watcher, Patience]] = []
        self._preparing: list[Callable[[], bool]] = []
        self.begin()

    def begin(self) -> None:
        """Start the clock."""
        self._began = time.perf_counter()

    def clock(self) -> float:
        """Seconds since the request, in whole microseconds."""
        return round(time.perf_counter() - self._began, 6)

    def watch(self, watcher: Watcher, patience: Patience = no_time) -> None:
        """Call a function after each change; a failing function is dropped.

        Parameters
        ----------
        watcher
            The function.
        patience
            How long it can wait for a change.
        """
        self._watchers.append((watcher, patience))

    def forget(self, watcher: Watcher) -> None:
        """Stop calling a function; a failing one has been dropped already."""
        self._watchers = [known for known in self._watchers if known[0] != watcher]

    @contextmanager
    def watched_by(self, watcher: Watcher) -> Iterator[None]:
        """Watch for as long as the context lasts."""
        self.watch(watcher)
        try:
            yield
        finally:
            self.forget(watcher)

    def prepare_with(self, step: Callable[[], bool]) -> None:
        """Call a function before the end, again and again until it returns False."""
        self._preparing.append(step)

    def prepare(self) -> bool:
        """Do a few milliseconds of what must be done before the end; True while more is left."""
        return any(step() for step in self._preparing)

    def append(self, events: Events) -> None:
        """Append events."""
        self.events.extend(events)
        self.state.extend(events)
        self._notify()

    async def consume(self, source: Source) -> None:
        """Consume a source and record its failure; cancelling or interrupting is not a failure.

        No other exception escapes: an exception raised by a task may end the event loop and the kernel.
        """
        resting = Resting()
        try:
            async with aclosing(source(self.clock)) as batches:
                async for events in batches:
                    self.append(events)
                    if self.state.ended:
                        break
                    if rest := resting.after(len(events), self._patience()):
                        await asyncio.sleep(rest)
                    resting.read_on()
        except asyncio.CancelledError as error:
            task = asyncio.current_task()
            if task is None or not task.cancelling():  # raised by an HTTP client of the user, for instance
                self.append([Failed(self.clock(), _unexpected(error))])
            # Otherwise the code that cancelled it settles it.
        except KeyboardInterrupt:
            pass_interrupt_on()
        except NbstreamError as error:
            self.append([Failed(self.clock(), error)])
        except BaseException as error:
            self.append([Failed(self.clock(), _unexpected(error))])

    def settle(self, stopped_by: Literal["user", "interrupt"]) -> None:
        """End the record, as stopped if it has no other end."""
        if self.settled.done():
            return
        if not self.state.ended:
            self.append([Stopped(self.clock(), stopped_by)])
        self.settled.set_result(None)
        self._notify()
        self.state.seal()
        self.events.pack()

    def _patience(self) -> list[Patience]:
        return [no_time] if self.capture.at_once else [patience for _, patience in self._watchers]

    def _notify(self) -> None:
        for watcher, _ in tuple(self._watchers):
            try:
                watcher()
            except BaseException:
                _log.exception("A view of a reply failed and was dropped; the reply continues.")
                self.forget(watcher)


def _unexpected(error: BaseException) -> NbstreamError:
    failure = ProtocolError(
        f"Unexpected error in nbstream: {type(error).__name__}.",
        advice="The partial answer is kept. Please report this with the cause (reply.error.__cause__).",
    )
    failure.__cause__ = error
    return failure
