"""The events of a reply, in order, in about as much memory as its text.

An answer of 20 KB has about 5,000 deltas. As objects they take twenty times the memory of the text, and
trigger a full garbage collection that blocks a kernel for a tenth of a second. So all but the latest deltas
are packed, and recreated for each reader.
"""

from __future__ import annotations

import marshal
import zlib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import accumulate, chain, groupby, islice, repeat
from operator import attrgetter, sub
from typing import Any

from nbstream.types.events import ReasoningDelta, StreamEvent, TextDelta

__all__ = ["EventLog"]

_STEP = 1024
_SHORTEST_RUN = 8
_MICROSECONDS = 1e6
_PACKED_KINDS = frozenset({TextDelta, ReasoningDelta})
_AT, _TEXT, _CHOICE = map(attrgetter, ("at", "text", "choice"))


class EventLog:
    """Append-only; readers resume from an index.

    One thread adds events; any thread may read them at the same time. Times are packed in whole microseconds,
    the unit of a reply's clock.

    Examples
    --------
    >>> log = EventLog()
    >>> log.extend([TextDelta(0.5, "Hel"), TextDelta(0.6, "lo")])
    >>> log.since(1), len(log)
    ([TextDelta(at=0.6, text='lo', choice=0)], 2)
    """

    def __init__(self) -> None:
        # One tuple, replaced as a whole: readers in other threads must never see a half-packed log.
        self._held: tuple[list[_Run | list[StreamEvent]], int, list[StreamEvent]] = ([], 0, [])

    def __len__(self) -> int:
        _, count, latest = self._held
        return count + len(latest)

    def __iter__(self) -> Iterator[StreamEvent]:
        return self.walk(0)

    def extend(self, events: Iterable[StreamEvent]) -> None:
        """Add events at the end."""
        latest = self._held[2]
        latest += events
        if len(latest) >= 2 * _STEP:
            self._pack(_STEP)

    def since(self, place: int) -> list[StreamEvent]:
        """The events after the first `place` ones."""
        _, count, latest = self._held
        if place >= count:
            return latest[place - count :]
        return list(self.walk(place))

    def walk(self, place: int) -> Iterator[StreamEvent]:
        """The events after the first `place` ones, unpacked as they are taken."""
        packed, _, latest = self._held
        for part in (*packed, latest):
            if place < len(part):
                yield from islice(part, place, None)
            place = max(0, place - len(part))

    def pack(self) -> None:
        """Pack the latest too: the log is complete."""
        self._pack(len(self._held[2]))

    def _pack(self, count: int) -> None:
        packed, before, latest = self._held
        self._held = ([*packed, *_runs(latest[:count])], before + count, latest[count:])


@dataclass(frozen=True, slots=True)
class _Run:
    """Deltas of one kind, one after the other, column by column."""

    kind: type[TextDelta | ReasoningDelta]
    count: int
    packed: bytes

    @classmethod
    def of(cls, deltas: Sequence[TextDelta | ReasoningDelta]) -> _Run:
        reads = [(round(at * _MICROSECONDS), len(list(group))) for at, group in groupby(map(_AT, deltas))]
        times, counts = zip(*reads, strict=True)
        gaps = [times[0], *map(sub, times[1:], times)]
        choices = list(map(_CHOICE, deltas))
        columns = (gaps, counts, list(map(_TEXT, deltas)), choices if any(choices) else None)
        return cls(type(deltas[0]), len(deltas), zlib.compress(marshal.dumps(columns), 1))

    def __len__(self) -> int:
        return self.count

    def __iter__(self) -> Iterator[StreamEvent]:
        gaps, counts, texts, choices = marshal.loads(zlib.decompress(self.packed))  # noqa: S302 - our own bytes
        times = chain.from_iterable(map(repeat, accumulate(gaps), counts))
        for time, text, choice in zip(times, texts, choices or repeat(0), strict=False):
            yield self.kind(time / _MICROSECONDS, text, choice)


def _runs(events: Iterable[StreamEvent]) -> Iterator[_Run | list[StreamEvent]]:
    for kind, group in groupby(events, type):
        run: list[Any] = list(group)
        yield _Run.of(run) if kind in _PACKED_KINDS and len(run) >= _SHORTEST_RUN else run
