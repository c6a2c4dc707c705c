"""Reads what a server says of its limits in the headers of every response.

OpenAI, Azure, Groq and Cerebras send ``x-ratelimit-remaining-requests`` and its relatives, Anthropic
``anthropic-ratelimit-requests-remaining``, and many others ``x-ratelimit-remaining`` or
``ratelimit-remaining``.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Literal

__all__ = ["Allowance", "allowances"]

_UNITS = {"ms": 0.001, "s": 1.0, "m": 60.0, "h": 3600.0, "d": 86400.0}
_PART = re.compile(r"(\d+(?:\.\d+)?)(ms|s|m|h|d)")
_DURATION = re.compile(rf"(?:{_PART.pattern})+")
_EPOCH, _EPOCH_MS = 1e9, 1e12


@dataclass(frozen=True, slots=True)
class Allowance:
    """What is left of one limit.

    Parameters
    ----------
    unit
        ``"requests"`` or ``"tokens"``.
    limit
        The whole; 0 if the server does not name it.
    remaining
        What is left.
    reset
        Seconds until `limit` is left again.
    refills
        Whether it refills all the time. Otherwise all comes back at once, after `reset` seconds.
    """

    unit: Literal["requests", "tokens"]
    limit: float
    remaining: float
    reset: float
    refills: bool

    @property
    def rate(self) -> float | None:
        """How much a second can be used without exceeding the limit; None if that is not known."""
        if self.reset <= 0:
            return None
        if not self.refills:
            return self.remaining / self.reset
        used = self.limit - self.remaining
        return used / self.reset if used > 0 else None


_Unit = Literal["requests", "tokens"]
_NAMES: tuple[tuple[str, _Unit, bool], ...] = (
    ("x-ratelimit-{}-requests", "requests", True),
    ("x-ratelimit-{}-requests-minute", "requests", True),
    ("x-ratelimit-{}-tokens", "tokens", True),
    ("x-ratelimit-{}-tokens-minute", "tokens", True),
    ("anthropic-ratelimit-requests-{}", "requests", True),
    ("anthropic-ratelimit-input-tokens-{}", "tokens", True),
    ("anthropic-ratelimit-tokens-{}", "tokens", True),
    ("x-ratelimit-{}", "requests", False),
    ("ratelimit-{}", "requests", False),
)
"""Names of headers, with the field in braces; what they count; whether it refills all the time."""
_HEADERS = [
    (name.format("remaining"), name.format("reset"), name.format("limit"), unit, refills)
    for name, unit, refills in _NAMES
]


def allowances(headers: Mapping[str, str], now: datetime) -> list[Allowance]:
    """What a response says of the limits; limits without a remaining amount and a time are left out.

    Parameters
    ----------
    headers
        Of the response, with names in lower case or a mapping that ignores case.
    now
        The time, with a time zone: some servers send moments.

    Examples
    --------
    >>> headers = {
    ...     "x-ratelimit-limit-requests": "60",
    ...     "x-ratelimit-remaining-requests": "0",
    ...     "x-ratelimit-reset-requests": "1m0s",
    ... }
    >>> allowances(headers, datetime.now(UTC))[0].rate
    1.0
    """
    return list(_read(headers, now))


def _read(headers: Mapping[str, str], now: datetime) -> Iterator[Allowance]:
    for remaining, reset, limit, unit, refills in _HEADERS:
        if remaining not in headers:
            continue
        left, seconds = _number(headers[remaining]), _seconds(headers.get(reset), now)
        if left is not None and seconds is not None:
            whole = _number(headers.get(limit))
            yield Allowance(unit, whole or 0.0, left, seconds, refills and whole is not None)


def _seconds(value: str | None, now: datetime) -> float | None:
    """A time until a reset: seconds, ``6m0s``, a moment (RFC 3339), or seconds or milliseconds since 1970."""
    if value is None:
        return None
    number = _number(value)
    if number is not None:
        if number >= _EPOCH:
            number = number / (1000 if number >= _EPOCH_MS else 1) - now.timestamp()
        return max(0.0, number)
    if _DURATION.fullmatch(value.strip()):
        return sum(float(size) * _UNITS[unit] for size, unit in _PART.findall(value))
    try:
        moment = datetime.fromisoformat(value.strip())
    except ValueError:
        return None
    moment = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    return max(0.0, (moment - now).total_seconds())


def _number(value: str | None) -> float | None:
    try:
        # "100, 100;w=60" is a limit with its window.
        number = float(value.partition(",")[0].partition(";")[0]) if value is not None else None
    except ValueError:
        return None
    return number if number is not None and 0 <= number < float("inf") else None
