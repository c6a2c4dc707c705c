"""`Claims`: which requests a run sends itself, so that others with the same store wait for its answers."""

from __future__ import annotations

import secrets
import sqlite3
import threading
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass

from nbstream._util.processes import has_ended, this_process
from nbstream.batching.store import Store
from nbstream.batching.stored_answer import StoredAnswer
from nbstream.errors import NbstreamError

__all__ = ["LEASE_SECONDS", "Claims", "LookedUp"]

LEASE_SECONDS = 30.0
"""How long claims outlive the last sign of life of a run. One of this machine loses them when it ends."""
_RENEWALS = 3
_AT_ONCE = 500
_TABLES = (
    "CREATE TABLE IF NOT EXISTS claimants (owner TEXT PRIMARY KEY, expires REAL NOT NULL)",
    "CREATE TABLE IF NOT EXISTS claims (key BLOB PRIMARY KEY, owner TEXT NOT NULL) WITHOUT ROWID",
)


@dataclass(frozen=True, slots=True)
class LookedUp:
    """What the store knows of some requests.

    Parameters
    ----------
    answers
        Stored answers.
    elsewhere
        Requests without an answer that another run sends.
    """

    answers: dict[bytes, StoredAnswer]
    elsewhere: frozenset[bytes]


class Claims:
    """The requests that one run has taken on. The methods may be called from any thread.

    Parameters
    ----------
    store
        The store.
    now
        Returns the time that leases are measured by.

    Examples
    --------
    >>> store = Store()
    >>> first, second = Claims(store), Claims(store)
    >>> first.look_up([b"a"]).elsewhere, second.look_up([b"a", b"b"]).elsewhere
    (frozenset(), frozenset({b'a'}))
    >>> first.close()
    >>> second.look_up([b"a"]).elsewhere
    frozenset()
    >>> second.close()
    """

    def __init__(self, store: Store, now: Callable[[], float] = time.time) -> None:
        self._store = store
        self._now = now
        self._owner = f"{this_process()} {secrets.token_hex(8)}"
        self._ended = threading.Event()
        with store.database() as db:
            for statement in _TABLES:
                db.execute(statement)
        threading.Thread(target=self._keep_renewing, name="nbstream-claims", daemon=True).start()

    def look_up(self, keys: Sequence[bytes]) -> LookedUp:
        """The stored answers to requests; the others are claimed, unless another run has claimed them.

        Raises
        ------
        FileError
            When the store cannot be used.
        """
        with self._store.database() as db:
            db.execute("BEGIN IMMEDIATE")
            try:
                answers = self._store.find(keys)
                missing = [key for key in keys if key not in answers or not answers[key].outcome.answered]
                return LookedUp(answers, self._claimed(db, missing) if missing else frozenset())
            finally:
                db.execute("COMMIT")

    def release(self, key: bytes) -> None:
        """Let others send a request that has failed."""
        with self._store.database() as db:
            db.execute("DELETE FROM claims WHERE key = ? AND owner = ?", (key, self._owner))

    def close(self) -> None:
        """Release all claims."""
        self._ended.set()
        with self._store.database() as db:
            db.execute("BEGIN IMMEDIATE")
            _remove(db, self._owner)
            db.execute("COMMIT")

    def renew(self) -> None:
        """Keep the claims for another while."""
        with self._store.database() as db:
            if not self._ended.is_set():
                self._sign(db)

    def _claimed(self, db: sqlite3.Connection, keys: Sequence[bytes]) -> frozenset[bytes]:
        """Claim what is free; returns what is not."""
        self._sign(db)
        db.executemany("INSERT OR IGNORE INTO claims VALUES (?, ?)", ((key, self._owner) for key in keys))
        others = self._others(db, keys)
        for owner in set(others.values()):
            if self._is_over(db, owner):
                taken = [key for key, known in others.items() if known == owner]
                db.executemany(
                    "UPDATE claims SET owner = ? WHERE key = ?", ((self._owner, key) for key in taken)
                )
                _remove(db, owner)
                others = {key: known for key, known in others.items() if known != owner}
        return frozenset(others)

    def _others(self, db: sqlite3.Connection, keys: Sequence[bytes]) -> dict[bytes, str]:
        """The owners of requests that are claimed by others."""
        found: dict[bytes, str] = {}
        for start in range(0, len(keys), _AT_ONCE):
            part = keys[start : start + _AT_ONCE]
            marks = ", ".join("?" * len(part))
            rows = db.execute(
                f"SELECT key, owner FROM claims WHERE owner != ? AND key IN ({marks})",  # noqa: S608
                [self._owner, *part],
            )
            found |= dict(rows.fetchall())
        return found

    def _is_over(self, db: sqlite3.Connection, owner: str) -> bool:
        row = db.execute("SELECT expires FROM claimants WHERE owner = ?", (owner,)).fetchone()
        return row is None or row[0] < self._now() or has_ended(owner.rpartition(" ")[0]) is True

    def _sign(self, db: sqlite3.Connection) -> None:
        db.execute(
            "INSERT OR REPLACE INTO claimants VALUES (?, ?)", (self._owner, self._now() + LEASE_SECONDS)
        )

    def _keep_renewing(self) -> None:
        """A thread does this: an event loop may be busy for longer than a lease."""
        while not self._ended.wait(LEASE_SECONDS / _RENEWALS):
            with suppress(NbstreamError):  # whoever writes answers reports that the store cannot be used
                self.renew()


def _remove(db: sqlite3.Connection, owner: str) -> None:
    db.execute("DELETE FROM claims WHERE owner = ?", (owner,))
    db.execute("DELETE FROM claimants WHERE owner = ?", (owner,))
