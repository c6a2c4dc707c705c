"""Writes every reply of this process into its log: when it is requested, has ended, or is rated."""

from __future__ import annotations

import threading
import time
import warnings
from dataclasses import dataclass
from pathlib import Path
from weakref import WeakValueDictionary, ref

from nbstream.config import NBStream
from nbstream.conversation.transcript import restored_reply
from nbstream.errors import FileError
from nbstream.recording.resting import any_time
from nbstream.reply import Reply
from nbstream.reply_log.entry import LogEntry
from nbstream.reply_log.row import Question, row_of, saved_of
from nbstream.reply_log.store import Row, Store

__all__ = ["Journal", "journal"]

_AGAIN_SECONDS = 60.0


class Journal:
    """The log of this process: in memory, or in the file that the settings name.

    A file that cannot be written is reported once. The replies are then kept in memory, and moved to the file
    when it can be written again.
    """

    def __init__(self) -> None:
        self._lock = threading.RLock()
        self._memory: Store | None = None
        self._files: dict[Path, Store] = {}
        self._failures: dict[Path, _Failure] = {}
        self._live: WeakValueDictionary[str, Reply] = WeakValueDictionary()

    def follow(self, reply: Reply, question: Question, settings: NBStream) -> None:
        """Write a reply into the log from now on."""
        self._live[reply.state.id] = reply
        reply.watch(_Follower(self, reply, question, settings), any_time)

    def write(self, row: Row, path: str, *, ended: bool) -> None:
        """Write a row into the log at a path; empty for the one in memory."""
        store = self.store(path)
        try:
            store.put(row, ended=ended)
        except FileError as error:
            self._fail(store, error)
            self._memory_store().put(row, ended=ended)

    def store(self, path: str) -> Store:
        """The log at a path; that in memory if there is none, or it cannot be opened."""
        if not path:
            return self._memory_store()
        place = Path(path).expanduser().absolute()
        with self._lock:
            failure = self._failures.get(place)
            if failure is not None and time.monotonic() < failure.at + _AGAIN_SECONDS:
                return self._memory_store()
            try:
                return self._files.get(place) or self._opened(place)
            except FileError as error:
                self._note(place, error)
                return self._memory_store()

    def problem(self, path: str) -> str:
        """Why the log at a path is not used; empty if it is."""
        failure = self._failures.get(Path(path).expanduser().absolute()) if path else None
        return str(failure.error) if failure else ""

    def reply(self, entry: LogEntry) -> Reply:
        """The reply of an entry: the one of this process if it exists, otherwise one made from the entry."""
        live = self._live.get(entry.id)
        if live is not None:
            return live
        reply = restored_reply(saved_of(entry), entry.text, entry.id)
        store = self.store(NBStream.instance().log)
        reply.watch(lambda: store.rate(entry.id, *_score(reply)))
        return reply

    def find(self, name: str) -> Reply | None:
        """The reply with an id, of this process or of the log; None if neither has it."""
        live = self._live.get(name)
        if live is not None:
            return live
        entry = self.store(NBStream.instance().log).find(name)
        return self.reply(entry) if entry else None

    def live(self, reply: str) -> Reply | None:
        """The reply of this process with an id, if it exists."""
        return self._live.get(reply)

    def running(self) -> list[Reply]:
        """The replies of this process that have not ended."""
        return [reply for reply in list(self._live.values()) if not reply.done]

    def _opened(self, place: Path) -> Store:
        """Open a file. Replies that were kept in memory until now move there."""
        store = self._files[place] = Store(place)
        self._failures.pop(place, None)
        if self._memory is not None:
            store.adopt(self._memory)
        return store

    def _memory_store(self) -> Store:
        with self._lock:
            if self._memory is None:
                self._memory = Store()
            return self._memory

    def _fail(self, store: Store, error: FileError) -> None:
        """Do without a file for a while."""
        if store.path is None:
            raise error
        with self._lock:
            self._files.pop(store.path, None)
            self._note(store.path, error)

    def _note(self, place: Path, error: FileError) -> None:
        known = self._failures.get(place)
        self._failures[place] = _Failure(error, time.monotonic())
        if known is None or str(known.error) != str(error):
            warnings.warn(f"{error} Replies are kept for this session only.", RuntimeWarning, stacklevel=2)


@dataclass(frozen=True, slots=True)
class _Failure:
    error: FileError
    at: float


class _Follower:
    """Writes one reply when its request is sent, when its views have shown the end, and when it is rated."""

    def __init__(self, log: Journal, reply: Reply, question: Question, settings: NBStream) -> None:
        self._log = log
        self._reply, self._state, self._about = ref(reply), reply.state, reply.about
        self._question = question
        self._settings = settings
        self._written: tuple[object, ...] = ()

    def __call__(self) -> None:
        state, reply = self._state, self._reply()
        is_ending = state.ended and reply is not None and not reply.done
        if is_ending or (state.route is None and not state.ended):
            return
        stage = (state.ended, state.rating)
        if stage != self._written:
            self._written = stage
            row = row_of(state, self._about, self._question)
            self._log.write(row, self._settings.log, ended=state.ended)


def _score(reply: Reply) -> tuple[int, str]:
    rating = reply.rating
    return (rating.score, rating.note) if rating else (0, "")


journal = Journal()
"""The log of this process."""
