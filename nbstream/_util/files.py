"""Atomic file writes, and names that stay inside their folder."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

from nbstream.errors import ArgumentError

__all__ = ["path_inside", "refuse_unwritable", "write_atomically"]


def write_atomically(path: Path, text: str) -> None:
    """Replace a file with this text atomically; readable only by its owner."""
    handle, name = tempfile.mkstemp(prefix=f".{path.name}-", dir=path.parent)
    try:
        with os.fdopen(handle, "w", encoding="utf-8", newline="\n") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        Path(name).replace(path)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise


def path_inside(folder: Path, name: str) -> Path:
    """The path of a file from a name typed by the user.

    Raises
    ------
    ArgumentError
        If the name leads outside of the folder, also through a link.
    """
    path = (folder / name).resolve()
    if not path.is_relative_to(folder.resolve()) or path == folder.resolve():
        raise ArgumentError(
            f"The path {name!r} is outside of {folder.name or 'the folder'}.",
            advice="Use a name inside it, such as review.jsonl, or Chat.save(path) for another folder.",
        )
    return path


def refuse_unwritable(path: Path) -> None:
    """See that a file can be written, without writing it.

    Raises
    ------
    ArgumentError
        If the path is a folder, its folder does not exist, or one of them may not be written.

    Examples
    --------
    >>> refuse_unwritable(Path("logs/log.db"))
    Traceback (most recent call last):
        ...
    nbstream.errors.ArgumentError: The folder 'logs' does not exist. Create it, or choose another path.
    """
    folder = path.parent
    if path.is_dir():
        raise ArgumentError(
            f"{str(path)!r} is a folder.", advice="Choose the path of a file in it, such as log.db."
        )
    if not folder.is_dir():
        raise ArgumentError(
            f"The folder {str(folder)!r} does not exist.", advice="Create it, or choose another path."
        )
    if not os.access(path if path.exists() else folder, os.W_OK):
        raise ArgumentError(f"{str(path)!r} may not be written.", advice="Choose a path that you can write.")
