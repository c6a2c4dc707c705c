"""The messages of a saved chat in a notebook file: see `nbstream.views.packing`. Pure functions.

`unpacked_messages` reads the form of older files as well. `js/labextension/chats/unpacking.ts` does the same.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from nbstream.views.packing import packed_reply, packed_run, unpacked_reply, unpacked_run
from nbstream.views.text_lines import LineReader, LineWriter, split

__all__ = ["packed_answers", "packed_messages", "unpacked_answers", "unpacked_messages"]

_SHORT = 80

Json = dict[str, Any]


def packed_messages(messages: Sequence[Json], markdown: str, left_out: int) -> list[Json]:
    """Messages that refer to texts in the Markdown of the same output.

    Parameters
    ----------
    messages
        As `nbstream.conversation.transcript` writes them, without the provenance of the answers.
    markdown
        The Markdown text: it holds the active version of each turn.
    left_out
        How many turns are missing at its beginning.
    """
    writer = LineWriter(markdown)
    inactive = {_place(message) for message in messages if _own(message).get("active") is False}

    def pack(message: Json) -> Json:
        turn = _own(message).get("turn")
        shared = _place(message) not in inactive and (turn is None or turn > left_out)
        packed = {**message, "content": _content(message["content"], writer if shared else None)}
        if "nbstream" in message:
            packed["nbstream"] = _packed_own(_own(message))
        return packed

    return list(map(pack, messages))


def unpacked_messages(messages: Iterable[object], markdown: str) -> list[object]:
    """The input of `packed_messages`; from another notebook, the readable part."""
    reader = LineReader(markdown)
    return [_unpacked(message, reader) if isinstance(message, Mapping) else message for message in messages]


def packed_answers(answers: Iterable[Mapping[str, Any]]) -> list[str]:
    """The provenance of the answers, each on one line."""
    return list(map(packed_run, answers))


def unpacked_answers(answers: object) -> list[object]:
    """The input of `packed_answers`, or of older files."""
    listed = answers if isinstance(answers, list) else []
    return [unpacked_run(answer) if isinstance(answer, str) else answer for answer in listed]


def _unpacked(message: Mapping[str, Any], reader: LineReader) -> Json:
    read = dict(message)
    content = message.get("content")
    if isinstance(content, list) and any(isinstance(part, Mapping) for part in content):
        read["content"] = [_whole_part(part) for part in content]
    elif isinstance(content, list) or type(content) is int:
        read["content"] = reader.read(content)
    own = message.get("nbstream")
    if isinstance(own, Mapping) and isinstance(own.get("reply"), Mapping):
        reply = unpacked_reply(own["reply"], "")
        reply.pop("text", None)
        read["nbstream"] = {**own, "reply": reply}
    return read


def _content(content: Any, writer: LineWriter | None) -> Any:
    if not isinstance(content, str):
        return [{**part, "text": split(part["text"])} if "text" in part else part for part in content]
    if "\n" not in content and len(content) < _SHORT:
        return content
    return writer.write(content) if writer else split(content)


def _whole_part(part: object) -> object:
    if isinstance(part, Mapping) and isinstance(part.get("text"), list):
        return {**part, "text": LineReader("").read(part["text"])}
    return part


def _packed_own(own: Mapping[str, Any]) -> Json:
    packed = {k: v for k, v in own.items() if k != "version" and not (k == "active" and v is True)}
    if "reply" in own:
        packed["reply"] = packed_reply({**own["reply"], "text": ""}, "")
    return packed


def _own(message: Mapping[str, Any]) -> Mapping[str, Any]:
    own = message.get("nbstream")
    return own if isinstance(own, Mapping) else {}


def _place(message: Mapping[str, Any]) -> tuple[Any, Any]:
    return _own(message).get("turn"), _own(message).get("version")
