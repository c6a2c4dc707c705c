"""A reply: one answer while it streams and after.

Its event log is the single source of truth. Every consumer has its own position in the log, so a widget,
an ``async for`` and an ``await`` can follow one reply together.
"""

from __future__ import annotations

import asyncio
import threading
import warnings
from collections.abc import Callable, Generator, Iterable
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Literal, Protocol

from nbstream._util.coroutine import CoroutineLike
from nbstream._util.redaction import Redactor
from nbstream._util.running import loop_is_running, run_to_end
from nbstream.errors import StateError
from nbstream.recording.recording import Recording, Source
from nbstream.recording.reply_info import ReplyInfo
from nbstream.recording.resting import Patience, any_time, no_time
from nbstream.recording.sync_readable import SyncReadable
from nbstream.recording.task import Gate, RecordingTask
from nbstream.recording.unsent import Unsent
from nbstream.telemetry.log_lines import event_logger
from nbstream.types.events import Rated, StreamEvent
from nbstream.types.rating import check_rating
from nbstream.wire.raw_capture import RawCapture

if TYPE_CHECKING:
    import pandas as pd

    from nbstream.client.sent import SentLog
    from nbstream.export import Code, CodeKind
    from nbstream.inspection import Inspection
    from nbstream.testing.expectation import Expectation
    from nbstream.views.showing import Showing

__all__ = ["Reply"]


class Approve(Protocol):
    """Decides on tool calls."""

    def __call__(self, call: str, *, allow: bool) -> None:
        """Approve or refuse a waiting call; KeyError if there is none with this id."""


class Reply(SyncReadable, CoroutineLike["Reply"]):
    """One answer. Await it, iterate over its deltas, or just display it.

    Where an event loop is running, as in a notebook, the request is sent at once. In a plain script it is
    sent when the reply is first used: by `result`, ``for``, ``await``, ``asyncio.run(reply)`` or `show`.
    Reading a reply that was not sent warns (`nbstream.errors.NotSentWarning`), and so does one that never is.

    Leaving ``for`` or ``async for`` before the end (``break``, an error) stops the reply, unless it is shown
    or read elsewhere.

    Parameters
    ----------
    source
        Called with the reply's clock, returns the event lists of the answer. Never called twice. None makes
        a reply that has ended already, from its `log`: what a saved conversation is made of.
    about
        Parameters and earlier versions, for what is saved with the answer.
    log
        The events of a reply without a source, or those before the first one of the source.
    approve
        Decides on tool calls that wait for approval.
    capture
        The raw response, for `inspect`.
    sent
        The request that is sent, for `to_code`.
    gate
        Entered before the request is sent: limits how many are sent at a time.

    Examples
    --------
    In a script:

    >>> from nbstream import Chat
    >>> chat = Chat("demo:nbstream-demo-fast")
    >>> chat.send("echo: Hello").result().text.splitlines()[-1]
    'Hello'
    >>> "".join(chat.send("echo: Hello again")).splitlines()[-1]
    'Hello again'

    In a notebook, or in asynchronous code:

    >>> import asyncio
    >>> async def main():
    ...     reply = await chat.send("echo: Hello")
    ...     return reply.status, len(reply.events) > 3
    >>> asyncio.run(main())
    ('finished', True)
    """

    def __init__(
        self,
        source: Source | None,
        about: ReplyInfo | None = None,
        *,
        log: Iterable[StreamEvent] = (),
        approve: Approve | None = None,
        capture: RawCapture | None = None,
        sent: SentLog | None = None,
        gate: Gate | None = None,
    ) -> None:
        CoroutineLike.__init__(self)
        recording = Recording(capture)
        SyncReadable.__init__(self, recording, about or ReplyInfo(), RecordingTask(recording, source, gate))
        self._approve = approve
        self._sent = sent
        self._inspection: Inspection | None = None
        self._showing: Showing | None = None
        for logger in event_logger(self._state.id, self._recording.events, self._recording.capture.clean):
            self._recording.watch(logger, any_time)
        first = list(log)
        if first:
            self._recording.append(first)
        if source is None:
            self._task.settle()
        elif loop_is_running():
            self._recording.watch(self._show_what_waits, any_time)
            self._start()
        else:
            self._unsent = Unsent(self)

    def inspect(self) -> Inspection:
        """A look into the stream: every event, the raw chunk behind it, and when it arrived.

        As a cell's value it is shown; printed it is a table. It grows while the reply streams.

        Examples
        --------
        >>> from nbstream import Chat
        >>> inspection = Chat("demo:nbstream-demo-fast").send("echo: Hello").result().inspect()
        >>> inspection.rows[-1].type
        'finished'
        """
        if self._inspection is None:
            from nbstream.inspection import Inspection

            self._inspection = Inspection(
                self._recording.events, self._state, self._recording.capture, self._about.params
            )
        return self._inspection

    def to_code(self, kind: CodeKind = "openai") -> Code:
        r"""The request of this reply as a script that sends it again, without any key.

        As a cell's value it is shown with a Copy button; `Code.save` writes it to a file. The key comes from
        the environment. Of an answer that called tools it is the first request, with the tools as schema.

        Parameters
        ----------
        kind
            What the script uses: ``"openai"`` for that package, ``"httpx"``, ``"curl"`` for a shell script,
            or ``"nbstream"``.

        Raises
        ------
        StateError
            When the request is not known, or cannot be written in that way. Says what to do.
        ArgumentError
            When there is no such kind.

        Examples
        --------
        >>> from nbstream import Chat
        >>> reply = Chat("demo:nbstream-demo-fast").send("echo: Hello", seed=7).result()
        >>> print(reply.to_code("nbstream"))
        from nbstream import Chat
        <BLANKLINE>
        chat = Chat("demo:nbstream-demo-fast")
        for delta in chat.send("echo: Hello", seed=7):
            print(delta, end="", flush=True)
        print()
        <BLANKLINE>
        """
        from nbstream.export import code_for

        return code_for(self._sent.first if self._sent else None, kind)

    def events_frame(self) -> pd.DataFrame:
        """Deprecated: use ``reply.inspect().to_frame()``."""
        warnings.warn("Use reply.inspect().to_frame().", DeprecationWarning, stacklevel=2)
        return self.inspect().to_frame()

    def __reduce__(self) -> tuple[object, ...]:
        """Pickle or copy what the reply holds; keys and connections stay behind.

        Raises
        ------
        StateError
            When the reply has not ended.
        """
        if not self.done:
            raise StateError(
                "A reply that has not ended cannot be copied or pickled.",
                advice="Await it first, or stop it.",
            )
        about = replace(self._about, params=Redactor().within(self._about.params), group=None)
        return _restored, (self.events, about)

    # --- waiting for it

    def __await__(self) -> Generator[Any, None, Reply]:
        return self._finished().__await__()

    def approve(self, call: str, *, allow: bool = True) -> None:
        """Approve or refuse a waiting tool call. Thread-safe.

        Raises
        ------
        KeyError
            If no call with this id is waiting.

        Examples
        --------
        >>> import asyncio
        >>> from nbstream import Chat
        >>> def add(a: int, b: int) -> int:
        ...     return a + b
        >>> async def main():
        ...     reply = Chat("demo:nbstream-demo-fast", tools=[add]).send('call: add {"a": 1, "b": 2}')
        ...     async for event in reply.follow():
        ...         if getattr(event, "state", "") == "asking":
        ...             reply.approve(reply.tool_calls[event.index].id)
        ...     return reply.tool_calls[0].state
        >>> asyncio.run(main())
        'returned'
        """
        if self._approve is None:
            raise KeyError(call)
        self._approve(call, allow=allow)

    def rate(self, score: Literal[1, 0, -1], note: str = "") -> None:
        """Rate the answer, for the log and for the notebook, which saves the rating with the answer.

        Parameters
        ----------
        score
            1 for thumbs up, -1 for thumbs down, 0 to remove the rating.
        note
            Why.

        Raises
        ------
        StateError
            When the reply has not ended.
        ArgumentError
            When the score or the note is not valid.

        Examples
        --------
        >>> from nbstream import Chat
        >>> reply = Chat("demo:nbstream-demo-fast").send("echo: Hello").result()
        >>> reply.rate(-1, note="Too short.")
        >>> reply.rating
        Rating(score=-1, note='Too short.')
        """
        if not self.done:
            raise StateError("An answer that has not ended cannot be rated.", advice="Await the reply first.")
        check_rating(score, note)
        self._recording.append([Rated(self._recording.clock(), score, note.strip())])

    def should(self, *checks: Any, schema: object = None, same_verdict: bool = False) -> Expectation:
        """Check the answer. The value shows a line for each check; a cell or a test fails if one fails.

        Parameters
        ----------
        *checks
            Names such as ``"contains: Oslo"``, ``"not-icontains: sorry"``, ``"regex: [0-9]+"``, ``"is-json"``
            and ``"max-chars: 400"``; functions of the reply; or `nbstream.comparison.Judge`, which asks a
            model.
        schema
            A pydantic model, a dataclass, a TypedDict, ``list[Row]`` or a JSON Schema.
        same_verdict
            Whether each check has to pass or fail as it did when the recording in use was made.

        Raises
        ------
        ExpectationError
            When a check does not pass; also an `AssertionError`.
        StateError
            When the reply has not ended.

        Examples
        --------
        >>> from nbstream import Chat
        >>> reply = Chat("demo:nbstream-demo-fast").send("echo: The capital is Oslo.").result()
        >>> reply.should("contains: Oslo", "not-contains: Bergen", lambda reply: len(reply.text) < 400)
        ✓ contains: Oslo
        ✓ not-contains: Bergen
        ✓ <lambda>
        """
        from nbstream.testing.expectation import check_reply, schema_check

        if not self.done:
            if loop_is_running():
                raise StateError("The answer has not ended.", advice="Await the reply first: await reply")
            self.result()
        given = [*checks, *([schema_check(schema)] if schema is not None else [])]
        return run_to_end(check_reply(self, given, same_verdict=same_verdict))

    def watch(self, watcher: Callable[[], None], patience: Patience = no_time) -> None:
        """Call a function after each change, in the thread that makes it; one that fails is dropped.

        Parameters
        ----------
        watcher
            The function.
        patience
            Returns how many seconds the function can wait for the next change. If all who watch can wait,
            tokens are read together, which costs less CPU.

        Examples
        --------
        >>> from nbstream import Chat
        >>> reply = Chat("demo:nbstream-demo-fast").send("echo: Hello").result()
        >>> reply.watch(lambda: print(reply.rating))
        >>> reply.rate(+1)
        Rating(score=1, note='')
        """
        self._recording.watch(watcher, patience)

    # --- showing it

    @property
    def showing(self) -> Showing:
        """The views of the reply: for front ends of nbstream."""
        if self._showing is None:
            from nbstream.views.showing import Showing

            self._showing = Showing(self, self._recording, self._about)
        return self._showing

    def show(self, *, awaited: bool = False) -> None:
        """Draw the reply as it arrives, on a view that fits the front end. A script waits for its end.

        Parameters
        ----------
        awaited
            Whether the running cell awaits the reply: interrupting the kernel stops it, and its error is
            left to the cell, which raises it.

        Examples
        --------
        >>> from nbstream import Chat
        >>> Chat("demo:nbstream-demo-fast").send("echo: Hello").show()  # doctest: +ELLIPSIS
        *Demo answer...
        """
        if loop_is_running():
            self._start()
            self.showing.open(awaited=awaited)
        else:
            self._show_to_its_end()

    def _ipython_display_(self) -> None:
        """Display as the value of a cell, unless the same execution has already shown it."""
        self.showing.replace_value()
        if self.showing.is_current():
            return
        if self.showing.ends_with_the_cell() and self._task.withdraw():
            self._show_to_its_end()
        else:
            self.show()

    def _display_(self) -> object:
        """What marimo shows of it: the answer as inert Markdown, as far as it has arrived."""
        import marimo

        return marimo.md(self.showing.markdown())

    def _show_to_its_end(self) -> None:
        run_to_end(self._shown(), loop=self._task.idle_loop())

    async def _shown(self) -> None:
        self.show()
        try:
            await self.wait()
        except asyncio.CancelledError:
            await self._interrupted()

    # --- its life

    def _note_sent(self) -> None:
        if self._unsent is not None:
            self._recording.watch(self._show_what_waits, any_time)
        super()._note_sent()

    def _is_left(self) -> bool:
        return super()._is_left() and not (self._showing is not None and self._showing.has_views)

    def _is_watched(self) -> bool:
        return super()._is_watched() or (self._showing is not None and self._showing.has_views)

    def _blocks_approval(self) -> bool:
        return threading.current_thread() is threading.main_thread() and self.showing.is_live()

    def _show_what_waits(self) -> None:
        if self._state.tool_calls:
            self.showing.show_what_waits()

    async def _finished(self) -> Reply:
        try:
            await self.wait()
        except asyncio.CancelledError:
            self.stop(by="interrupt")
            raise
        self._raise_if_failed()
        return self


def _restored(events: tuple[StreamEvent, ...], about: ReplyInfo) -> Reply:
    return Reply(None, about, log=events)
