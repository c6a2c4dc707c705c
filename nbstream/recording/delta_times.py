"""When the deltas of an answer arrived, and the speed figures that follow from it."""

from __future__ import annotations

from nbstream.types.timings import Timings

__all__ = ["DeltaTimes"]

# A shorter answer has no rate: it would measure the buffers on the network, not the model.
SHORTEST_RATED = 0.5
FEWEST_RATED = 20


class DeltaTimes:
    """Times of the deltas, in seconds since the request was submitted.

    Attributes
    ----------
    first, first_text, first_reasoning : float or None
        Time of the first delta, of any kind, of text and of reasoning.
    ended : float or None
        When the answer ended.

    Examples
    --------
    >>> times = DeltaTimes()
    >>> times.add(1, 0.75)
    >>> times.ended = 1.5
    >>> times.timings(sent=0.5)
    Timings(ttft=0.25, duration=1.0, tokens_per_second=None, reasoning_seconds=None)
    """

    def __init__(self) -> None:
        self.first: float | None = None
        self.first_text: float | None = None
        self.first_reasoning: float | None = None
        self.ended: float | None = None
        self._last: float | None = None
        self._count = 0
        self._paused = False
        self._idle = 0.0

    @property
    def writing(self) -> bool:
        """Whether the model is writing text: the next delta of text changes no other time."""
        return self.ended is None and self.first_text is not None and not self._paused

    def add(self, count: int, at: float) -> None:
        """Count deltas that arrived together."""
        self._count += count
        if self._paused:
            self._idle += at - (self._last or at)
        self._paused, self._last = False, at
        if self.first is None:
            self.first = at

    def pause(self) -> None:
        """Exclude the time until the next delta from the rate: the model waits for a tool."""
        self._paused = True

    @property
    def paused(self) -> bool:
        """Whether no delta has followed `pause`."""
        return self._paused

    def timings(self, sent: float, output_tokens: int | None = None) -> Timings:
        """Return the speed figures so far.

        Parameters
        ----------
        sent
            When the request was sent.
        output_tokens
            The server's token count, if there is one.
        """
        return Timings(
            _seconds(sent, self.first),
            _seconds(sent, self.ended),
            self._rate(output_tokens or self._count),
            self._reasoning_seconds(),
        )

    def _rate(self, tokens: int) -> float | None:
        if self.first is None or self._last is None or self._last <= self.first:
            return None
        writing = self._last - self.first - self._idle
        if writing < SHORTEST_RATED or tokens < FEWEST_RATED:
            return None
        return (tokens - 1) / writing

    def _reasoning_seconds(self) -> float | None:
        if self.first_reasoning is None:
            return None
        end = self.first_text if self.first_text is not None else self._last
        return None if end is None else max(0.0, end - self.first_reasoning)


def _seconds(sent: float, at: float | None) -> float | None:
    return None if at is None else round(max(0.0, at - sent), 6)
