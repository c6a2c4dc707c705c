"""How far a batch is: counters, and events for whoever shows them."""

from __future__ import annotations

import time
from collections import Counter, deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Literal

from nbstream.batching.outcome import Outcome

__all__ = [
    "BatchEvent",
    "BatchPhase",
    "JobsSeen",
    "PhaseChanged",
    "Progress",
    "RowEnded",
    "RowStarted",
    "RowsOpened",
]

BatchPhase = Literal["new", "running", "paused", "draining", "ended"]

_RECENT = 64


@dataclass(frozen=True, slots=True)
class RowStarted:
    """A request for rows is sent. `rows` are their places in the table: equal rows share a request."""

    rows: Sequence[int]


@dataclass(frozen=True, slots=True)
class RowEnded:
    """Rows have their outcome; an answer among them is in the store."""

    rows: Sequence[int]
    outcome: Outcome


@dataclass(frozen=True, slots=True)
class RowsOpened:
    """Rows that had failed will be sent again."""

    rows: Sequence[int]


@dataclass(frozen=True, slots=True)
class PhaseChanged:
    """The run has begun, is paused, continues, waits for what is in flight, or has ended."""

    phase: BatchPhase


@dataclass(frozen=True, slots=True)
class JobsSeen:
    """The jobs of a provider's Batch API: it has carried out `done` of `requests`."""

    done: int
    requests: int


BatchEvent = RowStarted | RowEnded | RowsOpened | PhaseChanged | JobsSeen


class Progress:
    """Counters of a batch. One object for all views of it, which `subscribe`.

    Attributes
    ----------
    total : int
        Rows of the table.
    answered, cached, failed, truncated : int
        Rows with an answer; those of them that cost nothing in this run, because the store or an equal row
        had it; rows with an error; answers that were cut off.
    in_flight : int
        Requests that were sent and have not ended.
    elsewhere : int
        Rows whose answers this run takes over from another one with the same store, when they are there.
    requests : int
        Requests sent in this run, with repeated ones.
    input_tokens, output_tokens : int
        Tokens of this run.
    cost : Decimal
        US dollars spent in this run, as far as prices are known.
    errors : Counter of str
        Failed rows by the kind of their error.
    jobs : JobsSeen or None
        What a provider's Batch API has; None for requests that are sent one by one.
    phase : str
        ``"new"``, ``"running"``, ``"paused"``, ``"draining"`` or ``"ended"``.

    Examples
    --------
    >>> progress = Progress(total=3)
    >>> seen = []
    >>> unsubscribe = progress.subscribe(seen.append)
    >>> progress.row_ended([0, 2], Outcome("finished", "Oslo"))
    >>> progress.answered, progress.left, len(seen)
    (2, 1, 1)
    """

    def __init__(self, total: int = 0) -> None:
        self.total = total
        self.answered = self.cached = self.failed = self.truncated = 0
        self.in_flight = self.requests = self.elsewhere = 0
        self.input_tokens = self.output_tokens = 0
        self.cost = Decimal()
        self.errors: Counter[str] = Counter()
        self.jobs: JobsSeen | None = None
        self.phase: BatchPhase = "new"
        self._began: float | None = None
        self._ended: float | None = None
        self._paid = 0
        self._recent: deque[float] = deque(maxlen=_RECENT)
        self._subscribers: list[Callable[[BatchEvent], object]] = []

    @property
    def left(self) -> int:
        """Rows that have no outcome yet."""
        return self.total - self.answered - self.failed

    @property
    def seconds(self) -> float:
        """Seconds since the start."""
        if self._began is None:
            return 0.0
        return (self._ended or time.monotonic()) - self._began

    @property
    def rate(self) -> float | None:
        """Rows a second, over the last ones that were sent; None at first."""
        if len(self._recent) < 2 or self._recent[-1] <= self._recent[0]:
            return None
        return (len(self._recent) - 1) / (self._recent[-1] - self._recent[0])

    @property
    def seconds_left(self) -> float | None:
        """Estimated seconds until the end; None where that is not known."""
        rate = self.rate
        return None if rate is None else self.left / rate

    @property
    def expected_cost(self) -> Decimal | None:
        """Estimated US dollars of the whole run; None before the first paid row."""
        return self.cost + self.cost / self._paid * self.left if self._paid else None

    def subscribe(self, tell: Callable[[BatchEvent], object]) -> Callable[[], None]:
        """Call a function after each event, on the event loop of the run. Returns what ends that."""
        self._subscribers.append(tell)
        return lambda: self._subscribers.remove(tell)

    def begin(self) -> None:
        """The run begins, or begins again."""
        self._began, self._ended = self._began or time.monotonic(), None
        self.change("running")

    def change(self, phase: BatchPhase) -> None:
        """Enter a phase."""
        self.phase = phase
        if phase == "ended":
            self._ended = time.monotonic()
        self._tell(PhaseChanged(phase))

    def request_sent(self, rows: Sequence[int]) -> None:
        """A request is sent."""
        self.requests += 1
        self.in_flight += 1
        self._tell(RowStarted(rows))

    def request_ended(self) -> None:
        """A request has ended, however."""
        self.in_flight -= 1

    def waits_for(self, rows: int) -> None:
        """So many rows are being answered by another run."""
        if rows != self.elsewhere:
            self.elsewhere = rows
            self._tell(PhaseChanged(self.phase))

    def jobs_seen(self, done: int, requests: int) -> None:
        """The provider has carried out so many of the requests in its jobs."""
        seen = JobsSeen(done, requests)
        if seen != self.jobs:
            self.jobs = seen
            self._tell(seen)

    def row_ended(self, rows: Sequence[int], outcome: Outcome) -> None:
        """Rows have an outcome; the first of them paid for it."""
        count = len(rows)
        if outcome.answered:
            self.answered += count
            self.cached += count - (not outcome.cached)
            self.truncated += count * (outcome.status == "truncated")
        else:
            self.failed += count
        if outcome.error is not None:
            self.errors[outcome.error.kind] += count
        if not outcome.cached:
            self._spend(outcome)
        self._tell(RowEnded(rows, outcome))

    def rows_open_again(self, rows: Sequence[int], outcome: Outcome) -> None:
        """Failed rows will be sent again."""
        self.failed -= len(rows)
        if outcome.error is not None:
            self.errors[outcome.error.kind] -= len(rows)
        self._tell(RowsOpened(rows))

    def _spend(self, outcome: Outcome) -> None:
        self._recent.append(time.monotonic())
        usage = outcome.usage
        if usage is None:
            return
        self._paid += 1
        self.input_tokens += usage.input or 0
        self.output_tokens += usage.output or 0
        self.cost += usage.cost or 0

    def _tell(self, event: BatchEvent) -> None:
        for tell in tuple(self._subscribers):
            tell(event)
