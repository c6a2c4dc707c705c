"""A conversation as a file.

JSON lines in the message format of the chat completions API: one message per line, oldest first. nbstream's
own data is under the key ``"nbstream"`` (turn, version, and for an answer its status and provenance), so that
any tool can read the messages. Older versions of a turn come before the active one.
"""

from __future__ import annotations

import json
import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from nbstream.conversation.conversation import Answer, Conversation, Turn, Version
from nbstream.conversation.examples import as_message, preface_messages
from nbstream.conversation.followed import followed_others, restore_followed
from nbstream.conversation.saved_calls import RoundReader, call_lines, foreign_fields
from nbstream.errors import DamagedTranscriptError, FileError, StreamInterruptedError
from nbstream.reply import Reply
from nbstream.types.content import content_text, is_part, part_label
from nbstream.types.events import (
    Cited,
    Failed,
    Finished,
    Identified,
    ImageReceived,
    Rated,
    ReasoningDelta,
    Routed,
    Stopped,
    StreamEvent,
    TextDelta,
    ToolCallDelta,
    ToolStep,
    UsageReported,
)
from nbstream.types.messages import Message
from nbstream.types.rating import Rating
from nbstream.types.usage import Usage
from nbstream.views.beside_text import plain_lines
from nbstream.views.inert import visible
from nbstream.views.snapshot import ReplyInfo, saved_version
from nbstream.wire.content import pieces_beside

__all__ = [
    "check_replaceable",
    "fine_tuning_line",
    "is_transcript",
    "preface_parts",
    "read_transcript",
    "restored_reply",
    "transcript_for",
    "turn_messages",
    "turn_parts",
]

_MARKDOWN_MARK = "<!-- conversation saved by nbstream -->\n"
_ENDED = frozenset({"returned", "failed", "refused"})
_ROLES = frozenset({"system", "developer", "user", "assistant", "tool"})


def transcript_for(path: str | Path, conversation: Conversation) -> str:
    """The text for a file with this name: Markdown for ``.md``, otherwise JSON lines."""
    return _as_markdown(conversation) if Path(path).suffix.lower() == ".md" else _as_lines(conversation)


def is_transcript(path: str | Path, text: str) -> bool:
    """Whether a text was written by `transcript_for` for a file with this name.

    False for other messages, and for damaged or extended files.

    Examples
    --------
    >>> is_transcript("talk.jsonl", transcript_for("talk.jsonl", Conversation()))
    True
    >>> is_transcript("talk.jsonl", '{"role": "user", "content": "Hello"}')
    False
    """
    if Path(path).suffix.lower() == ".md":
        return text.startswith(_MARKDOWN_MARK)
    try:
        read_transcript(text)
    except DamagedTranscriptError:
        return False
    messages = [json.loads(line) for line in text.split("\n") if line.strip()]
    own = [message for message in messages if message["role"] not in {"system", "developer"}]
    return bool(own or not messages) and all(isinstance(message.get("nbstream"), dict) for message in own)


def check_replaceable(path: Path) -> None:
    """Check that a conversation can be written to this path without losing another file.

    Raises
    ------
    FileError
        If the path is a file that is not a conversation saved by nbstream in this format.
    """
    if path.is_file() and not is_transcript(path, path.read_text("utf-8", errors="replace")):
        raise FileError(
            f"{path.name!r} exists and is not a conversation saved by nbstream.",
            advice="Choose another name, or replace it with %chat save --overwrite or overwrite=True.",
        )


def fine_tuning_line(conversation: Conversation) -> str:
    """The conversation as one line of a fine-tuning file: ``{"messages": […]}``."""
    return _json({"messages": [message.as_dict() for message in conversation.context()]})


def read_transcript(text: str) -> Conversation:
    """Read JSON lines: those of `transcript_for`, or bare messages from elsewhere.

    Raises
    ------
    DamagedTranscriptError
        If lines are unreadable. Lists them, and holds the readable part.
    """
    reader = _Reader()
    # Not `splitlines`: JSON strings may contain the other line ends of Unicode.
    for number, line in enumerate(text.split("\n"), 1):
        if line.strip():
            reader.take(number, line)
    conversation = reader.conversation()
    if reader.damaged:
        where = ", ".join(f"line {number}: {reason}" for number, reason in reader.damaged[:3])
        error = DamagedTranscriptError(
            f"{len(reader.damaged)} lines of the conversation cannot be read ({where}).",
            advice="The readable part is in the error's .conversation.",
        )
        error.conversation = conversation
        raise error
    return conversation


def restored_reply(saved: Mapping[str, Any], text: str, reply_id: str, version: int = 0) -> Reply:
    """The reply that `nbstream.views.snapshot.saved_version` was called with, as far as it says.

    Parameters
    ----------
    saved
        What was returned for it.
    text
        The answer, for a saved reply that does not hold it.
    reply_id
        The id that the reply had.
    version
        Its number among the versions of its turn.
    """
    shown = _mapping(saved.get("reply")).get("text", text)
    about = replace(_about(saved), version=version)
    reply = Reply(None, about, log=_events(shown, saved, RoundReader(), {}))
    reply.state.id = reply_id
    return reply


class _Reader:
    """Builds turns from the messages of a file."""

    def __init__(self) -> None:
        self.damaged: list[tuple[int, str]] = []
        self._system: str | None = None
        self._examples: list[Message] = []
        self._user: tuple[Message, object] | None = None
        self._rounds = RoundReader()
        self._turns: dict[object, Turn] = {}
        self._own: dict[int, Mapping[str, Any]] = {}

    def take(self, number: int, line: str) -> None:
        try:
            self._message(json.loads(line))
        except (ValueError, TypeError, KeyError, RecursionError) as error:
            self.damaged.append((number, str(error) or type(error).__name__))

    def conversation(self) -> Conversation:
        self._end_without_answer()
        restore_followed(self._turns, self._own)
        found = Conversation(self._system, self._examples)
        found.restore(tuple(self._turns.values()))
        return found

    def _message(self, line: Any) -> None:
        if not isinstance(line, Mapping) or line.get("role") not in _ROLES:
            raise ValueError("not a message of a conversation")
        message, own = Message(line["role"], _content(line)), _mapping(line.get("nbstream"))
        if own.get("example") is True:
            self._examples.append(as_message(line))
            return
        if message.role in {"assistant", "tool"}:
            self._part_of_answer(line, message, own)
            return
        self._end_without_answer()
        if message.role == "user":
            self._user = message, _turn_of(own) or object()
        else:
            self._system = content_text(message.content)

    def _part_of_answer(self, line: Mapping[str, Any], message: Message, own: Mapping[str, Any]) -> None:
        if self._user is None:
            raise ValueError("an answer without a question")
        if message.role == "tool":
            self._rounds.take_result(line, content_text(message.content))
        elif line.get("tool_calls"):
            self._rounds.take_calls(line, content_text(message.content))
        else:
            self._answer(self._user, content_text(message.content), own, foreign_fields(line))

    def _end_without_answer(self) -> None:
        """Treat calls without a following answer as the answer."""
        if self._user is not None and self._rounds.calls:
            self._answer(self._user, "", {}, {})

    def _answer(
        self, asked: tuple[Message, object], text: str, own: Mapping[str, Any], extra: Mapping[str, Any]
    ) -> None:
        user, key = asked
        key = _turn_of(own) or key
        rounds, self._rounds = self._rounds, RoundReader()
        version = Version(user, Reply(None, _about(own), log=_events(text, own, rounds, extra)))
        turn = self._turns.get(key)
        if turn is None:
            owner = _string(own, "owner") or None
            self._turns[key] = turn = Turn([version], owner)
        else:
            turn.versions.append(version)
        self._own[id(version)] = own
        if own.get("active") is not False:
            turn.active = len(turn.versions) - 1


def _turn_of(own: Mapping[str, Any]) -> tuple[str, object] | None:
    """The key shared by versions of a turn; None if the message has none."""
    turn = own.get("turn")
    kind = "name" if isinstance(turn, str) else "number"
    return (kind, turn) if isinstance(turn, str | int | float) and not isinstance(turn, bool) else None


def _content(line: Mapping[str, Any]) -> Any:
    content = line.get("content") or "" if line.get("tool_calls") else line["content"]
    if isinstance(content, list):
        if not all(map(is_part, content)):
            raise TypeError("a content part does not have the API's format")
    elif not isinstance(content, str):
        raise TypeError("content is neither text nor a list of parts")
    return content


def _as_lines(conversation: Conversation) -> str:
    messages = preface_messages(conversation)
    turns = tuple(conversation)
    for number, turn in enumerate(turns, 1):
        messages += turn_messages(number, turn, turns[: number - 1])
    return "".join(_json(message) + "\n" for message in messages)


def turn_messages(number: int, turn: Turn, before: Sequence[Turn]) -> Iterator[dict[str, Any]]:
    """The messages of a turn for a file: message and answer of each version. `before`: the earlier turns."""
    for at, version in enumerate(turn.versions):
        place = {"turn": number, "version": at + 1}
        yield version.user.as_dict() | {"nbstream": place}
        own: dict[str, Any] = {**place, "active": at == turn.active}
        if turn.owner:
            own["owner"] = turn.owner
        if turn.stale:
            own["stale"] = True
        after = followed_others(version, before)
        if after or turn.stale:
            own["after"] = after
        yield from _answer_lines(version.answer, place, own)


def _answer_lines(answer: Answer, place: Mapping[str, Any], own: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """The messages of an answer; the last one has the text and nbstream's data."""
    if not isinstance(answer, Reply):
        reply = {"status": answer.status}
        yield {"role": "assistant", "content": answer.text, "nbstream": own | {"reply": reply}}
        return
    yield from call_lines(answer.state, place)
    last, saved = answer.state.last_round, saved_version(answer.state, answer.about)
    saved["nbstream"].pop("tokens", None)  # many times the size of the text, and not read again
    saved["reply"].pop("text", None)
    if answer.state.rounds:
        told = {index for round_ in answer.state.rounds for index in round_.calls}
        rows = zip(sorted(answer.state.tool_calls), saved["reply"].pop("tools", ()), strict=True)
        left = [row for index, row in rows if index not in told]
        saved["reply"] |= {"reasoning": last.reasoning, **({"tools": left} if left else {})}
    extra = last.extra if answer.state.rounds else {}
    yield {**extra, "role": "assistant", "content": last.text, "nbstream": own | saved}


def _as_markdown(conversation: Conversation) -> str:
    parts = preface_parts(conversation)
    for turn in conversation:
        question, asked, answer, *rest = turn_parts(turn)
        parts += [question, asked, f"{answer}{_origin(turn.answer)}", *rest]
    return _MARKDOWN_MARK + "".join(f"\n{part}\n" for part in parts)


def _origin(answer: Answer) -> str:
    """Which model answered, when, and with which parameters."""
    if not isinstance(answer, Reply):
        return ""
    about = saved_version(answer.state, answer.about)["nbstream"]
    facts = [answer.model or "", str(about["created"])[:16].replace("T", " ")]
    facts += [f"{name}={_json(value)}" for name, value in about["params"].items() if value is not None]
    return f" ({visible(', '.join(filter(None, facts)))})"


def preface_parts(conversation: Conversation) -> list[str]:
    """The header of a Markdown file: blocks of Markdown, not made inert."""
    return [part for message in conversation.preface() for part in (f"**{message.role}**", _text(message))]


def turn_parts(turn: Turn) -> list[str]:
    """The active version of a turn: blocks of Markdown, unchanged and not made inert."""
    mark = "" if turn.answer.status == "finished" else f" *({turn.answer.status})*"
    parts = ["**user**", _text(turn.user), f"**assistant**{mark}", turn.answer.text]
    return parts + (plain_lines(turn.answer.state) if isinstance(turn.answer, Reply) else [])


def _text(message: Message) -> str:
    if isinstance(message.content, str):
        return message.content
    return "\n\n".join(part_label(part) or "[image]" for part in message.content)


def _about(own: Mapping[str, Any]) -> ReplyInfo:
    """Details of an answer besides its log, as far as the file has them."""
    said = _mapping(own.get("nbstream"))
    about = ReplyInfo(_mapping(said.get("params")))
    return replace(about, created=_string(said, "created"))


def _events(
    text: str, own: Mapping[str, Any], rounds: RoundReader, extra: Mapping[str, Any]
) -> list[StreamEvent]:
    """The log of an answer, as far as the file has it."""
    reply, said = _mapping(own.get("reply")), _mapping(own.get("nbstream"))
    timings = _mapping(said.get("timings"))
    first, last = _number(timings, "ttft"), _number(timings, "duration")
    model, provider, host, why, prompt_hash = (
        _string(said, name) for name in ("model", "provider", "host", "why", "prompt_hash")
    )
    events: list[StreamEvent] = [
        Routed(
            0.0,
            model,
            provider,
            host,
            reply.get("demo") is True,
            why,
            prompt_hash,
            streamed=said.get("whole") is not True,
        ),
        Identified(first, _string(said, "model_resolved") or None, _string(said, "response_id") or None),
    ]
    number = rounds.calls
    events += rounds.events(followed=bool(text or reply.get("reasoning")))
    if reply.get("reasoning"):
        events.append(ReasoningDelta(first, str(reply["reasoning"])))
    events += _calls(reply.get("tools"), first, number)
    if text:
        events.append(TextDelta(first, text))
    events += _beside(reply, first)
    if said.get("usage"):
        events.append(UsageReported(last, Usage.from_dict(_mapping(said["usage"]))))
    end = _end(reply, last)
    if isinstance(end, Finished):
        end = replace(end, reasoning_field=rounds.reasoning_field, extra=extra or None)
    rating = Rating.from_dict(said.get("rating"))
    return [*events, end, *([Rated(last, rating.score, rating.note)] if rating else [])]


def _calls(saved: object, at: float, before: int) -> Iterator[StreamEvent]:
    """The ended tool calls; `before` is the number of calls with separate messages."""
    for index, call in enumerate(map(_mapping, saved if isinstance(saved, list) else ()), before):
        yield ToolCallDelta(at, index, f"call-{index}", _string(call, "name"), _string(call, "arguments"))
        if call.get("state") in _ENDED:
            yield ToolStep(at, index, call["state"], _string(call, "result"))


def _beside(reply: Mapping[str, Any], at: float) -> Iterator[StreamEvent]:
    """Images and sources; files are untrusted, so images are read as if a server had sent them."""
    for piece in pieces_beside({"images": reply.get("images"), "citations": reply.get("citations")}):
        if piece.kind == "image":
            yield ImageReceived(at, piece.value)
        elif piece.kind == "source":
            yield Cited(at, piece.value, piece.title)


def _end(reply: Mapping[str, Any], at: float) -> StreamEvent:
    # A reply saved while it streamed ended there.
    if reply.get("status") in {"stopped", "streaming", "submitted"}:
        return Stopped(at)
    if reply.get("status") == "failed":
        return Failed(
            at, StreamInterruptedError(str(_mapping(reply.get("error")).get("message", "It failed.")))
        )
    return Finished(at, _string(reply, "finish_reason") or None)


def _mapping(value: object) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}


def _string(value: Mapping[str, Any], name: str) -> str:
    return str(value.get(name) or "")


def _number(value: Mapping[str, Any], name: str) -> float:
    found = value.get(name)
    return float(found) if isinstance(found, int | float) and 0 <= found < math.inf else 0.0


def _json(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))
