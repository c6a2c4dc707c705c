"""A line in the log for each event of a reply, where someone listens at DEBUG to the logger ``nbstream``.

Whether anyone does is asked once for each reply: without, no event costs anything.
"""

from __future__ import annotations

import logging
from collections.abc import Callable

from nbstream.recording.log import EventLog
from nbstream.types.event_json import to_json

__all__ = ["event_logger"]

_log = logging.getLogger("nbstream")
_ID_SHOWN = 8


def event_logger(reply_id: str, events: EventLog, clean: Callable[[str], str]) -> list[Callable[[], None]]:
    """What to call when events were added, to log them; nothing where no one listens.

    Parameters
    ----------
    reply_id
        Shortened and written to each line, to tell replies apart.
    events
        The log of the reply, which grows.
    clean
        Takes secrets out of a line.
    """
    return [_Lines(reply_id, events, clean).write] if _log.isEnabledFor(logging.DEBUG) else []


class _Lines:
    def __init__(self, reply_id: str, events: EventLog, clean: Callable[[str], str]) -> None:
        self._id = reply_id[:_ID_SHOWN]
        self._events = events
        self._clean = clean
        self._place = 0

    def write(self) -> None:
        for event in self._events.since(self._place):
            self._place += 1
            said = to_json(event)
            kind, at = said.pop("type"), said.pop("at")
            told = " ".join(f"{name}={value!r}" for name, value in said.items())
            _log.debug("%s %.3f s %s %s", self._id, at, kind, self._clean(told))
