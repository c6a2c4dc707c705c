"""Removes terminal colours from text."""

from __future__ import annotations

import re

__all__ = ["without_ansi"]

_ANSI = re.compile(r"\x1b(?:\[[0-?]*[ -/]*[@-~]|\][^\x07\x1b]*(?:\x07|\x1b\\)|[@-Z\\-_])")


def without_ansi(text: str) -> str:
    r"""The text without escape sequences of a terminal.

    Examples
    --------
    >>> without_ansi("\x1b[0;31mKeyError\x1b[0m: 'price'")
    "KeyError: 'price'"
    """
    return _ANSI.sub("", text)
