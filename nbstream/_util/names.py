"""Misspelt names: the nearest right one."""

from __future__ import annotations

import difflib
from collections.abc import Iterable

__all__ = ["did_you_mean", "nearest"]


def nearest(name: str, known: Iterable[str]) -> str:
    """The known name that is most like `name`; empty where none is.

    Examples
    --------
    >>> nearest("temprature", ["seed", "temperature"]), nearest("colour", ["seed"])
    ('temperature', '')
    >>> nearest("modle", ["mode", "model"])
    'model'
    """
    known = sorted(known)
    # Swapped letters are the most common typo, but difflib ranks a missing letter as nearer.
    swapped = [other for other in known if sorted(other) == sorted(name.lower())]
    if swapped:
        return swapped[0]
    found = difflib.get_close_matches(name.lower(), known, n=1, cutoff=0.65)
    return found[0] if found else ""


def did_you_mean(name: str, known: Iterable[str]) -> str:
    """A question that names the nearest known name; empty where there is none.

    Examples
    --------
    >>> did_you_mean("modle", ["model", "seed"])
    "Did you mean 'model'?"
    """
    found = nearest(name, known)
    return f"Did you mean {found!r}?" if found else ""
