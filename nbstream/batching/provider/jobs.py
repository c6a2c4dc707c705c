"""`Jobs`: what was handed to a provider and is not collected yet, in the file of the store."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime

from nbstream._util.processes import has_ended, this_process
from nbstream.batching.job_tables import JOB_TABLES
from nbstream.batching.store import Store

__all__ = ["Job", "Jobs"]

_AT_ONCE = 500


_submitting: set[str] = set()
"""Jobs that this process submits."""


@dataclass(slots=True)
class Job:
    """A job, from before its file is uploaded until its results are in the store.

    Parameters
    ----------
    tag
        Our name of it, which the provider keeps with the job.
    endpoint
        Its address, without a user and a password.
    owner
        The process that submits it; see `this_process`.
    file_id, job_id
        The provider's names of the uploaded file and of the job; None before there are any.
    """

    tag: str
    endpoint: str
    owner: str
    file_id: str | None = None
    job_id: str | None = None

    @property
    def is_being_submitted(self) -> bool:
        """Whether its file is uploaded at the moment, by this process or another."""
        if self.job_id is not None:
            return False
        return self.tag in _submitting if self.owner == this_process() else has_ended(self.owner) is False


class Jobs:
    """The jobs of a store.

    Parameters
    ----------
    store
        The store.

    Examples
    --------
    >>> from nbstream import Store
    >>> jobs = Jobs(Store())
    >>> jobs.add(Job("a", "https://api.example.com/v1", this_process()), [b"1", b"2"])
    True
    >>> [(job.tag, keys) for job, keys in jobs.open([b"2", b"3"])]
    [('a', [b'2'])]
    """

    def __init__(self, store: Store) -> None:
        self._store = store
        with store.database() as db:
            for statement in JOB_TABLES:
                db.execute(statement)

    def add(self, job: Job, keys: Sequence[bytes]) -> bool:
        """Note a job before anything of it is sent; False if another job has one of its requests by now."""
        with self._store.database() as db:
            db.execute("BEGIN IMMEDIATE")
            try:
                return self._add(db, job, keys)
            finally:
                db.execute("COMMIT")

    @contextmanager
    def submitting(self, job: Job) -> Iterator[None]:
        """Others leave the job alone as long as the context lasts."""
        _submitting.add(job.tag)
        try:
            yield
        finally:
            _submitting.discard(job.tag)

    def update(self, job: Job) -> None:
        """Note the provider's names."""
        with self._store.database() as db:
            db.execute(
                "UPDATE jobs SET file_id = ?, job_id = ? WHERE tag = ?", (job.file_id, job.job_id, job.tag)
            )

    def open(self, keys: Iterable[bytes]) -> list[tuple[Job, list[bytes]]]:
        """The jobs that have some of these keys, oldest first, each with its keys among them."""
        wanted, found = list(keys), dict[str, list[bytes]]()
        with self._store.database() as db:
            for start in range(0, len(wanted), _AT_ONCE):
                part = wanted[start : start + _AT_ONCE]
                marks = ", ".join("?" * len(part))
                rows = db.execute(f"SELECT tag, key FROM job_requests WHERE key IN ({marks})", part)  # noqa: S608
                for tag, key in rows:
                    found.setdefault(tag, []).append(key)
            jobs = db.execute(
                "SELECT tag, endpoint, owner, file_id, job_id FROM jobs ORDER BY time"
            ).fetchall()
        return [(Job(*row), found[row[0]]) for row in jobs if row[0] in found]

    def _add(self, db: sqlite3.Connection, job: Job, keys: Sequence[bytes]) -> bool:
        for start in range(0, len(keys), _AT_ONCE):
            part = keys[start : start + _AT_ONCE]
            marks = ", ".join("?" * len(part))
            if db.execute(f"SELECT 1 FROM job_requests WHERE key IN ({marks})", part).fetchone():  # noqa: S608
                return False
        time = datetime.now(UTC).isoformat()
        db.execute(
            "INSERT INTO jobs VALUES (?, ?, ?, ?, NULL, NULL)", (job.tag, time, job.endpoint, job.owner)
        )
        db.executemany("INSERT INTO job_requests VALUES (?, ?)", ((key, job.tag) for key in keys))
        return True

    def collected(self, job: Job, keys: Sequence[bytes]) -> None:
        """Forget requests whose result is known, and the job with the last of them."""
        with self._store.database() as db:
            db.execute("BEGIN IMMEDIATE")
            db.executemany(
                "DELETE FROM job_requests WHERE key = ? AND tag = ?", ((key, job.tag) for key in keys)
            )
            db.execute(
                "DELETE FROM jobs WHERE tag = ? AND NOT EXISTS "
                "(SELECT 1 FROM job_requests WHERE job_requests.tag = jobs.tag)",
                (job.tag,),
            )
            db.execute("COMMIT")
