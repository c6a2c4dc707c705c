"""The replies of a log in an SQLite database: a file, or in memory for the session."""

from __future__ import annotations

import json
import sqlite3
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any
from weakref import finalize

from nbstream._util.database import database_errors, open_database
from nbstream.errors import FileError
from nbstream.reply_log.entry import LogEntry
from nbstream.reply_log.query import Query

__all__ = ["Row", "Store"]

Row = Mapping[str, Any]
"""The columns of a reply by name, without its number."""

_APPLICATION = 0x6E6273
_VERSION = 1
_BUSY_SECONDS = 2.0
_MOST_IN_MEMORY = 10_000
_MOST_BYTES_IN_MEMORY = 200_000_000

_ANOTHER = "Set NBStream.log to another file."
_REPAIR = "Move the file away; a new one is created."

_COLUMNS = {
    "id": "TEXT NOT NULL UNIQUE",
    "time": "TEXT NOT NULL",
    "cell": "INTEGER",
    "chat": "TEXT NOT NULL",
    "model": "TEXT",
    "provider": "TEXT",
    "prompt_hash": "TEXT NOT NULL",
    "prompt": "TEXT NOT NULL",
    "params": "TEXT NOT NULL",
    "status": "TEXT NOT NULL",
    "finish_reason": "TEXT",
    "input_tokens": "INTEGER",
    "output_tokens": "INTEGER",
    "cached_tokens": "INTEGER",
    "cost": "TEXT",
    "ttft": "REAL",
    "duration": "REAL",
    "tokens_per_second": "REAL",
    "rating": "INTEGER",
    "note": "TEXT NOT NULL",
    "error": "TEXT NOT NULL",
    "text": "TEXT NOT NULL",
    "saved": "BLOB",
}
_TABLE = (
    "CREATE TABLE replies (number INTEGER PRIMARY KEY, "
    + ", ".join(f"{name} {kind}" for name, kind in _COLUMNS.items())
    + ", indexed INTEGER NOT NULL DEFAULT 0)"
)
_UNINDEXED = "CREATE INDEX unindexed ON replies (number) WHERE indexed = 0"
_WORDS = (
    "CREATE VIRTUAL TABLE IF NOT EXISTS words USING fts5(prompt, text, content='replies', "
    "content_rowid='number', tokenize='unicode61 remove_diacritics 2', prefix='2 3')"
)
_INSERT = f"INSERT INTO replies ({', '.join(_COLUMNS)}) VALUES ({', '.join(f':{name}' for name in _COLUMNS)})"  # noqa: S608
_UPDATE = f"UPDATE replies SET {', '.join(f'{name} = :{name}' for name in _COLUMNS)} WHERE id = :id"  # noqa: S608
_INDEX = (
    "INSERT INTO words (rowid, prompt, text) SELECT number, prompt, text FROM replies WHERE {0}",
    "UPDATE replies SET indexed = 1 WHERE {0}",
)
_READ = ", ".join(["number", *_COLUMNS])


class Store:
    """The replies of one log. Its methods may be called from any thread, and files shared by processes.

    Parameters
    ----------
    path
        The file, which is created if there is none; None for a log in memory, which keeps the latest replies.

    Raises
    ------
    FileError
        If the file cannot be opened, or is not a log that this version reads.
    """

    def __init__(self, path: Path | None = None) -> None:
        self.path = path
        self._lock = threading.RLock()
        with self._guarded():
            self._open()

    def put(self, row: Row, *, ended: bool) -> None:
        """Insert a reply, or replace it by its id. The words of one that has ended are indexed."""
        with self._transaction():
            self._put(row, ended=ended)
            if self.path is None:
                self._forget_oldest()

    def adopt(self, other: Store) -> None:
        """Take over all replies of another store."""
        with self._transaction():
            for row in other.rows():
                self._put(row, ended=row["status"] != "unfinished")
        other.clear()

    def rows(self) -> list[Row]:
        """All rows, oldest first."""
        with self._guarded():
            found = self._db.execute(f"SELECT {', '.join(_COLUMNS)} FROM replies ORDER BY number")  # noqa: S608
            return [dict(zip(_COLUMNS, row, strict=True)) for row in found]

    def clear(self) -> None:
        """Remove all replies."""
        with self._transaction():
            self._forget("true")

    def rate(self, reply: str, score: int, note: str) -> None:
        """Set the rating of a reply."""
        with self._guarded():
            self._db.execute(
                "UPDATE replies SET rating = ?, note = ? WHERE id = ?", (score or None, note, reply)
            )

    def count(self, query: Query) -> int:
        """The number of replies that are looked for."""
        parts = query.sql(indexed=self._indexes)
        with self._guarded():
            found = self._db.execute(f"SELECT count(*) FROM replies {parts.conditions}", parts.values)  # noqa: S608
            return int(found.fetchone()[0])

    def select(self, query: Query, limit: int = -1) -> list[LogEntry]:
        """Replies in order of time, the latest ones if there are more than `limit`; best first for words."""
        parts = query.sql(indexed=self._indexes)
        order = parts.order if query.words.split() else f"{parts.order} DESC"
        statement = f"SELECT {_READ} FROM replies {parts.conditions} ORDER BY {order} LIMIT ?"  # noqa: S608
        with self._guarded():
            found = self._db.execute(statement, [*parts.values, *parts.order_values, limit]).fetchall()
        return list(map(_entry, found if query.words.split() else reversed(found)))

    def find(self, name: int | str) -> LogEntry | None:
        """The reply with a number or an id."""
        column = "number" if isinstance(name, int) else "id"
        with self._guarded():
            statement = f"SELECT {_READ} FROM replies WHERE {column} = ?"  # noqa: S608
            found = self._db.execute(statement, (name,)).fetchone()
        return _entry(found) if found else None

    def _put(self, row: Row, *, ended: bool) -> None:
        if self._db.execute(_UPDATE, row).rowcount == 0:
            self._db.execute(_INSERT, row)
        if ended and self._indexes:
            for statement in _INDEX:
                self._db.execute(statement.format("id = ? AND indexed = 0"), (row["id"],))

    def _forget_oldest(self) -> None:
        """Stay within the bounds of a log in memory."""
        count = self._db.execute("SELECT max(number) - min(number) + 1 FROM replies").fetchone()[0]
        pages = self._db.execute("PRAGMA page_count").fetchone()[0]
        free = self._db.execute("PRAGMA freelist_count").fetchone()[0]
        full = (pages - free) * self._page_size > _MOST_BYTES_IN_MEMORY
        if count > _MOST_IN_MEMORY or (full and count > 1):
            some = 1 + full * count // 10
            self._forget(f"number < (SELECT min(number) FROM replies) + {some}")  # noqa: S608

    def _forget(self, condition: str) -> None:
        if self._indexes:
            self._db.execute(
                "INSERT INTO words (words, rowid, prompt, text) "  # noqa: S608
                f"SELECT 'delete', number, prompt, text FROM replies WHERE indexed AND {condition}"
            )
        self._db.execute(f"DELETE FROM replies WHERE {condition}")  # noqa: S608

    def _open(self) -> None:
        self._db = open_database(self.path, busy_seconds=_BUSY_SECONDS, synchronous="NORMAL")
        self._close = finalize(self, self._db.close)
        with self._transaction():
            self._create_or_check()
            self._indexes = self._prepare_index()
        self._page_size = self._db.execute("PRAGMA page_size").fetchone()[0]

    def _create_or_check(self) -> None:
        """Create the tables in an empty file.

        Raises
        ------
        FileError
            If it is a file of something else, or of a newer nbstream.
        """
        if self._db.execute("SELECT count(*) FROM sqlite_master").fetchone()[0] == 0:
            for statement in (_TABLE, _UNINDEXED):
                self._db.execute(statement)
            self._db.execute(f"PRAGMA application_id = {_APPLICATION}")
            self._db.execute(f"PRAGMA user_version = {_VERSION}")
            return
        name = self.path.name if self.path else ""
        if self._db.execute("PRAGMA application_id").fetchone()[0] != _APPLICATION:
            raise FileError(f"{name!r} is a file of another program.", advice=_ANOTHER)
        version = self._db.execute("PRAGMA user_version").fetchone()[0]
        if version > _VERSION:
            raise FileError(
                f"The log {name!r} has format {version} of a newer nbstream; this one reads {_VERSION}.",
                advice=f"Update nbstream. {_ANOTHER}",
            )

    def _prepare_index(self) -> bool:
        """Index what was written without an index; False if this SQLite has no full-text search."""
        try:
            self._db.execute(_WORDS)
        except sqlite3.OperationalError as error:
            if "no such module" not in str(error):
                raise
            return False
        for statement in _INDEX:
            self._db.execute(statement.format("indexed = 0 AND status != 'unfinished'"))
        return True

    @contextmanager
    def _transaction(self) -> Iterator[None]:
        with self._guarded():
            self._db.execute("BEGIN IMMEDIATE")
            try:
                yield
            except BaseException:
                if self._db.in_transaction:
                    self._db.execute("ROLLBACK")
                raise
            self._db.execute("COMMIT")

    @contextmanager
    def _guarded(self) -> Iterator[None]:
        """One thread at a time, with errors of the database as errors of the file.

        Raises
        ------
        FileError
            If the file cannot be read or written.
        """
        name = self.path.name if self.path else ""
        with database_errors(f"The log {name!r}", another=_ANOTHER, repair=_REPAIR), self._lock:
            yield


def _entry(row: Sequence[Any]) -> LogEntry:
    found = dict(zip(["number", *_COLUMNS], row, strict=True))
    found["time"] = datetime.fromisoformat(found["time"]).astimezone(UTC)
    found["params"] = json.loads(found["params"])
    found["cost"] = None if found["cost"] is None else Decimal(found["cost"])
    return LogEntry(**found)
