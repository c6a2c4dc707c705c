"""How a request is carried out: how long it may take, how much may come, what to do when it breaks."""

from __future__ import annotations

from dataclasses import dataclass, field

from nbstream.types.limits import Limits, OnDisconnect, Timeouts
from nbstream.types.request import Wire
from nbstream.wire.raw_capture import RawCapture
from nbstream.wire.retry import RetryPolicy

__all__ = ["RequestPolicy"]


@dataclass(frozen=True, slots=True)
class RequestPolicy:
    """Everything about a request that is not in its body.

    Parameters
    ----------
    timeouts, limits
        How long to wait and how much to take.
    retry
        What is tried again while no answer has begun.
    on_disconnect
        What to do with an answer that was cut: ``"keep"`` what has come, ``"continue"`` it where the
        provider has a way to, or ``"restart"`` it.
    wire
        API that is spoken: ``"chat"`` for ``/chat/completions``, ``"responses"`` for ``/responses``.
    capture
        Keeps the bytes that come, for the inspector.
    """

    timeouts: Timeouts = field(default_factory=Timeouts)
    limits: Limits = field(default_factory=Limits)
    retry: RetryPolicy = field(default_factory=RetryPolicy)
    on_disconnect: OnDisconnect = "keep"
    wire: Wire = "chat"
    capture: RawCapture | None = None
