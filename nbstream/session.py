"""Where the parts are put together for one IPython shell: settings, routes, named chats, running replies."""

from __future__ import annotations

import weakref
from typing import Any

from nbstream.chat import Chat
from nbstream.config import NBStream
from nbstream.errors import ConfigError, NbstreamError
from nbstream.reply import Reply
from nbstream.routing import Asked, Route, Router

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
        self.known_models: dict[str, list[str]] = {}
        self._replies: weakref.WeakSet[Reply] = weakref.WeakSet()

    def chat(self, name: str = MAIN_CHAT) -> Chat:
        """The chat of that name, made if there is none yet."""
        if name not in self.chats:
            self.chats[name] = Chat(router=self.router)
        return self.chats[name]

    def existing(self, name: str) -> Chat:
        """The chat of that name.

        Raises
        ------
        ConfigError
            When there is none; names those that there are.
        """
        if name not in self.chats:
            known = ", ".join(sorted(self.chats)) or "none so far"
            raise ConfigError(f"There is no chat named {name!r}.", advice=f"Chats: {known}.")
        return self.chats[name]

    def ask(self, prompt: str, *, chat: str = MAIN_CHAT, system: str | None = None, **how: Any) -> Reply:
        """Send a prompt to a named chat; `how` is handed to `Chat.send`."""
        talk = self.chat(chat)
        if system is not None:
            talk.conversation.system = system or None
        reply = talk.send(prompt, **how)
        self._replies.add(reply)
        return reply

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
        """The models of a provider or base URL; of the endpoint in use by default."""
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
