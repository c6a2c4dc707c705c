"""Reads what can be read of a damaged store."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Iterator
from contextlib import closing, suppress
from pathlib import Path
from typing import Any, NamedTuple

from nbstream.batching.job_tables import JOB_COLUMNS, JOB_TABLES
from nbstream.batching.stored_answer import COLUMNS, checksum
from nbstream.errors import FileError, StateError

__all__ = ["Recovered", "recovered"]

_SELECT = f"SELECT {', '.join(COLUMNS)}, checksum FROM answers WHERE number BETWEEN ? AND ?"  # noqa: S608


class Recovered(NamedTuple):
    """What can be read of a damaged file.

    Parameters
    ----------
    answers
        Rows of the table of answers, without their checksums.
    jobs
        Rows of each table in `JOB_TABLES`; empty for a store that never had a job.
    """

    answers: list[list[Any]]
    jobs: dict[str, list[tuple[Any, ...]]]

    def write_jobs(self, db: sqlite3.Connection) -> None:
        """Write the jobs, so that a later batch collects their results and does not pay again."""
        if not any(self.jobs.values()):
            return
        for statement in JOB_TABLES:
            db.execute(statement)
        for table, rows in self.jobs.items():
            marks = ", ".join("?" * len(JOB_COLUMNS[table]))
            db.executemany(f"INSERT OR IGNORE INTO {table} VALUES ({marks})", rows)  # noqa: S608


def recovered(path: str | os.PathLike[str], into: str | os.PathLike[str] | None) -> tuple[Recovered, Path]:
    """What can be read of a damaged file, and where it is to be written.

    Parameters
    ----------
    path
        The damaged file.
    into
        The new file; None moves the damaged one aside and takes its place.

    Raises
    ------
    FileError
        When the file does not exist, or nothing of it can be read.
    StateError
        When the file to write exists.
    """
    source = Path(path).expanduser().absolute()
    if not source.is_file():
        raise FileError(f"{source.name!r} does not exist.")
    found = _readable(source)
    target = source if into is None else Path(into).expanduser().absolute()
    kept = source.with_name(source.name + ".damaged")
    taken = kept if into is None else target
    if taken.exists():
        raise StateError(f"{taken.name!r} exists.", advice="Move it away first.")
    if into is None:
        for end in ("", "-wal", "-shm"):
            part = source.with_name(source.name + end)
            if part.exists():
                part.rename(kept.with_name(kept.name + end))
    return found, target


def _readable(path: Path) -> Recovered:
    """The rows that can be read, in their order.

    Raises
    ------
    FileError
        When there are none.
    """
    try:
        with closing(sqlite3.connect(path, isolation_level=None)) as db:
            db.execute("PRAGMA writable_schema = ON")  # reads a file that lost its end as far as it goes
            db.text_factory = lambda data: data.decode("utf-8", "replace")
            found = Recovered(list(_rows(db, 1, _highest(db))), dict(_jobs(db)))
    except sqlite3.DatabaseError as error:
        raise _lost(path, str(error)) from error
    if not found.answers and not any(found.jobs.values()):
        raise _lost(path, "it contains no answers")
    return found


def _jobs(db: sqlite3.Connection) -> Iterator[tuple[str, list[tuple[Any, ...]]]]:
    """The rows of the tables of jobs, up to the first that cannot be read."""
    for table, columns in JOB_COLUMNS.items():
        rows: list[tuple[Any, ...]] = []
        with suppress(sqlite3.DatabaseError):
            for row in db.execute(f"SELECT {', '.join(columns)} FROM {table}"):  # noqa: S608
                rows.append(row)  # noqa: PERF402  those before the damage are kept
        yield table, rows


def _highest(db: sqlite3.Connection) -> int:
    """The highest number that a row ever had: the damage may be where the last row is."""
    found = db.execute("SELECT seq FROM sqlite_sequence WHERE name = 'answers'").fetchone()
    return int(found[0]) if found else 0


def _rows(db: sqlite3.Connection, first: int, last: int) -> Iterator[list[Any]]:
    """The rows of a range; one that cannot be read is halved until the damaged rows are alone."""
    ranges = [(first, last)]
    while ranges:
        first, last = ranges.pop()
        if last < first:
            continue
        try:
            rows = db.execute(_SELECT, (first, last)).fetchall()
        except sqlite3.DatabaseError:
            if first < last:
                middle = (first + last) // 2
                ranges += [(middle + 1, last), (first, middle)]  # the last one is taken first
            continue
        yield from (row for *row, stored in rows if checksum(row) == stored)


def _lost(path: Path, why: str) -> FileError:
    return FileError(
        f"Nothing of {path.name!r} can be read: {why}.", advice="Restore it from a copy, or use another file."
    )
