"""Values of rows as JSON, and files that are not replaced by mistake."""

from __future__ import annotations

import math
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from nbstream._util.files import write_atomically
from nbstream.errors import FileError

__all__ = ["make_folder", "plain", "write"]


def plain(value: Any) -> Any:
    """A value that JSON and YAML have: what they lack becomes text.

    Examples
    --------
    >>> import datetime
    >>> plain({"day": datetime.date(2026, 11, 30), "share": float("nan"), "of": (1, 2)})
    {'day': '2026-11-30', 'share': None, 'of': [1, 2]}
    """
    if hasattr(value, "item") and not isinstance(value, Mapping) and getattr(value, "ndim", None) == 0:
        value = value.item()  # a scalar of numpy
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if value is None or isinstance(value, bool | int):
        return value
    if isinstance(value, Mapping):
        return {str(name): plain(one) for name, one in value.items()}
    if isinstance(value, list | tuple):
        return [plain(one) for one in value]
    return str(value).encode("utf-8", "replace").decode("utf-8")


def write(path: Path, text: str, *, overwrite: bool) -> None:
    """Write a new file.

    Raises
    ------
    FileError
        When there is such a file, or it cannot be written.
    """
    if path.exists() and not overwrite:
        raise FileError(f"There is a file {path.name!r} already.", advice="Add overwrite=True.")
    try:
        write_atomically(path, text)
    except OSError as error:
        advice = "Check that the folder exists and is writable."
        raise FileError(f"{path.name!r} cannot be written: {error.strerror}.", advice=advice) from error


def make_folder(path: Path) -> Path:
    """Create a folder, unless there is one.

    Raises
    ------
    FileError
        When it cannot be created.
    """
    try:
        path.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise FileError(f"The folder {path.name!r} cannot be created: {error.strerror}.") from error
    return path
