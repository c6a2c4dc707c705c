"""SQLite files that only their owner can read, and errors of SQLite as errors of the file."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from nbstream.errors import DamagedFileError, FileError

__all__ = ["database_errors", "open_database"]


def open_database(path: Path | None, *, busy_seconds: float, synchronous: str) -> sqlite3.Connection:
    """Open a file in WAL mode, or a database in memory. Any thread may use it.

    Parameters
    ----------
    path
        The file, which is created if there is none; None for memory.
    busy_seconds
        How long to wait for another process that writes.
    synchronous
        What a commit waits for: a value of the pragma.
    """
    if path is not None and not path.exists():
        os.close(os.open(path, os.O_CREAT | os.O_RDWR, 0o600))  # SQLite would let others read it
    db = sqlite3.connect(
        path or ":memory:", timeout=busy_seconds, isolation_level=None, check_same_thread=False
    )
    if path is not None:
        try:
            db.execute("PRAGMA journal_mode = WAL")
            db.execute(f"PRAGMA synchronous = {synchronous}")
        except BaseException:
            db.close()
            raise
    return db


@contextmanager
def database_errors(name: str, *, another: str, repair: str) -> Iterator[None]:
    """Raise errors of a database as errors of its file.

    Parameters
    ----------
    name
        What it is called in messages, such as ``The log 'a.sqlite'``.
    another
        Advice: how another file is used.
    repair
        Advice for a damaged file.

    Raises
    ------
    DamagedFileError
        If its content is not what it should be.
    FileError
        If it cannot be read or written for another reason.

    Examples
    --------
    >>> try:
    ...     with database_errors("The log 'a'", another="Use another.", repair="Move it away."):
    ...         raise sqlite3.DatabaseError("file is not a database")
    ... except DamagedFileError as error:
    ...     print(error)
    The log 'a' is damaged: file is not a database. Move it away.
    """
    try:
        yield
    except OSError as error:
        raise FileError(
            f"{name} cannot be opened: {error.strerror}.", advice=f"Check its folder. {another}"
        ) from error
    except sqlite3.OperationalError as error:
        raise FileError(
            f"{name} cannot be used: {error}.",
            advice=f"Check the file, its folder and the free space. {another}",
        ) from error
    except sqlite3.DatabaseError as error:
        raise DamagedFileError(f"{name} is damaged: {error}.", advice=repair) from error
