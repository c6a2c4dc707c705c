"""A progress bar for a download by another program, in a terminal or notebook."""

from __future__ import annotations

import re
import sys
from typing import Any, Self

__all__ = ["Progress"]

_RAW = re.compile(r"Progress (\d+) of (\d+)")


class Progress:
    """One line of text, rewritten while the download proceeds.

    Parameters
    ----------
    title
        Name of the download.
    total
        Its size in bytes.
    """

    def __init__(self, title: str, total: int) -> None:
        self._title = title
        self._total = total
        self._bar: Any = None

    def __enter__(self) -> Self:
        from tqdm import tqdm

        self._bar = tqdm(
            total=self._total,
            desc=self._title,
            unit="B",
            unit_scale=True,
            file=sys.stdout,
            ncols=79,
            mininterval=0.2,
        )
        return self

    def __exit__(self, *_: object) -> None:
        self._bar.close()

    def take(self, line: str) -> bool:
        """Read a line of pip's raw progress; return whether it was one."""
        found = _RAW.search(line)
        if found is None:
            return False
        self._bar.total = int(found[2])
        self._bar.update(int(found[1]) - self._bar.n)
        return True

    def finish(self) -> None:
        """Show the download as complete."""
        self._bar.update(self._bar.total - self._bar.n)
