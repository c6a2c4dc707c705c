"""What the live table needs of a batch."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from uuid import uuid4

from nbstream.batching.outcome import Outcome
from nbstream.batching.plan import Plan
from nbstream.batching.progress import Progress

__all__ = ["ShownBatch"]


@dataclass(frozen=True, slots=True)
class ShownBatch:
    """A batch, for its live table.

    Parameters
    ----------
    plan, progress, outcomes
        Its parts; they change while it runs.
    id
        Names it in its page.
    pause, resume, stop, cancel, retry
        What the buttons do. `stop` waits for the requests in flight, `cancel` does not.
    problem
        Why the run stopped before its end; empty otherwise.
    """

    plan: Plan
    progress: Progress
    outcomes: Sequence[Outcome | None]
    pause: Callable[[], None]
    resume: Callable[[], None]
    stop: Callable[[], None]
    cancel: Callable[[], None]
    retry: Callable[[], None]
    problem: Callable[[], str]
    id: str = field(default_factory=lambda: f"b-{uuid4().hex[:16]}")
