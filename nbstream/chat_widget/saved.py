"""The saved form of a chat in a notebook: a transcript, readable without a kernel and loadable.

It is part of the widget's output, next to the live view. What is the same from run to run is its data, what
varies (usage, timings, resolved model) its metadata, as with a single reply. Both together are the messages
of `nbstream.conversation.transcript`. A notebook is not a database: beyond a limit the oldest turns are
left out.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from weakref import WeakKeyDictionary

from nbstream.chat_widget.packing import packed_answers, packed_messages, unpacked_answers, unpacked_messages
from nbstream.conversation.conversation import Conversation, Turn
from nbstream.conversation.examples import preface_messages
from nbstream.conversation.transcript import (
    preface_parts,
    read_transcript,
    turn_messages,
    turn_parts,
)
from nbstream.errors import DamagedFileError, FileError
from nbstream.reply import Reply
from nbstream.types.content import image_url
from nbstream.views.beside import fit_images
from nbstream.views.inert import inert_markdown
from nbstream.views.inert.characters import literal
from nbstream.views.markup import shortened
from nbstream.views.packing import PACKED
from nbstream.views.snapshot import saved_version

__all__ = ["CHAT_MIMETYPE", "conversation_from", "exported_texts", "saved_chat"]

CHAT_MIMETYPE = "application/vnd.nbstream.chat+json"
VERSIONS = (1, PACKED)

# In characters. A notebook above about 10 MB slows down every tool, and each turn sends all of this again.
MAX_MESSAGES = 1_000_000
MAX_IMAGES = 2_000_000
MAX_MARKDOWN = 200_000

_IMAGE_LEFT_OUT = {"type": "text", "text": "[An image that was too large to save in the notebook.]"}

_inert_markdown: WeakKeyDictionary[Reply, str] = WeakKeyDictionary()


def saved_chat(
    conversation: Conversation, height: int, settings: Mapping[str, Any] | None = None
) -> tuple[dict[str, Any], dict[str, Any]]:
    """Data and metadata of the output that keeps a conversation.

    Parameters
    ----------
    conversation
        The conversation; an answer that is still streaming counts as stopped.
    height
        Height of the widget in pixels; 0 where it grows with its content.
    settings
        What its reader has chosen: `ChatSettings.chosen`.

    Returns
    -------
    tuple
        Data by mimetype: `CHAT_MIMETYPE` for the front end, inert Markdown and plain text for all others.
        Metadata: the provenance of the answers, in the order of the messages.
    """
    kept = _kept(conversation)
    messages = preface_messages(conversation) + kept.messages
    text, plain, not_shown = _texts(conversation)
    packed = packed_messages(messages, text, not_shown)
    own = {"v": PACKED, "height": height, "left_out": kept.left_out, "messages": packed}
    if settings:
        own["settings"] = dict(settings)
    data = {CHAT_MIMETYPE: own, "text/markdown": text, "text/plain": shortened(plain)}
    return data, {"nbstream": {"answers": packed_answers(kept.answers)}}


def conversation_from(data: object, provenance: object = None, markdown: str = "") -> Conversation:
    """A conversation as a notebook kept it; notebooks come from anywhere, so all of it is checked.

    Parameters
    ----------
    data
        The output's value for `CHAT_MIMETYPE`.
    provenance
        The output's metadata under ``nbstream``.
    markdown
        The output's Markdown text, where the data refer to it.

    Raises
    ------
    DamagedFileError
        If it is not a conversation.
    DamagedTranscriptError
        When messages cannot be read; its `conversation` holds those that can.
    """
    chat = data if isinstance(data, Mapping) and data.get("v") in VERSIONS else {}
    messages = chat.get("messages")
    if not isinstance(messages, list):
        raise DamagedFileError(
            "The saved conversation cannot be read.", advice="It may come from a newer nbstream: update it."
        )
    whole = unpacked_messages(messages, markdown) if chat["v"] == PACKED else messages
    return read_transcript("\n".join(map(json.dumps, _with_provenance(whole, provenance))))


def exported_texts(
    data: Mapping[str, Any], provenance: object, origin: Callable[[Mapping[str, Any]], str]
) -> dict[str, str]:
    """The texts of a saved chat by mimetype, with a line below each answer; none if it cannot be read.

    Parameters
    ----------
    data, provenance
        The data of the output, and its metadata under ``nbstream``.
    origin
        Returns the line for the provenance of an answer; empty for no line.
    """
    markdown = data.get("text/markdown", "")
    whole = "".join(map(str, markdown)) if isinstance(markdown, list) else str(markdown)
    try:
        conversation = conversation_from(data.get(CHAT_MIMETYPE), provenance, whole)
    except FileError:
        return {}

    def line(turn: Turn) -> str:
        answer = turn.answer
        return (
            origin(saved_version(answer.state, answer.about)["nbstream"]) if isinstance(answer, Reply) else ""
        )

    text, plain, _ = _texts(conversation, line)
    return {"text/markdown": text, "text/plain": shortened(plain)}


@dataclass(slots=True)
class _Kept:
    """The newest turns, as many as the limits allow."""

    messages: list[dict[str, Any]] = field(default_factory=list)
    answers: list[dict[str, Any]] = field(default_factory=list)
    left_out: int = 0
    room: int = MAX_MESSAGES
    image_room: int = MAX_IMAGES

    def take(self, turn: Turn, before: Sequence[Turn]) -> bool:
        """Insert a turn before the kept ones; return False if it does not fit."""
        messages = list(turn_messages(len(before) + 1, turn, before))
        answers = [_slimmed(message) for message in messages if _is_answer(message)]
        for message in messages:
            message["content"] = self._content(message["content"])
        for message in filter(_is_answer, messages):
            self.image_room -= fit_images(message["nbstream"]["reply"], max(self.image_room, 0))
        self.room -= sum(map(_size, messages))
        if self.room < 0 and self.messages:
            return False
        self.messages[:0], self.answers[:0] = messages, answers
        return True

    def _content(self, content: Any) -> Any:
        return content if isinstance(content, str) else [self._part(part) for part in content]

    def _part(self, part: Mapping[str, Any]) -> Mapping[str, Any]:
        url = image_url(part)
        if url is None:
            return part
        self.image_room -= len(url)
        return part if self.image_room >= 0 else _IMAGE_LEFT_OUT


def _kept(conversation: Conversation) -> _Kept:
    kept, turns = _Kept(), list(conversation)
    for number in range(len(turns), 0, -1):
        if not kept.take(turns[number - 1], turns[: number - 1]):
            kept.left_out = number
            break
    return kept


def _slimmed(message: dict[str, Any]) -> dict[str, Any]:
    """Take the provenance out of an answer's message."""
    own = message["nbstream"]
    if own["reply"]["status"] in {"submitted", "streaming"}:
        own["reply"]["status"] = "stopped"
    return {k: v for k, v in own.pop("nbstream", {}).items() if k != "versions"}


def _is_answer(message: Mapping[str, Any]) -> bool:
    """Whether it is the last message of an answer: those before it call tools. Examples do not count."""
    own = message.get("nbstream")
    example = isinstance(own, Mapping) and own.get("example") is True
    return message.get("role") == "assistant" and not message.get("tool_calls") and not example


def _size(message: Mapping[str, Any]) -> int:
    """Characters of a message as JSON, without its images."""
    own = message.get("nbstream", {})
    if own.get("reply", {}).get("images"):
        reply = {name: value for name, value in own["reply"].items() if name != "images"}
        message = {**message, "nbstream": {**own, "reply": reply}}
    content = message["content"]
    words = [] if isinstance(content, str) else [part for part in content if image_url(part) is None]
    return len(json.dumps(message if isinstance(content, str) else {**message, "content": words}))


def _with_provenance(messages: Iterable[object], provenance: object) -> Iterator[object]:
    """The messages as `nbstream.conversation.transcript` reads them."""
    saved = provenance.get("answers") if isinstance(provenance, Mapping) else None
    answers = iter(unpacked_answers(saved))
    for message in messages:
        if isinstance(message, Mapping) and _is_answer(message):
            own, said = message.get("nbstream"), next(answers, None)
            yield {**message, "nbstream": {**(own if isinstance(own, Mapping) else {}), "nbstream": said}}
        else:
            yield message


def _texts(conversation: Conversation, origin: Callable[[Turn], str] | None = None) -> tuple[str, str, int]:
    """The newest turns as inert Markdown and as plain text, and how many turns are missing before them.

    `origin` returns a line to add below a turn.
    """
    turns, room = list(conversation), MAX_MARKDOWN
    plain, inert = list[str](), list[str]()
    for turn in reversed(turns):
        parts = turn_parts(turn)
        room -= sum(map(len, parts))
        if room < 0 and plain:
            break
        line = origin(turn) if origin else ""
        plain.append(_blocks([*parts, f"[{line}]" if line else ""]))
        inert.append(_blocks([_inert_turn(turn, parts), f"*{literal(line)}*" if line else ""]))
    before = preface_parts(conversation)
    if missing := len(turns) - len(plain):
        before.append(f"*({missing} earlier turns are not shown here.)*")
    return _blocks([_inert(before), *reversed(inert)]), _blocks([*before, *reversed(plain)]), missing


def _blocks(parts: Iterable[str]) -> str:
    """Blocks of Markdown under one another."""
    return "\n".join(part.rstrip() + "\n" for part in parts if part.strip())


def _inert(parts: Iterable[str]) -> str:
    """Each by itself, so that none swallows the next."""
    return _blocks(map(inert_markdown, parts))


def _inert_turn(turn: Turn, parts: list[str]) -> str:
    """Made once for each answer: it takes about a millisecond for a page."""
    answer = turn.answer
    if not isinstance(answer, Reply) or not answer.done:
        return _inert(parts)
    if answer not in _inert_markdown:
        _inert_markdown[answer] = _inert(parts)
    return _inert_markdown[answer]
