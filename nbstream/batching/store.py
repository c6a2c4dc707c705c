"""`Store`: paid answers in an SQLite file, found again by the fingerprint of their request."""

from __future__ import annotations

import os
import sqlite3
import threading
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self
from weakref import finalize

from nbstream._util.database import database_errors, open_database
from nbstream.batching.recovery import recovered
from nbstream.batching.stored_answer import COLUMNS, StoredAnswer, checksum
from nbstream.errors import ArgumentError, FileError, StateError

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["Store"]

_APPLICATION = 0x6E6262
_VERSION = 1
_BUSY_SECONDS = 30.0
_AT_ONCE = 500
"""Keys in one statement: below SQLite's limit of variables in old versions."""

_TABLE = (
    "CREATE TABLE answers (number INTEGER PRIMARY KEY AUTOINCREMENT, "
    + ", ".join(f"{name} {kind}" for name, kind in COLUMNS.items())
    + ", checksum INTEGER NOT NULL)"
)
_INDEX = "CREATE UNIQUE INDEX answers_key ON answers (key)"
_NAMES = ", ".join(COLUMNS)
_READ = f"{_NAMES}, checksum"
_MARKS = ", ".join("?" * (len(COLUMNS) + 1))
_INSERT = f"INSERT OR REPLACE INTO answers ({_NAMES}, checksum) VALUES ({_MARKS})"  # noqa: S608


class Store:
    """Answers that were paid for, in an SQLite file. Several processes may use one file at a time.

    `nbstream.batch` looks up each request here before it is sent, and writes each answer here before the
    answer counts. An answer is found by its request: model, messages, parameters, schema, endpoint and number
    of the sample. The methods may be called from any thread.

    Parameters
    ----------
    path
        The file, which is created if there is none, readable only by its owner; None for a store in memory.

    Raises
    ------
    DamagedFileError
        When the file cannot be read. `Store.recover` saves its readable part.
    FileError
        When the file cannot be opened or is not a store.

    Examples
    --------
    >>> import asyncio, tempfile
    >>> from nbstream import Chat, Store
    >>> rows = [{"city": "Oslo"}, {"city": "Rome"}]
    >>> with tempfile.TemporaryDirectory() as folder, Store(f"{folder}/answers.sqlite") as store:
    ...     chat = Chat("demo:nbstream-demo-fast")
    ...     for _ in range(2):
    ...         table = asyncio.run(chat.batch("echo: {{ city }}", rows, store=store, progress=False))
    ...     len(store), [row["cached"] for row in table]
    (2, [True, True])
    """

    def __init__(self, path: str | os.PathLike[str] | None = None) -> None:
        self.path = None if path is None else Path(path).expanduser().absolute()
        self._lock = threading.RLock()
        self._closed = False
        with self._guarded():
            self._open()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def __len__(self) -> int:
        with self._guarded():
            return int(self._db.execute("SELECT count(*) FROM answers").fetchone()[0])

    def __iter__(self) -> Iterator[StoredAnswer]:
        """All answers, oldest first."""
        last = 0
        while rows := self._page(last):
            yield from (answer for _, answer in rows)
            last = rows[-1][0]

    def __repr__(self) -> str:
        where = "in memory" if self.path is None else repr(self.path.name)
        return f"<Store {where}: {'closed' if self._closed else f'{len(self):,} answers'}>"

    def close(self) -> None:
        """Close the file. A second call does nothing.

        Examples
        --------
        >>> store = Store()
        >>> store.close()
        >>> store
        <Store in memory: closed>
        """
        with self._lock:
            self._closed = True
            self._close()

    def get(self, key: bytes) -> StoredAnswer | None:
        """The answer to a request, by its fingerprint; None if there is none.

        Examples
        --------
        >>> Store().get(bytes(32)) is None
        True
        """
        return self.find([key]).get(key)

    def find(self, keys: Iterable[bytes]) -> dict[bytes, StoredAnswer]:
        """The answers to requests, as far as there are any, by their fingerprints.

        Examples
        --------
        >>> Store().find([bytes(32)])
        {}
        """
        wanted = list(dict.fromkeys(keys))
        found: dict[bytes, StoredAnswer] = {}
        with self._guarded():
            for start in range(0, len(wanted), _AT_ONCE):
                part = wanted[start : start + _AT_ONCE]
                marks = ", ".join("?" * len(part))
                rows = self._db.execute(f"SELECT {_READ} FROM answers WHERE key IN ({marks})", part)  # noqa: S608
                found |= {row[0]: _answer(row) for row in rows}
        return found

    def put(self, answers: Sequence[StoredAnswer]) -> None:
        """Write answers in one transaction. They are on the disk when this returns.

        Examples
        --------
        >>> old, new = Store(), Store()
        >>> new.put(list(old))
        """
        with self._guarded():
            self._db.execute("BEGIN IMMEDIATE")
            try:
                self._db.executemany(_INSERT, ((*answer, checksum(answer)) for answer in answers))
            except BaseException:
                self._db.execute("ROLLBACK")
                raise
            self._db.execute("COMMIT")

    def prune(
        self,
        *,
        older_than: timedelta | None = None,
        model: str | None = None,
        keep: int | None = None,
    ) -> int:
        """Remove answers, and return how many. All given conditions must hold.

        Parameters
        ----------
        older_than
            Remove answers that are older.
        model
            Remove answers of this model.
        keep
            Leave the latest ones of those, as many as this.

        Raises
        ------
        ArgumentError
            Without any condition: that would remove everything.

        Examples
        --------
        >>> Store().prune(older_than=timedelta(days=30))
        0
        """
        if older_than is None and model is None and keep is None:
            raise ArgumentError(
                "prune() needs to know what to remove.",
                advice="Pass older_than=…, model=… or keep=…; keep=0 removes all.",
            )
        before = None if older_than is None else (datetime.now(UTC) - older_than).isoformat()
        conditions = [("time < ?", before), ("model = ?", model)]
        used = [(text, value) for text, value in conditions if value is not None]
        where = " AND ".join(text for text, _ in used) or "true"
        chosen = f"SELECT number FROM answers WHERE {where} ORDER BY number DESC LIMIT -1 OFFSET ?"  # noqa: S608
        with self._guarded():
            done = self._db.execute(
                f"DELETE FROM answers WHERE number IN ({chosen})",  # noqa: S608
                [*(value for _, value in used), keep or 0],
            )
            return done.rowcount

    def check(self) -> list[str]:
        """What SQLite's integrity check finds wrong with the file; empty if it is sound.

        Examples
        --------
        >>> Store().check()
        []
        """
        with self._guarded():
            found = [str(row[0]) for row in self._db.execute("PRAGMA integrity_check")]
        return [] if found == ["ok"] else found

    def to_frame(self) -> pd.DataFrame:
        """All answers as a pandas DataFrame, oldest first; `StoredAnswer` describes the columns.

        Raises
        ------
        MissingPackageError
            When pandas is not installed.

        Examples
        --------
        >>> list(Store().to_frame())[:5]
        ['key', 'time', 'endpoint', 'model', 'sample']
        """
        from nbstream.batching.store_frame import frame

        return frame(self)

    def to_parquet(self, path: str | os.PathLike[str]) -> None:
        """Write all answers to a Parquet file, with pyarrow or polars.

        Raises
        ------
        MissingPackageError
            When neither is installed.

        Examples
        --------
        >>> import tempfile
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     Store().to_parquet(f"{folder}/answers.parquet")
        """
        from nbstream.batching.store_frame import write_parquet

        write_parquet(self, Path(path))

    @classmethod
    def recover(cls, path: str | os.PathLike[str], *, into: str | os.PathLike[str] | None = None) -> Store:
        """Save the readable answers of a damaged file, and what a Batch API still has to deliver.

        Parameters
        ----------
        path
            The damaged file.
        into
            The new file. By default it takes the place of the damaged one, which is kept beside it with
            ``.damaged`` after its name.

        Returns
        -------
        Store
            The new store.

        Raises
        ------
        FileError
            When the file does not exist, or nothing of it can be read.
        StateError
            When the file to write exists.

        Examples
        --------
        >>> import tempfile
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     Store(f"{folder}/answers.sqlite").close()
        ...     try:
        ...         Store.recover(f"{folder}/answers.sqlite")
        ...     except FileError as error:
        ...         print(error.message)
        Nothing of 'answers.sqlite' can be read: it contains no answers.
        """
        found, target = recovered(path, into)
        store = cls(target)
        store.put([StoredAnswer(*row) for row in found.answers])
        with store.database() as db:
            found.write_jobs(db)
        return store

    @contextmanager
    def database(self) -> Iterator[sqlite3.Connection]:
        """The database, for other tables in the same file; its errors are raised as those of the file.

        Examples
        --------
        >>> with Store().database() as db:
        ...     db.execute("SELECT 1").fetchone()
        (1,)
        """
        with self._guarded():
            yield self._db

    def _page(self, last: int) -> list[tuple[int, StoredAnswer]]:
        with self._guarded():
            found = self._db.execute(
                f"SELECT number, {_READ} FROM answers WHERE number > ? ORDER BY number LIMIT {_AT_ONCE}",  # noqa: S608
                (last,),
            )
            return [(number, _answer(row)) for number, *row in found]

    def _open(self) -> None:
        # Commits wait for the disk: an answer that is counted survives a power cut as well.
        self._db = open_database(self.path, busy_seconds=_BUSY_SECONDS, synchronous="FULL")
        self._close = finalize(self, self._db.close)
        self._db.text_factory = lambda data: data.decode("utf-8", "replace")  # the checksum notices damage
        self._db.execute("BEGIN IMMEDIATE")
        try:
            self._create_or_check()
        finally:
            self._db.execute("COMMIT")

    def _create_or_check(self) -> None:
        """Create the table in an empty file.

        Raises
        ------
        FileError
            If it is a file of something else, or of a newer nbstream.
        """
        if self._db.execute("SELECT count(*) FROM sqlite_master").fetchone()[0] == 0:
            self._db.execute(_TABLE)
            self._db.execute(_INDEX)
            self._db.execute(f"PRAGMA application_id = {_APPLICATION}")
            self._db.execute(f"PRAGMA user_version = {_VERSION}")
            return
        if self._db.execute("PRAGMA application_id").fetchone()[0] != _APPLICATION:
            raise FileError(f"{self._name} is a file of another program.", advice=_ANOTHER)
        version = self._db.execute("PRAGMA user_version").fetchone()[0]
        if version > _VERSION:
            raise FileError(
                f"The store {self._name} has format {version} of a newer nbstream, which cannot be read.",
                advice=f"Update nbstream. {_ANOTHER}",
            )

    @property
    def _name(self) -> str:
        return repr(self.path.name) if self.path else "in memory"

    @contextmanager
    def _guarded(self) -> Iterator[None]:
        """One thread at a time, with errors of the database as errors of the file.

        Raises
        ------
        FileError
            If the file cannot be read or written.
        """
        with database_errors(f"The store {self._name}", another=_ANOTHER, repair=_REPAIR), self._lock:
            if self._closed:
                raise StateError("The store is closed.", advice="Open it again with Store(path).")
            yield


def _answer(row: Sequence[Any]) -> StoredAnswer:
    """An answer that was read.

    Raises
    ------
    sqlite3.DatabaseError
        When it is not what was written.
    """
    *values, stored = row
    if checksum(values) != stored:
        raise sqlite3.DatabaseError("an answer is not what was written")
    return StoredAnswer(*values)


_ANOTHER = "Use another file: store=PATH."
_REPAIR = "Store.recover(path) saves the answers that can be read."
