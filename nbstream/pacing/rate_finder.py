"""Finds how fast and how many at a time a server accepts requests, from its answers alone.

Decisions only: no waiting. There are two limits, because servers have two kinds. `limit` is how many
requests are in flight, for servers that refuse more than so many at a time. The rate is how many are sent a
second, for servers that refuse more than so many in a minute.

- Until the first refusal the number in flight doubles with each round of answers, without a rate. It stops
  where answers only become slower by it: such a server queues requests instead of refusing them.
- A refusal pauses everything for as long as the server asks. The rate is then what the server accepted
  since the previous refusal, per second, pauses included: exactly what a token bucket refills in that time.
- Both then stay nearly level for about 20 pauses and grow faster and faster (as in CUBIC for TCP), so that
  little is lost to probing and a server that becomes faster is noticed.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

__all__ = ["RateFinder"]

START = 8
FIRST_BACKOFF, LONGEST_BACKOFF = 0.25, 60.0
_CATCH_UP, _CATCH_UP_REQUESTS = 0.25, 0.5
_SLOPE, _SHORTEST_LEVEL, _LONGEST_LEVEL = 0.002, 4.0, 16.0
_DOUBLING = 1.25
_MIDDLE, _OVER = 0.5, 0.1
_SLACK = 1.1
_FEW, _SLOWEST = 8, 1 / 600
_SHORTEST_UNIT, _LONGEST_UNIT = 1.0, 10.0
_ROUND, _WIDER, _GAIN = 16, 1.5, 1.15
_BUSY = 0.05
_SMOOTHING = 0.1


class RateFinder:
    """The limits of one host.

    Parameters
    ----------
    most
        How many requests may be in flight at all.
    start
        How many at first.

    Attributes
    ----------
    resume_at : float
        Until when nothing is sent.
    refusals : int
        How many requests were refused.

    Examples
    --------
    >>> finder = RateFinder(most=100, start=8)
    >>> finder.refused(1.0, sent_at=0.9, beside=8, others=5, seconds=2.0)
    >>> finder.limit, finder.wait(1.0)
    (5, 2.0)
    """

    def __init__(self, most: int, start: int = START) -> None:
        self.resume_at = -math.inf
        self.refusals = 0
        self._most = most
        self._width = float(min(start, most))
        self._rate: float | None = None
        self._slow_start = True
        self._level = _SHORTEST_LEVEL
        self._grown = 0.0
        self._pause = 0.0
        self._busy = 0.0
        self._seconds = 0.0
        self._episode = -math.inf
        self._backoffs = 0
        self._cycle_began: float | None = None
        self._sent = 0
        self._previous = _Cycle(0, 1.0, math.inf)
        self._peak = 0
        self._next = -math.inf
        self._advised: tuple[float, float] = (math.inf, -math.inf)
        self._last_answer = 0.0
        self._round = _Round()
        self._base: tuple[float, float] | None = None

    @property
    def limit(self) -> int:
        """How many requests may be in flight."""
        return max(1, min(self._most, int(self._width * (1 + self._stretch**3) + self._stretch)))

    def rate(self, now: float) -> float | None:
        """How many requests a second are sent at most; None for no limit."""
        rate = math.inf
        if self._rate is not None:
            rate = self._rate * (1 + _SLOPE * self._grown / self._unit + self._stretch**3)
        advised, until = self._advised
        rate = min(rate, advised) if now < until else rate
        return None if rate == math.inf else rate

    def wait(self, now: float) -> float:
        """Seconds until the next request may be sent, whatever is in flight."""
        return max(0.0, self.resume_at - now, self._next - now)

    def sent(self, now: float) -> None:
        """Count a request."""
        if self._cycle_began is None:
            self._cycle_began = self._last_answer = now
        self._sent += 1
        rate = self.rate(now)
        if rate is None:
            self._next = -math.inf
        else:
            lag = min(_CATCH_UP, _CATCH_UP_REQUESTS / rate)
            self._next = max(self._next, now - lag) + 1 / rate

    def accepted(self, sent_at: float, beside: int) -> None:
        """Count a request that the server did not refuse.

        Parameters
        ----------
        sent_at
            When it was sent.
        beside
            How many others were in flight then.
        """
        if sent_at >= self._episode:
            self._peak = max(self._peak, beside)
            self._backoffs = 0

    def answered(self, now: float, seconds: float, in_flight: int, *, pressed: bool) -> None:
        """Grow after a complete answer.

        Parameters
        ----------
        now
            The time.
        seconds
            How long the answer took.
        in_flight
            How many requests were in flight, this one included.
        pressed
            Whether others wait that only these limits hold back.
        """
        self._busy -= self._busy * _SMOOTHING / 2
        self._seconds += (seconds - self._seconds) * (_SMOOTHING if self._seconds else 1)
        if pressed and now >= self.resume_at:
            if self._slow_start:
                self._width = min(self._width + 1, self._most)
            else:
                self._grown += min(now - self._last_answer, self._unit)
            if self._rate is None:
                self._look_for_queue(now, in_flight)
        else:
            self._round = _Round()
        self._last_answer = now

    def refused(self, now: float, sent_at: float, beside: int, others: int, seconds: float | None) -> None:
        """Pause after a refusal, and slow down.

        Refusals of requests that were sent before the last pause tell nothing new but its length.

        Parameters
        ----------
        now, sent_at
            When it was refused, and when it was sent.
        beside, others
            How many others were in flight when it was sent, and are now.
        seconds
            How long the server asks to wait, if it does.
        """
        self.refusals += 1
        same = sent_at < max(self._episode, self.resume_at)
        if not same:
            self._measure(now)
            self._begin_episode(now, min(beside, others))
        else:
            self._previous.accepted -= 1
            self._rate = self._previous.rate
            self._width = max(self._width - 1, self._needed, 1.0)
        if seconds is None and not same:
            seconds = min(FIRST_BACKOFF * 2.0**self._backoffs, LONGEST_BACKOFF)
            self._backoffs += 1
        if seconds is not None:
            # A little longer than asked for: else the next request but one is refused again.
            seconds = max(seconds, FIRST_BACKOFF)
            self.pause(now + seconds)
            self._pause = max(self._pause, seconds)

    def busy(self, now: float, sent_at: float, beside: int, others: int) -> None:
        """Send fewer at a time, if too many responses say that the server has too much to do."""
        self._busy += (1 - self._busy) * _SMOOTHING / 2
        if self._busy > _BUSY and sent_at >= self._episode:
            self._begin_episode(now, min(beside, others))

    def pause(self, until: float) -> None:
        """Send nothing before that time."""
        self.resume_at = max(self.resume_at, until)

    def advise(self, rate: float, until: float) -> None:
        """Send no more than `rate` a second until then, because the server says so."""
        self._advised = (rate, until)

    @property
    def _unit(self) -> float:
        """The seconds by which growth is measured: probing must cost little beside what it can bring."""
        return min(max(self._pause, self._seconds, _SHORTEST_UNIT), _LONGEST_UNIT)

    @property
    def _stretch(self) -> float:
        """How far beyond the level part of growth; at 1 both limits have doubled."""
        return max(0.0, (self._grown / self._unit - self._level) / (_DOUBLING * self._level))

    @property
    def _needed(self) -> float:
        """How many have to be in flight to reach the rate (Little's law)."""
        return math.ceil((self._rate or 0.0) * self._seconds)

    def _measure(self, now: float) -> None:
        """Set the rate to what was accepted since the previous refusal."""
        began = now if self._cycle_began is None else self._cycle_began
        self._previous = _Cycle(self._sent - 1, max(now - began, 1e-3), self.rate(now) or math.inf)
        self._rate = self._previous.rate
        self._cycle_began, self._sent = now, 0
        self._next = -math.inf
        if now - self.resume_at > self._pause:
            self._backoffs = 0

    def _begin_episode(self, now: float, others: int) -> None:
        if self._peak > others:
            # More were accepted at a time since the last refusal: their number was not the reason.
            self._width = (self._peak + 1) * _SLACK
        else:
            self._width = max(others, 1.0)
            self._rate = self._rate and self._rate * _SLACK
        self._width = min(self._width, self._most)
        self._slow_start = False
        # What is confirmed is probed less often, and what has changed more often.
        self._level = _SHORTEST_LEVEL if self._stretch > 0.75 else min(self._level * 1.5, _LONGEST_LEVEL)
        self._grown = self._pause = 0.0
        self._episode, self._peak = now, 0
        self._base, self._round = None, _Round()

    def _look_for_queue(self, now: float, in_flight: int) -> None:
        """Go back to fewer at a time, if more at a time did not bring more answers a second."""
        if self._round.began is None:
            self._round = _Round(now, max(_ROUND, self.limit))
            return
        self._round.add(in_flight)
        if self._round.count < self._round.length:
            return
        width, throughput = self._round.mean, self._round.throughput(now)
        self._round = _Round(now, max(_ROUND, self.limit))
        if self._base is None:
            self._base = (width, throughput)
        elif width >= self._base[0] * _WIDER:
            if throughput >= self._base[1] * _GAIN:
                self._base = (width, throughput)
            else:
                self._width, self._grown, self._slow_start = self._base[0], 0.0, False


@dataclass(slots=True)
class _Cycle:
    """The requests from one refusal to the next.

    Parameters
    ----------
    accepted
        How many were sent and, as far as is known, not refused: an answer that is not streamed is long in
        coming.
    seconds
        How long it lasted.
    sent_rate
        How many a second were sent at most.
    """

    accepted: int
    seconds: float
    sent_rate: float

    @property
    def rate(self) -> float:
        """How many a second the server accepts.

        It is at least what was accepted, and at most what was sent when it refused one.
        """
        if self.sent_rate == math.inf:
            return max(self.accepted, 0.5) / self.seconds
        accepted = max(self.accepted, 0) / self.seconds
        between = accepted + _MIDDLE * min(max(self.sent_rate - accepted, 0.0), _OVER * accepted)
        # A short cycle says little.
        expected = max(self.accepted, self.sent_rate * self.seconds)
        weight = expected / (expected + _FEW)
        return max(weight * between + (1 - weight) * self.sent_rate, _SLOWEST)


class _Round:
    """So many answers in a row, and how many requests were in flight on average."""

    def __init__(self, began: float | None = None, length: int = 0) -> None:
        self.began = began
        self.length = length
        self.count = 0
        self._in_flight = 0

    def add(self, in_flight: int) -> None:
        """Count an answer."""
        self.count += 1
        self._in_flight += in_flight

    @property
    def mean(self) -> float:
        return self._in_flight / self.count

    def throughput(self, now: float) -> float:
        """Answers a second."""
        return self.count / max(now - (self.began or 0.0), 1e-9)
