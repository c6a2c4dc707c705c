"""Which answers an answer was asked after, in the file of a conversation. Pure functions.

Most answers follow those that are active, so a file names only others: ``"after": [[turn, version], …]``,
both from 1. It is null where one of them is no longer in the conversation, or a turn has been added since.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from nbstream.conversation.conversation import Turn, Version

__all__ = ["followed_others", "restore_followed"]


def followed_others(version: Version, before: Sequence[Turn]) -> list[list[int]] | None:
    """The value of ``after`` for a version of a turn that has these turns before it."""
    if len(version.followed) != len(before):
        return None
    pairs: list[list[int]] = []
    for number, (turn, shown) in enumerate(zip(before, version.followed, strict=True), 1):
        if shown is turn.shown:
            continue
        places = [at for at, other in enumerate(turn.versions, 1) if other.answer is shown]
        if not places:
            return None
        pairs.append([number, places[0]])
    return pairs


def restore_followed(turns: Mapping[object, Turn], own: Mapping[int, Mapping[str, Any]]) -> None:
    """Set `Version.followed` of all versions that were read from a file.

    Parameters
    ----------
    turns
        In order, by ``("number", number)`` where the file numbers them.
    own
        What nbstream has saved with each answer, by the identity of its version.
    """
    shown: dict[object, object] = {}
    for key, turn in turns.items():
        for at, version in enumerate(turn.versions):
            turn.versions[at] = replace(version, followed=_followed(own[id(version)], turns, shown))
        shown[key] = turn.shown


def _followed(
    own: Mapping[str, Any], turns: Mapping[object, Turn], shown: Mapping[object, object]
) -> tuple[object, ...]:
    # Older files record that a turn is stale, but not which turns it followed.
    pairs = own.get("after", None if own.get("stale") is True else [])
    try:
        others = {("number", number): turns["number", number].versions[at - 1] for number, at in pairs}
    except (KeyError, IndexError, TypeError, ValueError):
        return (object(),)
    return tuple(others[key].answer if key in others else answer for key, answer in shown.items())
