"""Speed figures of an answer."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from itertools import pairwise

__all__ = ["Gaps", "Timings"]


@dataclass(frozen=True, slots=True)
class Timings:
    """Seconds since the request was sent; None if it has not happened.

    The import of the SDK and the choice of the endpoint come before that and are not counted.

    Parameters
    ----------
    ttft
        Time to first token: until the first delta of text, reasoning or a tool call.
    duration
        Until the end of the answer.
    tokens_per_second
        Output tokens after the first, divided by the time from the first delta to the last. Uses the
        server's token count; without one, each delta counts as one token, which is an estimate. None for less
        than half a second or fewer than 20 tokens, which would mislead.
    reasoning_seconds
        From the first delta of reasoning to the first of text.
    """

    ttft: float | None = None
    duration: float | None = None
    tokens_per_second: float | None = None
    reasoning_seconds: float | None = None

    def as_dict(self) -> dict[str, float | None]:
        """Plain JSON form, rounded to a millisecond."""
        return {name: None if value is None else round(value, 3) for name, value in asdict(self).items()}


@dataclass(frozen=True, slots=True)
class Gaps:
    """The gaps between consecutive deltas of an answer, in seconds; None if there are none.

    Deltas from the same read have a gap of zero: gaps measure arrival, not
    generation.

    Parameters
    ----------
    count
        How many gaps there are.
    p50, p95, p99
        Percentiles, interpolated linearly: half of the gaps are no longer than `p50`.
    longest
        The longest gap.

    Examples
    --------
    >>> Gaps.between([0.5, 0.6, 0.8, 0.9])
    Gaps(count=3, p50=0.1, p95=0.19, p99=0.198, longest=0.2)
    """

    count: int = 0
    p50: float | None = None
    p95: float | None = None
    p99: float | None = None
    longest: float | None = None

    @classmethod
    def between(cls, times: Sequence[float]) -> Gaps:
        """The gaps between deltas received at these times, in order, in seconds since the request."""
        gaps = sorted(round(later - earlier, 6) for earlier, later in pairwise(times))
        if not gaps:
            return cls()
        p50, p95, p99 = (round(_percentile(gaps, part), 6) for part in (0.50, 0.95, 0.99))
        return cls(len(gaps), p50, p95, p99, gaps[-1])

    def as_dict(self) -> dict[str, float | None]:
        """Plain JSON form."""
        return asdict(self)


def _percentile(ordered: Sequence[float], part: float) -> float:
    place = part * (len(ordered) - 1)
    below = int(place)
    above = min(below + 1, len(ordered) - 1)
    return ordered[below] + (ordered[above] - ordered[below]) * (place - below)
