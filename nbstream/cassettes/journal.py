"""The file of a cassette while it is written: each line reaches the operating system at once.

What was received is kept if the process is killed. When the cassette is closed, the file is arranged:
exchanges in the order of their requests, and an answer that only differs in its times keeps those that it
had.
"""

from __future__ import annotations

import os
from collections import defaultdict
from collections.abc import Iterable
from pathlib import Path

from nbstream._util.files import write_atomically
from nbstream.cassettes.exchange import Exchange
from nbstream.cassettes.lines import Recorded, Writer, as_text, read
from nbstream.cassettes.scrubbing import Scrubber
from nbstream.errors import FileError

__all__ = ["Journal", "read_file"]


class Journal:
    """Appends lines to a file.

    Parameters
    ----------
    path
        The file; its folder is made.
    fresh
        Whether to replace the file, or to append.
    """

    def __init__(self, path: Path, *, fresh: bool) -> None:
        self._path = path
        self._fresh = fresh
        self._handle: int | None = None
        self.before = read_file(path) if path.exists() else Recorded()
        self.writer = Writer()
        if not fresh:
            for exchange in self.before.exchanges:  # parts that are known already
                list(self.writer.request(exchange))

    def write(self, lines: Iterable[str]) -> None:
        """Append lines.

        Raises
        ------
        FileError
            If the file cannot be written.
        """
        data = "".join(lines).encode()
        try:
            if self._handle is None:
                self._handle = self._opened()
            while data:
                data = data[os.write(self._handle, data) :]
        except OSError as error:
            raise _unwritable(self._path, error) from error

    def close(self, scrub: Scrubber) -> None:
        """Close and arrange the file."""
        if self._handle is None:
            return
        os.close(self._handle)
        self._handle = None
        recorded = read_file(self._path)
        for exchange in recorded.exchanges:
            exchange.pieces = scrub.across(exchange.pieces)
        if self._fresh:
            _keep_times(recorded, self.before)
        try:
            write_atomically(self._path, as_text(recorded))
            self._path.chmod(0o644)
        except OSError as error:
            raise _unwritable(self._path, error) from error
        self._fresh, self.before, self.writer = False, recorded, Writer()
        for exchange in recorded.exchanges:
            list(self.writer.request(exchange))

    def _opened(self) -> int:
        self._path.parent.mkdir(parents=True, exist_ok=True)
        mode = os.O_TRUNC if self._fresh else 0
        flags = os.O_WRONLY | os.O_CREAT | os.O_APPEND | mode | getattr(os, "O_BINARY", 0)
        if not self._fresh and self._path.exists():
            _end_last_line(self._path)
        handle = os.open(self._path, flags, 0o644)
        if os.fstat(handle).st_size == 0:
            os.write(handle, self.writer.header().encode())
        return handle


def read_file(path: Path) -> Recorded:
    """The content of a cassette.

    Raises
    ------
    FileError
        If it cannot be read, or is not a cassette.
    """
    try:
        text = path.read_text("utf-8", "replace")
    except OSError as error:
        raise FileError(f"{str(path)!r} cannot be read: {error.strerror}.") from error
    return read(text, path.name) if text else Recorded()


def _end_last_line(path: Path) -> None:
    """Remove a line that was not written completely."""
    data = path.read_bytes()
    if data and not data.endswith(b"\n"):
        path.write_bytes(data[: data.rfind(b"\n") + 1])


def _keep_times(recorded: Recorded, before: Recorded) -> None:
    """Keep the times of answers that are the same as before, so that a diff shows changes only."""
    known: defaultdict[str, list[Exchange]] = defaultdict(list)
    for exchange in before.exchanges:
        known[exchange.request.fingerprint].append(exchange)
    for exchange in recorded.exchanges:
        same = known[exchange.request.fingerprint]
        old = same.pop(0) if same else None
        if old is not None and old.same_answer(exchange) and len(old.ms) == len(exchange.ms):
            exchange.headers, exchange.head_ms, exchange.ms = old.headers, old.head_ms, old.ms
            exchange.ending = old.ending


def _unwritable(path: Path, error: OSError) -> FileError:
    return FileError(
        f"The cassette {str(path)!r} cannot be written: {error.strerror}.",
        advice="Check that its folder is writable, or choose another file.",
    )
