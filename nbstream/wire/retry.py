"""When a failed request is retried, and after how long. Decisions only: no waiting.

Whether it may be retried at all is decided elsewhere: a received delta is paid for, and a second answer
does not continue the first.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

from nbstream.errors import (
    ConnectError,
    NbstreamError,
    RateLimitError,
    ServerError,
    StatusError,
    StreamInterruptedError,
)

__all__ = ["RetryPolicy", "duration", "may_pass", "retry_after"]

_TIMED_OUT = 408
_JITTER = 0.25


@dataclass(frozen=True, slots=True)
class RetryPolicy:
    """How often and how long to retry.

    Parameters
    ----------
    retries
        Number of attempts after the first.
    base, ceiling
        Seconds: the wait doubles from `base` up to `ceiling`.
    longest_wait
        Seconds: nbstream does not wait if a server asks for longer; the error says when to
        retry.

    Examples
    --------
    >>> policy = RetryPolicy()
    >>> policy.wait_before(1, ServerError("down", status=503), random=lambda: 0.0)
    0.5
    >>> policy.wait_before(3, ServerError("down", status=503)) is None
    True
    """

    retries: int = 2
    base: float = 0.5
    ceiling: float = 8.0
    longest_wait: float = 60.0

    def wait_before(
        self, attempt: int, error: NbstreamError, random: Callable[[], float] = lambda: 0.0
    ) -> float | None:
        """Seconds to wait before retry number `attempt` (from 1), or None to give up."""
        if attempt > self.retries or not may_pass(error):
            return None
        if error.retry_after is not None:
            return error.retry_after if error.retry_after <= self.longest_wait else None
        wait = min(self.base * 2.0 ** (attempt - 1), self.ceiling)
        return wait * (1 - _JITTER * random())


def retry_after(headers: Mapping[str, str], now: datetime | None = None) -> float | None:
    """Seconds that the server asks to wait: ``retry-after-ms``, or ``retry-after`` as seconds or a date."""
    milliseconds = _number(headers.get("retry-after-ms"))
    if milliseconds is not None:
        return milliseconds / 1000
    value = headers.get("retry-after")
    seconds = _number(value)
    return seconds if seconds is not None or value is None else _until(value, now or datetime.now(UTC))


def duration(seconds: float) -> str:
    """A wait as text, in a suitable unit.

    Examples
    --------
    >>> duration(1.2), duration(90), duration(3600)
    ('2 s', '90 s', '60 min')
    """
    return f"{math.ceil(seconds)} s" if seconds <= 120 else f"{math.ceil(seconds / 60)} min"


def may_pass(error: NbstreamError) -> bool:
    """Whether the same request may succeed later."""
    if error.retryable is not None:
        return error.retryable
    if isinstance(error, StatusError) and error.status == _TIMED_OUT:
        return True
    if isinstance(error, RateLimitError):
        return error.kind != "quota"
    return isinstance(error, ServerError | ConnectError | StreamInterruptedError)


def _number(value: str | None) -> float | None:
    try:
        number = float(value) if value is not None else None
    except ValueError:
        return None
    return number if number is not None and 0 <= number < float("inf") else None


def _until(value: str, now: datetime) -> float | None:
    try:
        moment = parsedate_to_datetime(value)
    except ValueError:
        return None
    moment = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    return max(0.0, (moment - now).total_seconds())
