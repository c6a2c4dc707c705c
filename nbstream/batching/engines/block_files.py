"""The files in which workers keep the answers of a block, until the notebook has them in its store.

They lie in a folder beside the store, which all workers have to see. Each file has one writer, which only
appends: unlike SQLite's WAL, that also works on a network file system.
"""

from __future__ import annotations

import json
import os
import secrets
import time
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from nbstream._util.processes import has_ended, this_process
from nbstream.batching.store import Store
from nbstream.batching.stored_answer import COLUMNS, StoredAnswer, checksum

__all__ = ["BlockFiles", "BlockStore", "collect_left_over", "folder_of"]

_DAY = 86_400.0
_OPEN, _DONE = ".open", ".done"


def folder_of(store: Path) -> Path:
    """The folder beside a store."""
    return store.with_name(store.name + ".workers")


@dataclass(frozen=True, slots=True)
class BlockFiles:
    """The files of one block. A worker that is lost leaves one for the worker that takes its place.

    Parameters
    ----------
    folder
        The folder beside the store.
    name
        Name of the block.
    """

    folder: Path
    name: str

    def answers(self) -> list[StoredAnswer] | None:
        """The answers of earlier workers; None if there was none."""
        files = sorted(self.folder.glob(f"{self.name}.*"))
        return [answer for file in files for answer in _read(file)] if files else None

    def create(self) -> BlockStore:
        """A store in memory that also writes to a new file."""
        writer = this_process().replace(" ", "~")
        return BlockStore(self.folder / f"{self.name}.{writer}~{secrets.token_hex(4)}{_OPEN}")

    def remove(self) -> None:
        """Remove the files, whose answers are in the store of the notebook."""
        for file in self.folder.glob(f"{self.name}.*"):
            file.unlink(missing_ok=True)


class BlockStore(Store):
    """Answers in memory, each of which is in a file as well before it counts.

    Parameters
    ----------
    file
        The file, which must not exist.
    """

    def __init__(self, file: Path) -> None:
        super().__init__()
        self._file = file
        number = os.open(file, os.O_CREAT | os.O_EXCL | os.O_WRONLY | os.O_APPEND, 0o600)
        self._writer = os.fdopen(number, "ab")

    def put(self, answers: Sequence[StoredAnswer]) -> None:
        """Write answers to the file. They are on the disk when this returns."""
        self._writer.write(b"".join(map(_line, answers)))
        self._writer.flush()
        os.fsync(self._writer.fileno())
        self.take(answers)

    def take(self, answers: Sequence[StoredAnswer]) -> None:
        """Take answers that are in a file already."""
        super().put(answers)

    def close(self) -> None:
        """Close the file, and name it as one that nobody writes to."""
        super().close()
        if not self._writer.closed:
            self._writer.close()
            self._file.rename(self._file.with_suffix(_DONE))


def collect_left_over(store: Store) -> None:
    """Take the answers of workers whose notebook ended before it could store them."""
    if store.path is None:
        return
    folder = folder_of(store.path)
    for file in [*folder.glob(f"*{_OPEN}"), *folder.glob(f"*{_DONE}")]:
        answers = {answer.key: answer for answer in _read(file)}
        known = store.find(answers)  # with their prices, which workers do not know
        store.put([answer for key, answer in answers.items() if key not in known])
        if file.suffix == _DONE or _is_left(file):
            file.unlink(missing_ok=True)


def _is_left(file: Path) -> bool:
    """Whether nobody writes to a file any more."""
    writer = file.stem.split(".", 1)[1].rpartition("~")[0].replace("~", " ")
    ended = has_ended(writer)
    if ended is None:
        return time.time() - file.stat().st_mtime > _DAY
    return ended


def _line(answer: StoredAnswer) -> bytes:
    values = [answer.key.hex(), *answer[1:], checksum(answer)]
    return (json.dumps(values) + "\n").encode("ascii")


def _read(file: Path) -> Iterator[StoredAnswer]:
    """The answers of a file; a line that was not written completely is left out."""
    try:
        lines: Iterable[bytes] = file.read_bytes().splitlines()
    except FileNotFoundError:  # its answers are in the store since this moment
        return
    for line in lines:
        try:
            key, *values, stored = json.loads(line)
            answer = StoredAnswer(bytes.fromhex(key), *values)
        except (ValueError, TypeError):
            continue
        if len(answer) == len(COLUMNS) and checksum(answer) == stored:
            yield answer
