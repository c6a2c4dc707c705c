"""A reply: one answer while it streams and after.

Its event log is the single source of truth. Every consumer has its own place in the log, so a widget, an
``async for`` and an ``await`` follow one reply together.
"""

from __future__ import annotations

import asyncio
import concurrent.futures
import contextlib
import inspect
import logging
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Generator, Iterable, Mapping, Sequence
from contextlib import aclosing
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Literal, Protocol

from nbstream._util.interrupts import WAKE_SECONDS, awake
from nbstream._util.redaction import Redactor
from nbstream._util.running import loop_is_running, run_to_end
from nbstream.errors import NbstreamError, StateError
from nbstream.record.answer_messages import answer_messages
from nbstream.record.recording import Recording, Source
from nbstream.record.state import ReplyState, Status
from nbstream.telemetry.log_lines import event_logger
from nbstream.types.events import Prefilled, StreamEvent, TextDelta, Warned
from nbstream.types.images import Citation, Image
from nbstream.types.messages import Message
from nbstream.types.timings import Timings
from nbstream.types.tool_calls import ToolCall
from nbstream.types.usage import Usage
from nbstream.views import host
from nbstream.views.base import View
from nbstream.views.markup import markdown
from nbstream.views.pacer import Pacer
from nbstream.views.snapshot import About, saved_version, snapshot
from nbstream.views.static import bundle
from nbstream.wire.raw_capture import RawCapture

if TYPE_CHECKING:
    import pandas as pd

    from nbstream.inspection import Inspection

__all__ = ["Reply"]

_log = logging.getLogger("nbstream")


class Approve(Protocol):
    """What decides on calls of tools."""

    def __call__(self, call: str, *, allow: bool) -> None:
        """Let a waiting call run, or not; KeyError where none of that id waits."""


class Reply:
    """One answer. Await it for the finished reply, iterate it for its deltas, or just display it.

    It starts at once where an event loop is running, else when it is first awaited or displayed. To leave
    ``async for`` before its end (``break``, an error) stops it, unless it is shown or read elsewhere.

    Parameters
    ----------
    source
        Called with the reply's clock, gives the event lists of the answer. Never called twice. None makes
        a reply that has ended already, from its `log`: what a saved conversation is made of.
    about
        Parameters and earlier versions, for what is saved with the answer.
    log
        The events of a reply without a source.
    approve
        Decides on calls of tools that wait for approval.
    capture
        What the server sends, for `inspect`.

    Examples
    --------
    >>> import asyncio
    >>> from nbstream.types.events import Finished, TextDelta
    >>> async def source(clock):
    ...     yield [TextDelta(clock(), "Hello")]
    ...     yield [Finished(clock(), "stop")]
    >>> async def main():
    ...     reply = await Reply(source)
    ...     return reply.text, reply.status
    >>> asyncio.run(main())
    ('Hello', 'finished')
    """

    def __init__(
        self,
        source: Source | None,
        about: About | None = None,
        *,
        log: Iterable[StreamEvent] = (),
        approve: Approve | None = None,
        capture: RawCapture | None = None,
    ) -> None:
        self._source = source
        self._about = about or About()
        self._approve = approve
        self._recording = Recording(capture)
        self._state = self._recording.state
        self._inspection: Inspection | None = None
        self._loop: asyncio.AbstractEventLoop | None = None
        self._task: asyncio.Task[None] | None = None
        self._stopped_by: Literal["user", "interrupt"] = "interrupt"
        self._shown_in: str | None = None
        self._pacers: list[Pacer] = []
        self._readers: set[object] = set()
        if source is None:
            self._recording.take(list(log))
            self._settle()
        else:
            self._recording.watch(self._show_what_waits)
            with contextlib.suppress(RuntimeError):
                self.start()

    # --- what it says

    @property
    def text(self) -> str:
        """The answer so far."""
        return self._state.text

    @property
    def reasoning(self) -> str:
        """The model's reasoning so far, which is not part of the answer."""
        return self._state.reasoning

    @property
    def status(self) -> Status:
        """One of ``"submitted"``, ``"streaming"``, ``"finished"``, ``"stopped"``, ``"failed"``."""
        return self._state.status

    @property
    def finish_reason(self) -> str | None:
        """Why the model ended the answer, in the server's words; None while it has not."""
        return self._state.finish_reason

    @property
    def usage(self) -> Usage | None:
        """Token counts as the server reported them; None where it did not."""
        return self._state.usage

    @property
    def timings(self) -> Timings:
        """Time to first token, duration and rate, so far."""
        return self._state.timings

    @property
    def error(self) -> NbstreamError | None:
        """What went wrong, where the status is ``"failed"``."""
        return self._state.error

    @property
    def warnings(self) -> tuple[Warned, ...]:
        """What was odd about the answer although it did not fail."""
        return tuple(self._state.warnings)

    @property
    def tool_calls(self) -> tuple[ToolCall, ...]:
        """Calls that the model asks for."""
        return tuple(self._state.tool_calls.values())

    @property
    def messages(self) -> tuple[Message, ...]:
        """What the answer adds to the conversation: calls of tools, their results, and its text."""
        return answer_messages(self._state)

    @property
    def citations(self) -> tuple[Citation, ...]:
        """The sources of the answer, in the order in which the server named them: ``[1]`` is the first."""
        return self._state.citations

    @property
    def images(self) -> tuple[Image, ...]:
        """The images of the answer."""
        return tuple(self._state.images)

    @property
    def model(self) -> str | None:
        """The model that answers, by the name the server gives it; before that, the one asked."""
        route = self._state.route
        return self._state.model or (route.model if route else None)

    @property
    def events(self) -> tuple[StreamEvent, ...]:
        """Everything that happened, in order."""
        return tuple(self._recording.events)

    @property
    def state(self) -> ReplyState:
        """What the events add up to; for reading only."""
        return self._state

    @property
    def params(self) -> dict[str, Any]:
        """Parameters of the request, as they were passed."""
        return dict(self._about.params)

    def snapshot(self) -> dict[str, Any]:
        """The reply as a live view draws it, as JSON."""
        return snapshot(self._state, self._recording.clock())

    def as_version(self) -> dict[str, Any]:
        """The reply as JSON, as later versions of its turn save it."""
        return saved_version(self._state, self._about)

    def as_output(
        self, others: Sequence[Mapping[str, Any]] = (), *, stale: bool = False
    ) -> tuple[dict[str, Any], dict[str, Any]]:
        """Data and metadata of the notebook output that shows it, with other versions of its turn."""
        return bundle(self._state, replace(self._about, others=others, stale=stale))

    def inspect(self) -> Inspection:
        """A look into the stream: every event, the raw chunk behind it, and when it came.

        As a cell's value it is shown; printed it is a table. It grows with a reply that still streams.
        """
        if self._inspection is None:
            from nbstream.inspection import Inspection

            self._inspection = Inspection(
                self._recording.events, self._state, self._recording.capture, self._about.params
            )
        return self._inspection

    def events_frame(self) -> pd.DataFrame:
        """The events as a table of pandas; see `nbstream.inspection.Inspection.to_frame`."""
        return self.inspect().to_frame()

    @property
    def done(self) -> bool:
        """Whether nothing more will come."""
        return self._recording.settled.done()

    def __repr__(self) -> str:
        return f"<Reply {self.status}: {len(self.text)} characters from {self.model or 'a model'}>"

    def __str__(self) -> str:
        return self.text

    def __reduce__(self) -> tuple[object, ...]:
        """Pickle or copy what the reply says; keys and connections stay behind.

        Raises
        ------
        StateError
            When the reply still streams.
        """
        if not self.done:
            raise StateError(
                "A reply that still streams cannot be copied or pickled.",
                advice="Await it first, or stop it.",
            )
        about = replace(self._about, params=Redactor().within(self._about.params))
        return _restored, (self.events, about)

    # --- following it

    def start(self) -> None:
        """Send the request now. A second call does nothing.

        Raises
        ------
        RuntimeError
            When no event loop is running.
        """
        if self._loop is not None and self._loop.is_closed():
            self._settle()
        elif self._task is None and self._source is not None and not self.done:
            self._loop = asyncio.get_running_loop()
            self._recording.begin()
            for logger in event_logger(self._state.id, self._recording.events, self._recording.capture.clean):
                self._recording.watch(logger)
            self._task = self._loop.create_task(self._recording.fill(self._source), name="nbstream-reply")
            self._task.add_done_callback(self._task_ended)

    def stop(self, by: Literal["user", "interrupt"] = "user") -> None:
        """Close the stream and keep what has arrived. Safe to call from any thread, and more than once."""
        if self.done:
            return
        self._stopped_by = by
        if self._task is None or self._loop is None or self._loop.is_closed():
            self._settle()
        else:
            with contextlib.suppress(RuntimeError):  # closed at this moment
                self._loop.call_soon_threadsafe(self._task.cancel)

    def approve(self, call: str, *, allow: bool = True) -> None:
        """Let a call of a tool that waits for approval run, or refuse it. Safe to call from any thread.

        Raises
        ------
        KeyError
            When no call of that id waits.
        """
        if self._approve is None:
            raise KeyError(call)
        self._approve(call, allow=allow)

    def __await__(self) -> Generator[Any, None, Reply]:
        return self._finished().__await__()

    async def __aiter__(self) -> AsyncIterator[str]:
        try:
            async with aclosing(self.follow()) as events:
                async for event in events:
                    if isinstance(event, Prefilled) or (isinstance(event, TextDelta) and not event.choice):
                        yield event.text
        except GeneratorExit:
            self._left_early()
            raise
        self._raise_if_failed()

    def _left_early(self) -> None:
        """Stop what nobody reads any more, after a `break`: the provider charges for all that it sends."""
        if not self._readers and not self._pacers:
            self.stop()

    async def follow(self) -> AsyncGenerator[StreamEvent, None]:
        """Every event from the first, as it happens, until the reply has ended."""
        self.start()
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

    async def wait(self) -> None:
        """Wait until the reply has ended, however it ended: unlike ``await reply``, this never raises."""
        self.start()
        end = asyncio.wrap_future(self._recording.settled)
        with self._reading():
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

    async def _finished(self) -> Reply:
        try:
            await self.wait()
        except asyncio.CancelledError:
            self.stop(by="interrupt")
            raise
        self._raise_if_failed()
        return self

    def _raise_if_failed(self) -> None:
        if self._state.error is not None:
            raise self._state.error.with_traceback(None)

    async def _change(self) -> None:
        """Wait for the next event, from whichever event loop the caller runs on.

        To cancel it is to stop the reply, as with ``await reply``.
        """
        change: concurrent.futures.Future[None] = concurrent.futures.Future()
        notify = _once(change)
        self._recording.watch(notify)
        try:
            if not self.done:
                with awake():
                    await asyncio.wrap_future(change)
        except asyncio.CancelledError:
            self.stop(by="interrupt")
            raise
        finally:
            self._recording.forget(notify)

    # --- showing it

    def show(self, *, awaited: bool = False) -> None:
        """Draw the reply as it comes, on a view that fits the front end of the running cell.

        Parameters
        ----------
        awaited
            Whether the running cell awaits the reply: interrupting the kernel stops it, and its error is
            left to the cell, which raises it.
        """
        self.start()
        self._shown_in = host.execution()
        from nbstream.inspection.comm import serve

        serve(self.inspect())
        self.attach(host.open_view(self, ended=self.done, awaited=awaited), raised=awaited)

    def attach(self, view: View, *, raised: bool = False) -> None:
        """Draw the reply as it comes, on a view; several may follow one reply.

        Parameters
        ----------
        view
            What draws it.
        raised
            Whether its error is raised below the view, which then does not show it.
        """
        about = replace(self._about, raised=raised)
        pacer = Pacer(self._state, view, self._recording.clock, asyncio.get_running_loop(), about)
        pacer.open()
        if self.done:
            pacer.finish()
        else:
            self._pacers.append(pacer)
            self._recording.watch(pacer.poke)
            self._recording.settled.add_done_callback(lambda _: pacer.finish())

    def _ipython_display_(self) -> None:
        """Display as the value of a cell; nothing where the same execution has shown it already."""
        if self._shown_in is not None and self._shown_in == host.execution():
            return
        if not loop_is_running() or self._withdrawn():
            run_to_end(self._show_to_end())
        else:
            self.show()

    def _display_(self) -> object:
        """What marimo shows of it: the answer as inert Markdown, as far as it has come."""
        import marimo

        return marimo.md(markdown(self._state))

    async def _show_to_end(self) -> None:
        self.show()
        try:
            await self.wait()
        except asyncio.CancelledError:
            self.stop(by="interrupt")
            await self.wait()
            raise KeyboardInterrupt from None

    def _withdrawn(self) -> bool:
        """Take back a request that was not sent yet, where its cell has to wait for the whole answer.

        A program that executes a notebook takes nothing that comes after the end of the cell, and before
        that end the loop of the cell does not go on.
        """
        task = self._task
        if task is None or host.detect() != "headless":
            return False
        if inspect.getcoroutinestate(task.get_coro()) != inspect.CORO_CREATED:  # type: ignore[arg-type]
            return False
        self._task = None
        task.cancel()
        return True

    def _show_what_waits(self) -> None:
        """A cell that only awaits the reply would wait for ever for a word that nobody knows to give."""
        waits = any(call.state == "asking" for call in self._state.tool_calls.values())
        if not waits or self._pacers or host.execution() is None:
            return
        try:
            self.show()
        except Exception:
            _log.exception("A reply that waits for approval could not be shown.")

    # --- its end

    def _task_ended(self, task: asyncio.Task[None]) -> None:
        """Take the end of the task; also of one that was cancelled before its first step."""
        if task is self._task:
            self._wind_up()

    def _wind_up(self) -> None:
        """Have the views get ready for the end, in steps between which the loop is free."""
        if self._loop is not None and any(pacer.prepare() for pacer in self._pacers):
            self._loop.call_soon(self._wind_up)
        else:
            self._settle()

    def _settle(self) -> None:
        self._recording.settle(self._stopped_by)
        self._pack_tape()

    def _pack_tape(self) -> None:
        """Have what came take little memory, in steps between which the loop is free."""
        if self._loop is not None and not self._loop.is_closed() and self._recording.capture.pack_some():
            self._loop.call_soon(self._pack_tape)


def _restored(events: tuple[StreamEvent, ...], about: About) -> Reply:
    return Reply(None, about, log=events)


def _once(future: concurrent.futures.Future[None]) -> Callable[[], None]:
    def notify() -> None:
        if not future.done():
            future.set_result(None)

    return notify
