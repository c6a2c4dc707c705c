"""The chats of a session with their turns, as the panel of the JupyterLab extension lists them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from nbstream.conversation.order import cell_of
from nbstream.conversation.turns import Turn
from nbstream.magic.session import Session
from nbstream.recording.state import PROCESS
from nbstream.reply import Reply
from nbstream.types.content import content_text

__all__ = ["ChatList"]

_CHARS = 200


class ChatList:
    """Sends the list of the chats after each change.

    Parameters
    ----------
    session
        The session.
    send
        Sends the list, if it is not what was sent last.
    """

    def __init__(self, session: Session, send: Callable[[dict[str, Any]], None]) -> None:
        self._session = session
        self._send = send
        self._running: set[str] = set()
        self.sent = self._list()
        self.end = session.watch(lambda _: self._update())

    def _update(self) -> None:
        chats = self._list()
        if chats != self.sent:
            self.sent = chats
            self._send(chats)

    def _list(self) -> dict[str, Any]:
        """The chats that have turns, and the beginning of the ids of this kernel's replies."""
        chats = self._session.chats.items()
        listed = [self._chat(name, list(chat.conversation)) for name, chat in chats if len(chat.conversation)]
        return {"chats": listed, "process": PROCESS}

    def _chat(self, name: str, turns: list[Turn]) -> dict[str, Any]:
        for turn in turns:
            self._follow(turn)
        return {"name": name, "current": name == self._session.current, "turns": list(map(_turn, turns))}

    def _follow(self, turn: Turn) -> None:
        """Update the list when an answer that streams has ended."""
        answer = turn.answer
        if isinstance(answer, Reply) and not answer.done and answer.state.id not in self._running:
            self._running.add(answer.state.id)
            answer.showing.call_at_end(self._update)


def _turn(turn: Turn) -> dict[str, Any]:
    return {
        "cell": cell_of(turn.owner),
        "prompt": " ".join(content_text(turn.user.content)[: 2 * _CHARS].split())[:_CHARS],
        "status": turn.answer.status,
        "stale": turn.stale,
        "versions": len(turn.versions),
    }
