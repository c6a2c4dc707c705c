"""`Jobs`: what was handed to a provider and is not collected yet, in the file of the store."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from nbstream.batching.store import Store

__all__ = ["Job", "Jobs"]

_AT_ONCE = 500
_TABLES = (
    """CREATE TABLE IF NOT EXISTS jobs (
        tag TEXT PRIMARY KEY, time TEXT NOT NULL, endpoint TEXT NOT NULL, file_id TEXT, job_id TEXT
    )""",
    "CREATE TABLE IF NOT EXISTS job_requests (key BLOB PRIMARY KEY, tag TEXT NOT NULL) WITHOUT ROWID",
    "CREATE INDEX IF NOT EXISTS job_requests_tag ON job_requests (tag)",
)


@dataclass(slots=True)
class Job:
    """A job, from before its file is uploaded until its results are in the store.

    Parameters
    ----------
    tag
        Our name of it, which the provider keeps with the job.
    endpoint
        Its address, without a user and a password.
    file_id, job_id
        The provider's names of the uploaded file and of the job; None before there are any.
    """

    tag: str
    endpoint: str
    file_id: str | None = None
    job_id: str | None = None


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
    >>> jobs.add(Job("a", "https://api.example.com/v1"), [b"1", b"2"])
    >>> [(job.tag, keys) for job, keys in jobs.open([b"2", b"3"])]
    [('a', [b'2'])]
    """

    def __init__(self, store: Store) -> None:
        self._store = store
        with store.database() as db:
            for statement in _TABLES:
                db.execute(statement)

    def add(self, job: Job, keys: Sequence[bytes]) -> None:
        """Note a job before anything of it is sent."""
        with self._store.database() as db:
            db.execute("BEGIN IMMEDIATE")
            time = datetime.now(UTC).isoformat()
            db.execute("INSERT INTO jobs VALUES (?, ?, ?, NULL, NULL)", (job.tag, time, job.endpoint))
            db.executemany(
                "INSERT OR REPLACE INTO job_requests VALUES (?, ?)", ((key, job.tag) for key in keys)
            )
            db.execute("COMMIT")

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
            jobs = db.execute("SELECT tag, endpoint, file_id, job_id FROM jobs ORDER BY time").fetchall()
        return [(Job(*row), found[row[0]]) for row in jobs if row[0] in found]

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
