"""Saved answers of an earlier kernel become turns again, out of the cells that show them; none is run."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any, NamedTuple

from nbstream.conversation.conversation import Turn, Version
from nbstream.conversation.transcript import restored_reply
from nbstream.errors import NbstreamError
from nbstream.magic.args import ChatOptions, parse
from nbstream.magic.magics import ChatMagics
from nbstream.magic.session import Session
from nbstream.magic.words import continued
from nbstream.types.messages import Message
from nbstream.views.packing import unpacked
from nbstream.views.snapshot import REPLY_MIMETYPE

__all__ = ["restore"]

_PROMPT_CELL = re.compile(r"\s*%%(?:nb)?chat(?![\w-])([^\n]*)\n?(.*)", re.DOTALL)


class _Asked(NamedTuple):
    """A turn with the options of its cell."""

    options: ChatOptions
    turn: Turn


def restore(session: Session, answers: Sequence[object]) -> int:
    """Add the turns of cells that show answers of an earlier kernel; return how many there were.

    A cell that has a turn, and one that asks without a conversation, is left out. Variables on the first line
    of a cell have no value yet, so a cell that needs one is left out as well.

    Parameters
    ----------
    session
        Its chats get the turns.
    answers
        Of each cell from top to bottom: ``cell``, its id; ``source``; ``data`` and ``metadata`` of its
        output. They are from a file, so they may have any shape.
    """
    found: dict[str, list[_Asked]] = {}
    for answer in answers:
        asked = _asked(answer if isinstance(answer, Mapping) else {})
        if asked is not None and not session.has_turn(asked.turn.owner):
            found.setdefault(asked.options.chat or session.current, []).append(asked)
    for name, chat in found.items():
        _add(session, name, chat)
    return sum(map(len, found.values()))


def _add(session: Session, name: str, asked: Sequence[_Asked]) -> None:
    conversation = session.chat(name).conversation
    systems = [each.options.system for each in asked if each.options.system is not None]
    if systems and not len(conversation):
        conversation.system = systems[-1]
    conversation.prepend(_following([each.turn for each in asked]))


def _following(turns: Sequence[Turn]) -> list[Turn]:
    """The turns, each asked after the ones before it; one that was saved as stale, after another."""
    shown: list[object] = []
    for turn in turns:
        followed = (object(),) if turn.stale else tuple(shown)
        turn.versions = [replace(version, followed=followed) for version in turn.versions]
        shown.append(turn.shown)
    return list(turns)


def _asked(answer: Mapping[Any, Any]) -> _Asked | None:
    """The turn of a cell; None if it has none, or cannot be read."""
    cell, source = answer.get("cell"), answer.get("source")
    found = _PROMPT_CELL.fullmatch(source) if isinstance(source, str) else None
    if not isinstance(cell, str) or not cell or found is None:
        return None
    line, prompt = continued(*found.groups())
    try:
        options = parse(ChatMagics.chat.parser, line)  # type: ignore[attr-defined]
    except NbstreamError:
        return None
    if options.alone or options.dry_run or options.table is not None:
        return None
    turn = _turn(cell, prompt.strip("\n").rstrip(), answer)
    return None if turn is None else _Asked(options, turn)


def _turn(cell: str, prompt: str, answer: Mapping[Any, Any]) -> Turn | None:
    data, metadata = _mapping(answer.get("data")), _mapping(answer.get("metadata"))
    if REPLY_MIMETYPE not in data:
        return None
    reply, about = unpacked(data[REPLY_MIMETYPE], metadata.get("nbstream"), data.get("text/markdown"))
    versions = about.get("versions")
    others = [each for each in versions if isinstance(each, Mapping)] if isinstance(versions, list) else []
    own = {"version": about.get("version", 0), "reply": reply, "nbstream": about}
    saved = sorted([*others, own], key=_number)
    restored = [_version(prompt, each, at) for at, each in enumerate(saved)]
    return Turn(restored, cell, active=saved.index(own), stale=reply.get("stale") is True)


def _version(prompt: str, saved: Mapping[str, Any], number: int) -> Version:
    reply, about = _mapping(saved.get("reply")), _mapping(saved.get("nbstream"))
    filled = _mapping(reply.get("prompt")).get("text")
    text = filled if isinstance(filled, str) and filled else prompt
    answer = restored_reply(saved, str(reply.get("text", "")), str(about.get("id", "")), number)
    return Version(Message("user", text), answer)


def _number(saved: Mapping[str, Any]) -> int:
    number = saved.get("version")
    return number if isinstance(number, int) else 0


def _mapping(value: object) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}
