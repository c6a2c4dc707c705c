"""Sends a chat to its front end: a snapshot, then every change as a message."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Protocol

from nbstream.chat import Chat
from nbstream.chat_widget.settings import PARAMETERS
from nbstream.conversation.conversation import Change, Turn
from nbstream.recording.state import ReplyState
from nbstream.reply import Reply
from nbstream.types.content import content_text, image_urls
from nbstream.types.messages import Message
from nbstream.views.base import Frame, View
from nbstream.views.snapshot import ReplyInfo

__all__ = ["ChatPublisher", "running"]


class _OnChange(Protocol):
    def __call__(self, reply: Reply | None, *, busy: bool) -> None:
        """Called when a reply ended, or `busy` may have changed."""


class ChatPublisher:
    """Publishes one chat to its front end.

    Parameters
    ----------
    chat
        The chat.
    send
        Sends a message to the front end.
    on_change
        Called when a reply ends, or `busy` may have changed.
    """

    def __init__(self, chat: Chat, send: Callable[[Mapping[str, Any]], None], on_change: _OnChange) -> None:
        self._chat = chat
        self._send = send
        self._on_change = on_change
        self._seq = 0
        self._streaming: set[Reply] = set()
        self.placeholder = ""
        self.models: list[str] = []
        self.models_error = ""
        self.can_undo = False
        self._end = chat.conversation.subscribe(self._changed)
        for turn in chat.conversation:
            self._watch(turn)

    def close(self) -> None:
        """Stop observing."""
        self._end()

    def snapshot(self) -> dict[str, Any]:
        """Everything that a view needs to render the chat."""
        turns = [_turn(turn) for turn in self._chat.conversation]
        return {"v": 1, "seq": self._seq, "meta": self._meta(), "turns": turns}

    def publish_meta(self) -> None:
        """Send everything about the chat that is not its turns."""
        self._publish("meta", meta=self._meta())

    def publish_settings(self) -> None:
        """Send the settings, which the notebook keeps as well."""
        self.publish_meta()
        self._on_change(None, busy=self.busy)

    def publish_snapshot(self) -> None:
        """Send the snapshot."""
        self._send({"t": "snapshot", "state": self.snapshot()})

    @property
    def busy(self) -> bool:
        """Whether an answer is streaming."""
        return bool(running(self._chat))

    def _meta(self) -> dict[str, Any]:
        params = self._chat.params
        return {
            "title": "Chat",
            "model": self._chat.model or "",
            "models": self.models,
            "models_error": self.models_error,
            "system": self._chat.conversation.system or "",
            **{name: params.get(name) for name in PARAMETERS},
            "busy": self.busy,
            "placeholder": self.placeholder,
            "can_undo": self.can_undo,
        }

    def _changed(self, change: Change) -> None:
        if change.kind == "turn" and change.turn is not None:
            self._publish_turn(change.turn)
            self._watch(change.turn)
        elif change.kind == "removed" and change.turn is not None:
            self._publish("remove", id=change.turn.id)
        elif change.kind == "cleared":
            self._publish("clear")
        elif change.kind == "restored":
            self.publish_snapshot()
        self.publish_meta()
        self._on_change(None, busy=self.busy)

    def _watch(self, turn: Turn) -> None:
        reply = turn.answer
        if isinstance(reply, Reply) and not reply.done and reply not in self._streaming:
            self._streaming.add(reply)
            reply.showing.attach(_TurnView(self, turn, reply))

    def publish_frame(self, turn: Turn, frame: Frame) -> None:
        """Send what changed in the answer of a turn."""
        self._publish("frame-of", id=turn.id, frame=frame.as_message())

    def ended(self, turn: Turn, reply: Reply) -> None:
        """Send the final state of a turn."""
        self._streaming.discard(reply)
        if turn in tuple(self._chat.conversation):
            self._publish_turn(turn)
        self.publish_meta()
        self._on_change(reply, busy=self.busy)

    def _publish_turn(self, turn: Turn) -> None:
        at = [other.id for other in self._chat.conversation].index(turn.id)
        self._publish("turn", at=at, turn=_turn(turn))

    def _publish(self, kind: str, **content: Any) -> None:
        self._seq += 1
        self._send({"t": kind, "seq": self._seq, **content})


class _TurnView(View):
    """Shows the answer of one turn in the widget."""

    def __init__(self, publisher: ChatPublisher, turn: Turn, reply: Reply) -> None:
        self._publisher = publisher
        self._turn = turn
        self._reply = reply

    def open(self, state: ReplyState, elapsed: float, about: ReplyInfo) -> None:
        """The turn itself was sent already."""

    def paint(self, frame: Frame) -> None:
        """Send changes, as long as the turn shows this answer."""
        if self._turn.answer is self._reply:
            self._publisher.publish_frame(self._turn, frame)

    def close(self, state: ReplyState, about: ReplyInfo) -> None:
        self._publisher.ended(self._turn, self._reply)


def running(chat: Chat) -> list[Reply]:
    """Replies of a chat that have not ended."""
    answers = [version.answer for turn in chat.conversation for version in turn.versions]
    return [answer for answer in answers if isinstance(answer, Reply) and not answer.done]


def _turn(turn: Turn) -> dict[str, Any]:
    text, images = _text_and_images(turn.user)
    answer = turn.answer
    return {
        "id": turn.id,
        "text": text,
        "images": images,
        "version": turn.active,
        "versions": len(turn.versions),
        "stale": turn.stale,
        "reply": answer.showing.snapshot() if isinstance(answer, Reply) else None,
    }


def _text_and_images(message: Message) -> tuple[str, list[str]]:
    return content_text(message.content), [
        url for url in image_urls(message.content) if url.startswith("data:")
    ]
