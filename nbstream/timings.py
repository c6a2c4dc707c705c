"""How fast an answer came."""

from __future__ import annotations

from dataclasses import asdict, dataclass

__all__ = ["Timings"]


@dataclass(frozen=True, slots=True)
class Timings:
    """Seconds since the request was handed in; None where it has not happened.

    Parameters
    ----------
    ttft
        Time to first token: until the first delta of text, reasoning or a tool call.
    duration
        Until the end of the answer.
    tokens_per_second
        Output tokens after the first, over the time from the first delta to the last. The token count is
        the server's where it reported one; else each delta counts as one token, which is an estimate.
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
