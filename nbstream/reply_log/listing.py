"""The log as a table."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, TypedDict

from nbstream._util.files import write_atomically
from nbstream._util.keywords import accepts
from nbstream.config import NBStream
from nbstream.errors import ArgumentError, FileError
from nbstream.reply_log.entry import LogEntry
from nbstream.reply_log.journal import journal
from nbstream.reply_log.query import Query, parse_since
from nbstream.reply_log.store import Store
from nbstream.reply_log.table import markdown_table, plain_table

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["Log", "log"]

_SHOWN = 20


class _NoOthers(TypedDict):
    """No keyword but those that the signature names."""


@accepts(_NoOthers, [])
def log(
    words: str = "",
    *,
    model: str | None = None,
    chat: str | None = None,
    since: str | datetime | timedelta | None = None,
    rating: int | None = None,
    status: str | None = None,
) -> Log:
    """The replies of this session, and of earlier ones where `NBStream.log` names a file.

    Parameters
    ----------
    words
        Words that all occur in the prompt or the answer, where each may be the beginning of one. The best
        matches come first; words in the prompt count more.
    model
        Part of the model's name.
    chat
        Name of the chat.
    since
        An age such as ``"2d"`` (``s``, ``min``, ``h``, ``d``, ``w``), or a date.
    rating
        1, -1, or 0 for replies without a rating.
    status
        ``"finished"``, ``"stopped"``, ``"failed"`` or ``"unfinished"``.

    Returns
    -------
    Log
        Displays as a table; oldest first without `words`.

    Raises
    ------
    ArgumentError
        When a value is not valid.

    Examples
    --------
    >>> import nbstream
    >>> _ = nbstream.Chat("demo:nbstream-demo-fast").send("echo: Oslo in winter").result()
    >>> [entry.prompt for entry in nbstream.log("winter Osl")]
    ['echo: Oslo in winter']
    """
    if not isinstance(words, str):
        raise ArgumentError(f"{words!r} is not a text.", advice='For example: nbstream.log("winter")')
    if rating not in {None, 1, 0, -1}:
        raise ArgumentError(f"rating={rating!r} is not 1, -1 or 0.", advice="0 finds replies without one.")
    query = Query(
        words=words.replace("\0", " "),
        model=model,
        chat=chat,
        since=parse_since(since),
        rating=rating,
        status=status,
    )
    return Log(query, NBStream.instance().log)


class Log:
    """Replies of the log. As a cell's value, the latest 20 are shown as a table.

    It is a sequence of `LogEntry`, read again each time.

    Parameters
    ----------
    query
        What is looked for.
    path
        The file; empty for the log of the session.

    Examples
    --------
    >>> import nbstream
    >>> _ = nbstream.Chat("demo:nbstream-demo-fast").send("echo: Hello").result()
    >>> nbstream.log()[-1].prompt
    'echo: Hello'
    """

    def __init__(self, query: Query, path: str = "") -> None:
        self._query = query
        self._path = path

    def __len__(self) -> int:
        return self._store.count(self._query)

    def __iter__(self) -> Iterator[LogEntry]:
        return iter(self._store.select(self._query))

    def __getitem__(self, place: int) -> LogEntry:
        return self._store.select(self._query)[place]

    def find(self, name: int | str) -> LogEntry:
        """The entry with a number, or with the id of a reply, whatever is looked for.

        Raises
        ------
        ArgumentError
            When there is none.

        Examples
        --------
        >>> import nbstream
        >>> reply = nbstream.Chat("demo:nbstream-demo-fast").send("echo: Hello").result()
        >>> entry = nbstream.log()[-1]
        >>> nbstream.log().find(entry.number) == nbstream.log().find(entry.id)
        True
        """
        entry = self._store.find(name)
        if entry is None:
            raise ArgumentError(f"The log has no reply {name}.", advice="%chat log lists them.")
        return entry

    def to_frame(self) -> pd.DataFrame:
        """The replies as a pandas DataFrame, indexed by their numbers, with the fields of `LogEntry`.

        Raises
        ------
        MissingPackageError
            When pandas is not installed.

        Examples
        --------
        >>> import nbstream
        >>> _ = nbstream.Chat("demo:nbstream-demo-fast").send("echo: Hello").result()
        >>> nbstream.log().to_frame()["prompt"].iloc[-1]
        'echo: Hello'
        """
        from nbstream.reply_log.frame import frame

        return frame(list(self))

    def to_jsonl(self, path: str | Path, *, overwrite: bool = False) -> int:
        """Write the replies to a file as JSON lines, and return their number.

        Parameters
        ----------
        path
            The file.
        overwrite
            Whether to replace a file that exists.

        Raises
        ------
        FileError
            When the file exists, or cannot be written.

        Examples
        --------
        >>> import nbstream, tempfile
        >>> _ = nbstream.Chat("demo:nbstream-demo-fast").send("echo: Hello").result()
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     count = nbstream.log().to_jsonl(f"{folder}/log.jsonl")
        >>> count == len(nbstream.log())
        True
        """
        path, entries = Path(path), list(self)
        if path.exists() and not overwrite:
            raise FileError(f"There is a file {path.name!r} already.", advice="Add overwrite=True.")
        try:
            write_atomically(path, "".join(_line(entry) + "\n" for entry in entries))
        except OSError as error:
            advice = "Check that the folder exists and is writable."
            raise FileError(f"{path.name!r} cannot be written: {error.strerror}.", advice=advice) from error
        return len(entries)

    def __repr__(self) -> str:
        return plain_table(self.latest(), self._notes())

    def _repr_markdown_(self) -> str:
        return markdown_table(self.latest(), self._notes())

    def latest(self) -> list[LogEntry]:
        """The entries that the table shows.

        Examples
        --------
        >>> import nbstream
        >>> _ = nbstream.Chat("demo:nbstream-demo-fast").send("echo: Hello").result()
        >>> nbstream.log().latest()[-1].prompt
        'echo: Hello'
        """
        return self._store.select(self._query, _SHOWN)

    def _notes(self) -> list[str]:
        """What the table does not show."""
        count = len(self)
        notes = [f"No reply{' matches' if self._query != Query() else ' so far'}."] if not count else []
        if count > _SHOWN:
            which = "best" if self._query.words else "latest"
            notes.append(f"The {which} {_SHOWN} of {count:,} replies.")
        problem = journal.problem(self._path)
        return [*notes, *([f"{problem} Replies of this session only."] if problem else [])]

    @property
    def _store(self) -> Store:
        return journal.store(self._path)


def _line(entry: LogEntry) -> str:
    return json.dumps(entry.as_dict(), ensure_ascii=False)
