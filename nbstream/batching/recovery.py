"""Reads what can be read of a damaged store."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

from nbstream.batching.stored_answer import COLUMNS, checksum
from nbstream.errors import FileError, StateError

__all__ = ["recovered_rows"]

_SELECT = f"SELECT {', '.join(COLUMNS)}, checksum FROM answers WHERE number BETWEEN ? AND ?"  # noqa: S608


def recovered_rows(
    path: str | os.PathLike[str], into: str | os.PathLike[str] | None
) -> tuple[list[list[Any]], Path]:
    """The rows that can be read of a damaged file, and where they are to be written.

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
    rows = _readable_rows(source)
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
    return rows, target


def _readable_rows(path: Path) -> list[list[Any]]:
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
            found = list(_rows(db, 1, _highest(db)))
    except sqlite3.DatabaseError as error:
        raise _lost(path, str(error)) from error
    if not found:
        raise _lost(path, "it contains no answers")
    return found


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
