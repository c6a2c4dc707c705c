"""Where the parts are put together for one IPython shell: settings, routes, named chats, running replies."""

from __future__ import annotations

import weakref
from collections.abc import Iterable
from typing import Any

from nbstream.chat import Chat
from nbstream.config import NBStream
from nbstream.continuations import Continuations
from nbstream.errors import ConfigError, NbstreamError
from nbstream.preview import Preview
from nbstream.reply import Reply
from nbstream.routing import Asked, Route, Router, check_provider

__all__ = ["MAIN_CHAT", "Session"]

MAIN_CHAT = "main"


class Session:
    """What the magics of one shell share.

    Parameters
    ----------
    settings
        Defaults of every chat; those of the configuration by default.
    """

    def __init__(self, settings: NBStream | None = None) -> None:
        self.router = Router(settings)
        self.chats: dict[str, Chat] = {}
        self.current = MAIN_CHAT
        self.known_models: dict[str, list[str]] = {}
        self.continuations = Continuations()
        self._replies: weakref.WeakSet[Reply] = weakref.WeakSet()

    def chat(self, name: str | None = None) -> Chat:
        """The chat of that name, made if there is none yet; the one in use by default."""
        name = name or self.current
        if name not in self.chats:
            self.chats[name] = Chat(router=self.router)
        return self.chats[name]

    def existing(self, name: str | None = None) -> tuple[str, Chat]:
        """Name and chat, the one in use by default.

        Raises
        ------
        ConfigError
            When there is none of that name; names those that there are.
        """
        name = name or self.current
        if name not in self.chats:
            known = ", ".join(sorted(self.chats)) or "none so far"
            raise ConfigError(f"There is no chat named {name!r}.", advice=f"Chats: {known}.")
        return name, self.chats[name]

    def ask(self, prompt: str, /, *, chat: str | None = None, system: str | None = None, **how: Any) -> Reply:
        """Send a prompt to a named chat; `how` is handed to `Chat.send`."""
        talk = self._with_system(self.chat(chat), system, keep=not how.get("alone"))
        reply = talk.send(prompt, **how)
        self._replies.add(reply)
        return reply

    def go_on(self, chat: Chat, reply: Reply | None = None) -> Reply:
        """Continue an answer of a chat, by default its last: `Chat.continue_reply`."""
        continued = chat.continue_reply(reply)
        self._replies.add(continued)
        return continued

    async def preview(
        self, prompt: str, /, *, chat: str | None = None, system: str | None = None, **how: Any
    ) -> Preview:
        """What `ask` would send with the same arguments. Nothing is sent or changed."""
        return await self._with_system(self.chat(chat), system, keep=False).preview(prompt, **how)

    @staticmethod
    def _with_system(chat: Chat, system: str | None, *, keep: bool) -> Chat:
        """The chat with that system message from now on, or a copy of it for this once."""
        if system is None:
            return chat
        spoken_to = chat if keep else chat.fork()
        spoken_to.conversation.system = system or None
        return spoken_to

    def forget_cells(self, cells: Iterable[str]) -> None:
        """Take the turns of deleted cells out of all chats."""
        gone = frozenset(cells)
        self.continuations.forget(gone)
        for chat in self.chats.values() if gone else ():
            chat.conversation.remove([turn for turn in chat.conversation if turn.owner in gone])

    def choose(self, cell: str, version: int) -> bool:
        """Make a version of a cell's turn the active one; False where no chat has that turn or version."""
        for chat in self.chats.values():
            turn = chat.conversation.owned_by(cell)
            if turn is not None and 0 <= version < len(turn.versions):
                chat.conversation.choose(turn, version)
                return True
        return False

    def running(self) -> list[Reply]:
        """Replies that have not ended."""
        return [reply for reply in self._replies if not reply.done]

    def stop(self) -> int:
        """Stop all running replies, keeping what has arrived; gives their number."""
        running = self.running()
        for reply in running:
            reply.stop()
        return len(running)

    async def models(self, where: str = "") -> tuple[Route, list[str]]:
        """The models of a provider or base URL; of the endpoint in use by default.

        Raises
        ------
        NbstreamError
            When there is no such provider, or it can not be asked.
        """
        if where and "://" not in where:
            check_provider(where)
        asked = Asked(base_url=where) if "://" in where else Asked(model=f"{where}:" if where else "")
        route = await self.router.route(asked)
        names = await route.client.models()
        self.known_models[route.client.endpoint.provider] = names
        return route, names

    async def endpoint(self) -> Route | NbstreamError:
        """What would answer a prompt now, or why nothing would."""
        try:
            return await self.router.route(Asked())
        except NbstreamError as error:
            return error
