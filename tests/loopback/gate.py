"""`Gate`: lets a test decide when an answer continues."""

from __future__ import annotations

import threading
from collections.abc import Iterable, Iterator

from tests.loopback.responses import Piece, sse_response
from tests.loopback.steps import Pause, Step


class Gate:
    """A place in a script at which the model waits until the test lets it go on."""

    def __init__(self) -> None:
        self._open = threading.Event()

    @property
    def is_open(self) -> bool:
        return self._open.is_set()

    def open(self) -> None:
        self._open.set()

    def close(self) -> None:
        self._open.clear()

    def script(self, before: Iterable[Piece], after: Iterable[Piece]) -> Iterator[Step]:
        """A stream of the pieces before the gate and, once it is open, of those behind it."""
        place = Pause(0)
        for step in sse_response([*before, place, *after]):
            while step is place and not self.is_open:
                yield Pause(0.01)
            yield step
