"""Timeouts, limits and disconnect policy of one request.

Examples
--------
>>> Timeouts(idle=5).first_event
300.0
>>> Timeouts(connect=0)
Traceback (most recent call last):
    ...
nbstream.errors.ArgumentError: Timeouts(connect=0) is not a positive number of seconds. Use None for no limit.
"""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import Literal

from nbstream.errors import ArgumentError

__all__ = ["MEBIBYTE", "Limits", "OnDisconnect", "Timeouts"]

MEBIBYTE = 1 << 20

OnDisconnect = Literal["keep", "continue", "restart"]
"""Keep the partial answer; continue it if the provider supports it; or request a new answer."""


@dataclass(frozen=True, slots=True)
class Timeouts:
    """Seconds to wait; None waits forever. Time in which the event loop was blocked does not count.

    Only useful events count as progress: comments and heartbeats do
    not.

    Parameters
    ----------
    connect
        For a connection, name resolution and TLS included. Waiting for a free connection of our own does
        not count.
    first_event
        From the request to the first useful event, headers included; of an answer that is not streamed, to
        all of it.
    idle
        Between two useful events.
    total
        From the first attempt to the end of the answer, retries included.

    Examples
    --------
    >>> Timeouts(idle=5, total=120)
    Timeouts(connect=10.0, first_event=300.0, idle=5, total=120)
    """

    connect: float | None = 10.0
    first_event: float | None = 300.0
    idle: float | None = 60.0
    total: float | None = None

    def __post_init__(self) -> None:
        for field in fields(self):
            seconds = getattr(self, field.name)
            if seconds is not None and not (_is_number(seconds) and seconds > 0):
                raise ArgumentError(
                    f"Timeouts({field.name}={seconds!r}) is not a positive number of seconds.",
                    advice="Use None for no limit.",
                )


@dataclass(frozen=True, slots=True)
class Limits:
    """Size limits, so that no server can fill the memory.

    Parameters
    ----------
    event_bytes
        Bytes of one event, one line, or an answer that is not a stream; after decompression.
    answer_chars
        Characters of one answer: text, reasoning and arguments of tool calls together.

    Examples
    --------
    >>> Limits(answer_chars=20_000).answer_chars
    20000
    """

    event_bytes: int = 16 * MEBIBYTE
    answer_chars: int = 10_000_000

    def __post_init__(self) -> None:
        for field in fields(self):
            ceiling = getattr(self, field.name)
            if not (_is_number(ceiling) and ceiling >= 1):
                raise ArgumentError(
                    f"Limits({field.name}={ceiling!r}) is not a number of at least 1.",
                    advice="Unlimited is not supported; use a large number.",
                )


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)
