"""The events of a reply, in order; those of a reply that has ended take about as much memory as its text.

An answer of 20 KB is some 5,000 deltas, which as objects take thirty times the text. A notebook keeps its
replies, so once a reply has ended its deltas are packed, and made anew for whoever reads the log.
"""

from __future__ import annotations

import marshal
import zlib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import accumulate, chain, groupby, islice, pairwise
from typing import Any

from nbstream.events import ReasoningDelta, StreamEvent, TextDelta

__all__ = ["EventLog"]

_STEP = 1024
_SHORTEST_RUN = 8
_MICROSECONDS = 1e6


class EventLog:
    """A list that is appended to, sliced from a place on, and packed in the end.

    Times are packed in whole microseconds, which is what the clock of a reply gives.

    Examples
    --------
    >>> log = EventLog()
    >>> log.append(TextDelta(0.5, "Hello"))
    >>> log.pack_some()
    False
    >>> log.since(0), len(log)
    ([TextDelta(at=0.5, text='Hello', choice=0)], 1)
    """

    def __init__(self) -> None:
        self._plain: list[StreamEvent] = []
        self._packed: list[_Run | list[StreamEvent]] = []
        self._packed_count = 0
        self.append = self._plain.append

    def __len__(self) -> int:
        return self._packed_count + len(self._plain)

    def __iter__(self) -> Iterator[StreamEvent]:
        return chain.from_iterable([*self._packed, self._plain])

    def since(self, place: int) -> list[StreamEvent]:
        """The events after the first `place` ones."""
        if place >= self._packed_count:
            return self._plain[place - self._packed_count :]
        return list(self.walk(place))

    def walk(self, place: int) -> Iterator[StreamEvent]:
        """The events after the first `place` ones, unpacked as they are taken."""
        for part in (*self._packed, self._plain):
            if place < len(part):
                yield from islice(part, place, None)
            place = max(0, place - len(part))

    def pack_some(self) -> bool:
        """Pack the next thousand events, well below a millisecond's work; gives whether more are left."""
        events = self._plain[:_STEP]
        self._packed += _runs(events)
        self._packed_count += len(events)
        del self._plain[:_STEP]
        return bool(self._plain)


@dataclass(frozen=True, slots=True)
class _Run:
    """Deltas of one text, one after the other."""

    kind: type[TextDelta | ReasoningDelta]
    choice: int
    count: int
    packed: bytes

    @classmethod
    def of(cls, deltas: Sequence[TextDelta | ReasoningDelta]) -> _Run:
        times = [round(delta.at * _MICROSECONDS) for delta in deltas]
        gaps = [times[0], *(later - earlier for earlier, later in pairwise(times))]
        columns = marshal.dumps((gaps, [delta.text for delta in deltas]))
        return cls(type(deltas[0]), deltas[0].choice, len(deltas), zlib.compress(columns, 1))

    def __len__(self) -> int:
        return self.count

    def __iter__(self) -> Iterator[StreamEvent]:
        gaps, texts = marshal.loads(zlib.decompress(self.packed))  # noqa: S302 - our own bytes
        for time, text in zip(accumulate(gaps), texts, strict=True):
            yield self.kind(time / _MICROSECONDS, text, self.choice)


def _runs(events: Iterable[StreamEvent]) -> Iterator[_Run | list[StreamEvent]]:
    for series, group in groupby(events, _series):
        run: list[Any] = list(group)
        yield _Run.of(run) if series and len(run) >= _SHORTEST_RUN else run


def _series(event: StreamEvent) -> tuple[type, int] | None:
    return (type(event), event.choice) if isinstance(event, TextDelta | ReasoningDelta) else None
