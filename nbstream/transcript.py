"""A conversation as a file.

JSON lines in the message format of the chat-completions API: one message a line, oldest first, with what is
nbstream's own under the key ``"nbstream"`` (turn, version, and for an answer its status and provenance), so
that any tool reads the messages and none of them gets in the way. Older versions of a turn stand before the
active one.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from nbstream.conversation import Conversation, Turn, Version
from nbstream.errors import ConfigError, StreamInterrupted
from nbstream.events import (
    Failed,
    Finished,
    Identified,
    ReasoningDelta,
    Routed,
    Stopped,
    StreamEvent,
    TextDelta,
    UsageReported,
)
from nbstream.messages import Message
from nbstream.reply import Reply
from nbstream.usage import Usage

__all__ = ["TranscriptDamaged", "fine_tuning_line", "read_transcript", "transcript_for"]

_ROLES = frozenset({"system", "developer", "user", "assistant"})


class TranscriptDamaged(ConfigError):
    """A conversation's file has lines that can not be read.

    Attributes
    ----------
    conversation : Conversation
        What could be read.
    """

    def __init__(self, message: str, conversation: Conversation) -> None:
        super().__init__(message, advice="What could be read is in the error's .conversation.")
        self.conversation = conversation


def transcript_for(path: str | Path, conversation: Conversation) -> str:
    """The text for a file of that name: Markdown for ``.md``, JSON lines for everything else."""
    return _as_markdown(conversation) if Path(path).suffix.lower() == ".md" else _as_lines(conversation)


def fine_tuning_line(conversation: Conversation) -> str:
    """The conversation as one line of a fine-tuning file: ``{"messages": […]}``."""
    return _json({"messages": [message.as_dict() for message in conversation.context()]})


def read_transcript(text: str) -> Conversation:
    """Read JSON lines: those of `transcript_for`, or bare messages from elsewhere.

    Raises
    ------
    TranscriptDamaged
        When lines can not be read. Says which, and holds what could be read.
    """
    reader = _Reader()
    # Not `splitlines`: JSON strings may hold the other line ends of Unicode as they are.
    for number, line in enumerate(text.split("\n"), 1):
        if line.strip():
            reader.take(number, line)
    conversation = reader.conversation()
    if reader.damaged:
        where = ", ".join(f"line {number}: {reason}" for number, reason in reader.damaged[:3])
        raise TranscriptDamaged(
            f"{len(reader.damaged)} lines of the conversation can not be read ({where}).", conversation
        )
    return conversation


class _Reader:
    """Puts turns together from the messages of a file."""

    def __init__(self) -> None:
        self.damaged: list[tuple[int, str]] = []
        self._system: str | None = None
        self._user: tuple[Message, object] | None = None
        self._turns: dict[object, Turn] = {}

    def take(self, number: int, line: str) -> None:
        try:
            self._message(json.loads(line))
        except (ValueError, TypeError, KeyError, RecursionError) as error:
            self.damaged.append((number, str(error) or type(error).__name__))

    def conversation(self) -> Conversation:
        found = Conversation(self._system)
        found.restore(tuple(self._turns.values()))
        return found

    def _message(self, line: Any) -> None:
        if not isinstance(line, Mapping) or line.get("role") not in _ROLES:
            raise ValueError("not a message of a conversation")
        message, own = Message(line["role"], _content(line)), _mapping(line.get("nbstream"))
        if message.role in {"system", "developer"}:
            self._system = str(message.content)
        elif message.role == "user":
            self._user = message, own.get("turn", object())
        else:
            self._answer(message, own)

    def _answer(self, message: Message, own: Mapping[str, Any]) -> None:
        if self._user is None:
            raise ValueError("an answer without a question")
        user, key = self._user
        version = Version(user, Reply(None, log=_events(str(message.content), own)))
        turn = self._turns.get(key)
        if turn is None:
            self._turns[key] = turn = Turn([version], own.get("owner"), stale=bool(own.get("stale")))
        else:
            turn.versions.append(version)
        if own.get("active", True):
            turn.active = len(turn.versions) - 1


def _content(line: Mapping[str, Any]) -> Any:
    content = line["content"]
    if not isinstance(content, str | list):
        raise TypeError("content is neither text nor a list of parts")
    return content


def _as_lines(conversation: Conversation) -> str:
    messages = [message.as_dict() for message in conversation.preface()]
    for number, turn in enumerate(conversation, 1):
        messages += _turn_lines(number, turn)
    return "".join(_json(message) + "\n" for message in messages)


def _turn_lines(number: int, turn: Turn) -> Iterator[dict[str, Any]]:
    for place, version in enumerate(turn.versions):
        yield version.user.as_dict() | {"nbstream": {"turn": number, "version": place + 1}}
        own: dict[str, Any] = {"turn": number, "version": place + 1, "active": place == turn.active}
        if turn.owner:
            own["owner"] = turn.owner
        if turn.stale:
            own["stale"] = True
        answer = version.answer
        saved = answer.as_version() if isinstance(answer, Reply) else {"reply": {"status": answer.status}}
        saved["reply"].pop("text", None)
        yield {"role": "assistant", "content": answer.text, "nbstream": own | saved}


def _as_markdown(conversation: Conversation) -> str:
    parts = [f"**{m.role}**\n\n{_text(m)}\n" for m in conversation.preface()]
    for turn in conversation:
        parts.append(f"**user**\n\n{_text(turn.user)}\n")
        mark = "" if turn.answer.status == "finished" else f" *({turn.answer.status})*"
        parts.append(f"**assistant**{mark}\n\n{turn.answer.text}\n")
    return "\n".join(parts)


def _text(message: Message) -> str:
    if isinstance(message.content, str):
        return message.content
    return "\n\n".join(str(part.get("text", f"*[{part.get('type')}]*")) for part in message.content)


def _events(text: str, own: Mapping[str, Any]) -> list[StreamEvent]:
    """The log of an answer, as far as its file tells it."""
    reply, said = _mapping(own.get("reply")), _mapping(own.get("nbstream"))
    timings = _mapping(said.get("timings"))
    first, last = timings.get("ttft") or 0.0, timings.get("duration") or 0.0
    events: list[StreamEvent] = [
        Routed(0.0, _string(said, "model"), _string(said, "provider"), _string(said, "host")),
        Identified(first, said.get("model_resolved"), said.get("response_id")),
    ]
    if reply.get("reasoning"):
        events.append(ReasoningDelta(first, str(reply["reasoning"])))
    if text:
        events.append(TextDelta(first, text))
    if said.get("usage"):
        events.append(UsageReported(last, Usage(**_mapping(said["usage"]))))
    return [*events, _end(reply, last)]


def _end(reply: Mapping[str, Any], at: float) -> StreamEvent:
    if reply.get("status") == "stopped":
        return Stopped(at)
    if reply.get("status") == "failed":
        return Failed(at, StreamInterrupted(str(_mapping(reply.get("error")).get("message", "It failed."))))
    return Finished(at, reply.get("finish_reason"))


def _mapping(value: object) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}


def _string(value: Mapping[str, Any], name: str) -> str:
    return str(value.get(name) or "")


def _json(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))
