"""Carries out checks on one answer, while it streams and at its end."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import replace
from functools import partial
from typing import Any, Literal, get_args

from nbstream._util.arguments import check_choice
from nbstream.comparison.checks.check import Check, Follower
from nbstream.comparison.checks.outcome import Outcome, wrong
from nbstream.reply import Reply
from nbstream.types.events import Continued, CorrectionRequested, Prefilled, Routed, StreamEvent, TextDelta

__all__ = ["Monitor", "StopWhen", "check_stop_when"]

StopWhen = Literal["failed", "first failed", "decided", "never"]
"""When the checks close a stream."""

_LATER = 1 + 1e-9


def check_stop_when(value: str) -> None:
    """See whether a value is one of `StopWhen`."""
    check_choice("stop_when", value, get_args(StopWhen))


class Monitor:
    """Carries out checks on one answer.

    Parameters
    ----------
    checks
        The checks, by name.
    row
        The row that is answered.
    stop_when
        When the stream is closed: ``"failed"``, once all checks are certain and one has failed;
        ``"first failed"``, once one has failed, so that the others may stay open; ``"decided"``, once all are
        certain; or ``"never"``.
    known
        Outcomes that are known already: of an answer that is taken over.

    Attributes
    ----------
    outcomes : dict
        The outcomes so far, by name of the check.
    closed : bool
        Whether the checks closed the stream.
    """

    def __init__(
        self,
        checks: Mapping[str, Check],
        row: Mapping[str, Any],
        stop_when: StopWhen = "failed",
        known: Mapping[str, Outcome] | None = None,
    ) -> None:
        self._checks = checks
        self._row = row
        self._stop_when = stop_when
        self._known = dict(known or {})
        self.outcomes: dict[str, Outcome] = {}
        self.closed = False
        self._sent = 0.0
        self._follows_text = True
        self._stopped = False
        self._asking: asyncio.Future[Outcome] | None = None
        self._timers: list[asyncio.TimerHandle] = []
        self._parts: list[str] = []
        self._followers: dict[str, Follower] = {}
        self._begin()

    async def follow(self, reply: Reply) -> None:
        """Check a reply until it has ended."""
        try:
            async for event in reply.follow():
                self._see(reply, event)
        finally:
            for timer in self._timers:
                timer.cancel()
        await self._end(reply)

    def _see(self, reply: Reply, event: StreamEvent) -> None:
        if isinstance(event, Routed):
            self._sent = event.at
            self._timers += self._watch_time(reply)
        elif isinstance(event, Continued | CorrectionRequested):
            self._follows_text = False  # its text may begin again: only the end decides
        elif self._follows_text and isinstance(event, TextDelta | Prefilled) and not _is_other(event):
            self._feed(reply, event.text, event.at - self._sent)

    def stop(self) -> None:
        """Stop the checks that still wait, such as judges."""
        self._stopped = True
        if self._asking is not None:
            self._asking.cancel()

    def _begin(self) -> None:
        self._followers, self._parts = {}, []
        self.outcomes |= self._known
        for name, check in self._checks.items():
            self._carefully(name, partial(self._open, name, check))

    def _open(self, name: str, check: Check) -> None:
        self._followers[name] = check.follow(self._row)

    def _feed(self, reply: Reply, delta: str, at: float) -> None:
        if delta:
            self._parts.append(delta)
        for name, follower in self._followers.items():
            outcome = self._carefully(name, partial(follower.feed, delta, at))
            self._note(name, outcome and replace(outcome, early=True))
        if not self.closed and not reply.done and self._is_enough():
            self.closed = True
            reply.stop()

    def _note(self, name: str, outcome: Outcome | None) -> None:
        if outcome is not None:
            self.outcomes.setdefault(name, outcome)

    def _is_enough(self) -> bool:
        decided = self.outcomes.keys() >= self._checks.keys()
        some_failed = any(outcome.status == "fail" for outcome in self.outcomes.values())
        match self._stop_when:
            case "failed":
                return decided and some_failed
            case "first failed":
                return some_failed
            case "decided":
                return decided and bool(self._checks)
            case "never":
                return False

    def _watch_time(self, reply: Reply) -> list[asyncio.TimerHandle]:
        """Ask the checks that watch the time, although nothing is received by then."""
        loop = asyncio.get_running_loop()
        limits = [follower.seconds for follower in self._followers.values()]
        return [
            loop.call_later(seconds, self._feed, reply, "", seconds * _LATER)
            for seconds in limits
            if seconds is not None
        ]

    async def _end(self, reply: Reply) -> None:
        """Ask the checks that were not certain before, unless they closed the answer."""
        if reply.status == "failed" or (reply.status == "stopped" and not self.closed):
            self.outcomes = {}
            return
        if self.closed:
            return
        if "".join(self._parts) != reply.text:
            self.outcomes = {}
            self._begin()
            self._parts = [reply.text]
            for name, follower in self._followers.items():
                self._note(name, self._carefully(name, partial(follower.feed, reply.text, 0.0)))
        for name, follower in self._followers.items():
            if name not in self.outcomes and not self._stopped:
                await self._close(name, follower, reply)

    async def _close(self, name: str, follower: Follower, reply: Reply) -> None:
        try:
            outcome = follower.end(reply)
        except Exception as error:
            outcome = _error(error)
        if isinstance(outcome, Outcome):
            self.outcomes[name] = outcome
        else:
            await self.ask(name, outcome)

    async def ask(self, name: str, asked: Awaitable[Outcome], *, against: str = "") -> None:
        """Wait for an outcome, until `stop` is called.

        Parameters
        ----------
        name
            The check.
        asked
            Its outcome.
        against
            The variant that the answer is compared with.
        """
        try:
            self._asking = asyncio.ensure_future(asked)
            if self._stopped:
                self._asking.cancel()
            self.outcomes[name] = replace(await self._asking, against=against)
        except asyncio.CancelledError:
            if not self._stopped:
                raise
            self.outcomes[name] = replace(wrong("It was stopped."), against=against)
        except Exception as error:
            self.outcomes[name] = replace(_error(error), against=against)

    def _carefully(self, name: str, call: Callable[[], Outcome | None]) -> Outcome | None:
        """Call a check, whose error is its outcome."""
        if name in self.outcomes:
            return None
        try:
            return call()
        except Exception as error:
            self.outcomes[name] = _error(error)
            return None


def _is_other(event: TextDelta | Prefilled) -> bool:
    """Whether it belongs to another of several choices."""
    return isinstance(event, TextDelta) and bool(event.choice)


def _error(error: Exception) -> Outcome:
    return wrong(f"{type(error).__name__}: {error}")
