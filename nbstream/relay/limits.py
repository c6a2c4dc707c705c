"""How much a relay takes from its clients, and how long it keeps what it has."""

from __future__ import annotations

from dataclasses import dataclass, fields

from nbstream.errors import ArgumentError
from nbstream.types.limits import MEBIBYTE

__all__ = ["RelayLimits"]


@dataclass(frozen=True, slots=True)
class RelayLimits:
    """Ceilings of one relay. A client is an IP address.

    Parameters
    ----------
    body_bytes
        Bytes of one request's body; above it the answer is 413.
    head_seconds, body_seconds
        How long a client may take to send a request's head, above which the connection is closed, and its
        body, above which the answer is 408.
    streams, streams_per_client
        Answers in the making at once, of all clients (above it 503) and of one (above it 429).
    readers
        Readers of one answer at once; above it 429.
    answer_bytes
        Bytes of the events of one answer; one that grows beyond is stopped and ends with an error.
    kept_bytes, kept_seconds
        How much of the answers that have ended is kept for readers that come back, and for how long.
    history_messages, history_chars
        Length of one conversation, the new message included; above it 413.
    conversations, conversations_per_client
        Conversations that are remembered, of all clients and of one. A new one takes the place of the one
        that was longest unused.
    grace_seconds
        How long an answer goes on for a reader that is gone and may come back.
    heartbeat_seconds
        Silence after which a comment is sent, so that no proxy takes the connection for dead.

    Examples
    --------
    >>> RelayLimits(streams=0)
    Traceback (most recent call last):
        ...
    nbstream.errors.ArgumentError: RelayLimits(streams=0) is not positive. Use a number above 0.
    """

    body_bytes: int = MEBIBYTE
    head_seconds: float = 10.0
    body_seconds: float = 30.0
    streams: int = 100
    streams_per_client: int = 20
    readers: int = 100
    answer_bytes: int = 4 * MEBIBYTE
    kept_bytes: int = 64 * MEBIBYTE
    kept_seconds: float = 600.0
    history_messages: int = 200
    history_chars: int = 400_000
    conversations: int = 500
    conversations_per_client: int = 50
    grace_seconds: float = 10.0
    heartbeat_seconds: float = 15.0

    def __post_init__(self) -> None:
        for field in fields(self):
            if not getattr(self, field.name) > 0:
                raise ArgumentError(
                    f"RelayLimits({field.name}={getattr(self, field.name)!r}) is not positive.",
                    advice="Use a number above 0.",
                )
