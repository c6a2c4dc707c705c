"""`Pace`: when a request may be sent to a host, and whether it is sent again."""

from __future__ import annotations

import asyncio
import random
from collections import deque
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from types import TracebackType
from typing import Literal, Self

from nbstream.errors import ArgumentError, NbstreamError, RequestTimeoutError
from nbstream.pacing.allowance import Allowance, allowances
from nbstream.pacing.rate_finder import START, RateFinder
from nbstream.pacing.verdict import BUSY, Verdict, is_rate_limit, refusal
from nbstream.pacing.window import SlidingWindow, Use
from nbstream.wire.retry import RetryPolicy

__all__ = ["Pace", "Slot"]

MOST = 256
_SCARCE = 0.1
_ADVICE_SECONDS = 2.0
_JITTER = 0.1
_SURELY_ACCEPTED = 20.0
"""Seconds: hosts refuse sooner."""


class Pace:
    """Lets requests to one host through, as fast as the host accepts them.

    Each attempt takes a slot. Its response tells the pace how fast to go on, and the caller whether to send
    the request again. A 429 pauses all requests of this pace and does not count as an attempt.

    Parameters
    ----------
    concurrency
        The most requests in flight. ``"auto"`` starts with 8 and finds the number, up to 256; after
        refusals both use fewer.
    rpm, tpm
        The most requests and tokens a minute, in every 60 seconds, measured when requests are sent.
    retry
        How often and how long to retry after other errors. Its `longest_wait` applies to those.
    longest_wait
        Seconds: a host that asks to wait longer than this after a 429, or accepts nothing for as long,
        makes the request fail.
    within
        Limits the requests of several paces together.
    utc_now
        Returns the time of day, for hosts that send dates. All else is measured by the event loop's clock.

    Examples
    --------
    >>> async def main():
    ...     pace, verdict = Pace(rpm=600), None
    ...     while verdict is None or verdict.again:
    ...         async with pace.slot(tokens=120, after=verdict) as slot:
    ...             status, headers = 200, {}  # of a response
    ...             verdict = slot.response(status, headers)
    ...     return verdict.outcome
    >>> asyncio.run(main())
    'done'
    """

    def __init__(
        self,
        concurrency: int | Literal["auto"] = "auto",
        rpm: int | None = None,
        tpm: int | None = None,
        *,
        retry: RetryPolicy | None = None,
        longest_wait: float = 600.0,
        within: asyncio.Semaphore | None = None,
        utc_now: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        if concurrency != "auto":
            _check("concurrency", concurrency, ' or "auto"')
        for name, most in (("rpm", rpm), ("tpm", tpm)):
            if most is not None:
                _check(name, most, " or None")
        most, start = (MOST, START) if concurrency == "auto" else (concurrency, concurrency)
        self._finder = RateFinder(most, start)
        self._requests = SlidingWindow(rpm) if rpm is not None else None
        self._tokens = SlidingWindow(tpm) if tpm is not None else None
        self._retry = retry or RetryPolicy()
        self._longest_wait = longest_wait
        self._within = within
        self._utc_now = utc_now
        self._in_flight = 0
        self._sent: set[Slot] = set()
        self._waiting: deque[_Waiter] = deque()
        self._timer: asyncio.TimerHandle | None = None
        self._pressed = False
        self._mean_tokens = 0.0
        self._accepted_at: float | None = None

    @property
    def limit(self) -> int:
        """How many requests may be in flight at the moment."""
        return self._finder.limit

    @property
    def in_flight(self) -> int:
        """How many requests are in flight."""
        return self._in_flight

    @property
    def waiting(self) -> int:
        """How many requests wait for a slot."""
        return sum(not waiter.granted.done() for waiter in self._waiting)

    @property
    def refusals(self) -> int:
        """How many requests were refused by a rate limit."""
        return self._finder.refusals

    @property
    def paused_for(self) -> float:
        """Seconds for which nothing is sent because the host asked for it; 0 if requests are sent."""
        return max(0.0, self._finder.resume_at - asyncio.get_running_loop().time())

    @property
    def rate(self) -> float | None:
        """Requests a second that the host accepts; None until it has refused one."""
        return self._finder.rate(asyncio.get_running_loop().time())

    def slot(self, tokens: int = 0, after: Verdict | None = None) -> Slot:
        """A context manager around one attempt: it waits until the request may be sent.

        Parameters
        ----------
        tokens
            Estimated tokens of prompt and answer, for `tpm`.
        after
            The verdict on the previous attempt at the same request.

        Raises
        ------
        ArgumentError
            When the request alone exceeds `tpm`.
        """
        if self._tokens is not None and tokens > self._tokens.most:
            raise ArgumentError(
                f"A request of about {tokens:,} tokens exceeds tpm={self._tokens.most:,}.",
                advice="Shorten it, set a smaller max_tokens, or raise tpm.",
            )
        return Slot(self, tokens, after)

    async def _acquire(self, slot: Slot, after: Verdict | None) -> None:
        loop = asyncio.get_running_loop()
        if after is not None and after.at > loop.time():
            await asyncio.sleep(after.at - loop.time())
        waiter = _Waiter(slot, loop.create_future())
        if after is None:
            self._waiting.append(waiter)
        else:
            self._waiting.appendleft(waiter)
        self._wake()
        try:
            await waiter.granted
            if self._within is not None:
                await self._within.acquire()
                slot.sent_at = loop.time()
        except asyncio.CancelledError:
            if waiter.granted.done() and not waiter.granted.cancelled():
                self._release(slot)
            else:
                self._wake()
            raise

    def _wake(self) -> None:
        """Let through as many as may be sent now, and come back when the next one may."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        loop = asyncio.get_running_loop()
        while self._waiting:
            waiter = self._waiting[0]
            if not waiter.granted.done():
                wait = self._wait(loop.time(), waiter.slot.tokens)
                if wait is None:
                    return
                if wait > 0:
                    self._timer = loop.call_later(wait, self._wake)
                    return
                self._start(waiter.slot, loop.time())
                waiter.granted.set_result(None)
            self._waiting.popleft()
        self._pressed = False

    def _wait(self, now: float, tokens: int) -> float | None:
        """Seconds until the next request may be sent; None until one in flight has ended."""
        windows = [(self._requests, 1), (self._tokens, tokens)]
        waits = [window.wait(now, amount) for window, amount in windows if window is not None]
        self._pressed = max(waits, default=0.0) <= 0
        if self._in_flight >= self._finder.limit:
            return None
        return max(self._finder.wait(now), *waits) if waits else self._finder.wait(now)

    def _start(self, slot: Slot, now: float) -> None:
        slot.begin(now, self._in_flight)
        self._in_flight += 1
        self._sent.add(slot)
        self._finder.sent(now)
        self._mean_tokens += (slot.tokens - self._mean_tokens) * 0.1 if self._mean_tokens else slot.tokens
        if self._accepted_at is None:
            self._accepted_at = now
        if self._requests is not None:
            self._requests.take(now, 1)
        if self._tokens is not None:
            slot.use = self._tokens.take(now, slot.tokens)

    def _release(self, slot: Slot) -> None:
        self._in_flight -= 1
        self._sent.discard(slot)
        self._wake()

    def _finish(self, slot: Slot, *, answered: bool) -> None:
        """An attempt has ended."""
        now = asyncio.get_running_loop().time()
        if answered:
            self._finder.answered(now, now - slot.sent_at, self._in_flight, pressed=self._pressed)
        if slot.used is not None and slot.use is not None and self._tokens is not None:
            self._tokens.correct(slot.use, slot.used)
        if self._within is not None:
            self._within.release()
        self._release(slot)

    def _accept(self, slot: Slot) -> None:
        self._accepted_at = asyncio.get_running_loop().time()
        self._finder.accepted(slot.sent_at, slot.beside)

    def _judge(self, slot: Slot, error: NbstreamError, reset: float | None = None) -> Verdict:
        """The verdict on an attempt that failed."""
        now = asyncio.get_running_loop().time()
        if is_rate_limit(error):
            return self._refuse(slot, error, now, reset)
        if error.status in BUSY or isinstance(error, RequestTimeoutError):
            self._finder.busy(now, slot.sent_at, slot.beside, self._in_flight - 1)
        attempts = slot.attempts + 1
        wait = self._retry.wait_before(attempts, error, random.random)
        if wait is None:
            return Verdict("permanent", attempts=attempts, error=error)
        if error.status in BUSY and error.retry_after is not None:
            self._finder.pause(now + wait)
        return Verdict("again", now + wait, attempts, error)

    def _refuse(self, slot: Slot, error: NbstreamError, now: float, reset: float | None) -> Verdict:
        wait = error.retry_after if error.retry_after is not None else reset
        if self._is_stuck(now) or (wait or 0.0) > self._longest_wait:
            return Verdict("permanent", attempts=slot.attempts, error=error)
        if wait is not None:
            # Other clients wait for the same moment.
            wait *= 1 + _JITTER * random.random()  # noqa: S311
        self._finder.refused(now, slot.sent_at, slot.beside, self._in_flight - 1, wait)
        return Verdict("again", self._finder.resume_at, slot.attempts, error)

    def _is_stuck(self, now: float) -> bool:
        """Whether the host has accepted nothing for long; one that answers slowly has accepted something."""
        slow = any(now - slot.sent_at > _SURELY_ACCEPTED for slot in self._sent)
        return not slow and self._accepted_at is not None and now - self._accepted_at > self._longest_wait

    def _note(self, allowance: Allowance) -> None:
        """Slow down before a limit is reached, where the host says how near it is."""
        each = 1.0 if allowance.unit == "requests" else self._mean_tokens
        now, rate = asyncio.get_running_loop().time(), allowance.rate
        scarce = max(allowance.limit * _SCARCE, each * self._in_flight)
        if each <= 0 or rate is None or allowance.remaining > scarce:
            return
        if rate > 0:
            self._finder.advise(rate / each, now + min(allowance.reset, _ADVICE_SECONDS))
        elif allowance.reset <= self._longest_wait:
            self._finder.pause(now + allowance.reset)


class _Waiter:
    """A request that waits for its slot."""

    __slots__ = ("granted", "slot")

    def __init__(self, slot: Slot, granted: asyncio.Future[None]) -> None:
        self.slot = slot
        self.granted = granted


class Slot:
    """One attempt at a request, from `Pace.slot`.

    Leave its context when the answer is complete. Call `response` or `failed` before that; an attempt that is
    left without either tells nothing, as when its task is cancelled.

    Attributes
    ----------
    tokens : int
        The estimate.
    attempts : int
        Failed attempts before this one.
    sent_at : float
        When the attempt began.
    used : int or None
        Tokens that the server counted: set it for a correct `tpm`.
    """

    def __init__(self, pace: Pace, tokens: int, after: Verdict | None) -> None:
        self.tokens = tokens
        self.attempts = after.attempts if after is not None else 0
        self.sent_at = 0.0
        self.beside = 0
        self.used: int | None = None
        self.use: Use | None = None
        self._pace = pace
        self._after = after
        self._verdict: Verdict | None = None
        self._state: Literal["waiting", "in flight", "left"] = "waiting"

    async def __aenter__(self) -> Self:
        """Wait until the request may be sent; a slot that was entered before is only passed on."""
        if self._state == "waiting":
            await self._pace._acquire(self, self._after)  # noqa: SLF001  the two halves of one thing
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        if self._state == "left":
            return
        self._state = "left"
        answered = kind is None and self._verdict is not None and self._verdict.outcome == "done"
        self._pace._finish(self, answered=answered)  # noqa: SLF001

    def begin(self, now: float, beside: int) -> None:
        """Called when the request may be sent."""
        self.sent_at, self.beside, self._state = now, beside, "in flight"

    def response(self, status: int, headers: Mapping[str, str], body: bytes = b"") -> Verdict:
        """The verdict on a response, by its status and headers.

        Parameters
        ----------
        status, headers
            Of the response; names of headers in lower case, or a mapping that ignores case.
        body
            The first bytes of a response that is an error.
        """
        pace = self._pace
        limits = allowances(headers, pace._utc_now())  # noqa: SLF001
        for allowance in limits:
            pace._note(allowance)  # noqa: SLF001
        if 200 <= status < 300:
            pace._accept(self)  # noqa: SLF001
            self._verdict = Verdict("done", attempts=self.attempts)
        else:
            used_up = [allowance.reset for allowance in limits if not allowance.remaining]
            error = refusal(status, headers, body, pace._utc_now())  # noqa: SLF001
            self._verdict = self._judge(error, max(used_up, default=None))
        return self._verdict

    def failed(self, error: NbstreamError) -> Verdict:
        """The verdict on an attempt that ended with an error."""
        self._verdict = self._judge(error)
        return self._verdict

    def _judge(self, error: NbstreamError, reset: float | None = None) -> Verdict:
        verdict = self._pace._judge(self, error, reset)  # noqa: SLF001
        if error.status is not None and not is_rate_limit(error) and error.status not in BUSY:
            self._pace._accept(self)  # noqa: SLF001  refused for another reason: the rate is not exceeded
        return verdict


def _check(name: str, number: object, otherwise: str) -> None:
    if not isinstance(number, int) or isinstance(number, bool) or number < 1:
        raise ArgumentError(
            f"{name}={number!r} is not a whole number of at least 1.", advice=f"Pass a number{otherwise}."
        )
