"""Limits of a relay for its clients and its memory."""

from __future__ import annotations

from dataclasses import dataclass, fields

from nbstream.errors import ArgumentError
from nbstream.types.limits import MEBIBYTE

__all__ = ["RelayLimits"]


@dataclass(frozen=True, slots=True)
class RelayLimits:
    """Limits of one relay. A client is an IP address.

    Parameters
    ----------
    body_bytes
        Bytes of one request body; beyond it the status is 413.
    head_seconds, body_seconds
        Time for sending the headers, after which the connection is closed, and the body, after which the
        status is 408.
    streams, streams_per_client
        Concurrent answers of all clients (beyond it 503) and of one (beyond it 429).
    readers
        Concurrent readers of one answer; beyond it 429.
    answer_bytes
        Bytes of the events of one answer; a longer one is stopped and ends with an error.
    kept_bytes, kept_seconds
        Size and time for which ended answers are kept for returning readers.
    history_messages, history_chars
        Length of one conversation including the new message; beyond it 413.
    conversations, conversations_per_client
        Stored conversations, of all clients and of one. A new one replaces the least recently
        used.
    grace_seconds
        How long an answer keeps running for a disconnected reader.
    heartbeat_seconds
        Idle time after which a comment is sent, so that no proxy closes the connection.

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
