"""How a request is carried out: timeouts, limits, retries and what to do after a disconnect."""

from __future__ import annotations

from dataclasses import dataclass, field

from nbstream.client.sent import SentLog
from nbstream.cost.ledger import Ledger
from nbstream.cost.meter import Meter
from nbstream.types.limits import Limits, OnDisconnect, Timeouts
from nbstream.types.request import APIName
from nbstream.wire.raw_capture import RawCapture
from nbstream.wire.retry import RetryPolicy

__all__ = ["RequestPolicy"]


@dataclass(frozen=True, slots=True)
class RequestPolicy:
    """Everything about a request that is not in its body.

    Parameters
    ----------
    timeouts, limits
        How long to wait and how much to accept.
    retry
        When to retry before an answer has started.
    on_disconnect
        What to do after a disconnect: ``"keep"`` the partial answer, ``"continue"`` it if the
        provider supports it, or ``"restart"`` it.
    api
        API to use: ``"chat"`` for ``/chat/completions``, ``"responses"`` for ``/responses``.
    capture
        Keeps the received bytes, for the inspector.
    sent
        Keeps the request that is sent, for `Reply.to_code`.
    meter
        Counts what each request costs, and refuses those that exceed a budget.
    """

    timeouts: Timeouts = field(default_factory=Timeouts)
    limits: Limits = field(default_factory=Limits)
    retry: RetryPolicy = field(default_factory=RetryPolicy)
    on_disconnect: OnDisconnect = "keep"
    api: APIName = "chat"
    capture: RawCapture | None = None
    sent: SentLog | None = None
    meter: Meter = field(default_factory=lambda: Meter(Ledger()))
