"""`%%chat`, which asks, and `%chat`, which looks after the chats."""

from __future__ import annotations

import asyncio
import contextlib
import difflib
import shlex
from collections.abc import Callable
from typing import Any

from IPython.core.interactiveshell import InteractiveShell
from IPython.core.magic import no_var_expand

from nbstream.errors import ConfigError
from nbstream.magic.args import ChatOptions, chat_arguments, parse
from nbstream.magic.cell import run_to_end
from nbstream.magic.reports import Report, history, models, status
from nbstream.reply import Reply
from nbstream.session import MAIN_CHAT, Session
from nbstream.views import host

__all__ = ["ChatMagics"]

_CLEANUP_SECONDS = 1.0


class ChatMagics:
    """The magics of one shell.

    Parameters
    ----------
    shell
        Where replies are put into variables.
    session
        What the magics share.
    """

    def __init__(self, shell: InteractiveShell, session: Session) -> None:
        self._shell = shell
        self.session = session
        self._verbs: dict[str, Callable[..., Report]] = {
            "history": self._history,
            "models": self._models,
            "reset": self._reset,
            "status": self._status,
            "stop": self._stop,
        }

    @no_var_expand
    @chat_arguments("chat")
    def chat(self, line: str, cell: str) -> Any:
        """Ask a language model; the answer streams into the cell.

        The lines below are the prompt, sent as they stand: braces and dollar signs are only text.
        The cell waits for the answer and fails if the request fails, so Run All stops there.
        Stop in the answer, or the interrupt button, keeps what has arrived.
        """
        options = parse(self.chat.parser, line)  # type: ignore[attr-defined]
        prompt = cell.strip("\n").rstrip()
        if not prompt:
            raise ConfigError("%%chat: the cell is empty.", advice="Write the prompt below the first line.")
        if options.awaited:
            return self._answer(options, prompt)
        return run_to_end(self._answer(options, prompt))

    @no_var_expand
    def manage(self, line: str) -> Report:
        """Look after chats: ``%chat status|models [PROVIDER]|history [NAME]|reset [NAME]|stop``.

        status   which endpoint and model answer, and the chats there are
        models   the models of the endpoint in use, or of a provider
        history  the conversation, as it will be sent
        reset    forget a conversation
        stop     stop all running answers, keeping what has arrived
        """
        words = shlex.split(line) or ["status"]
        verb, *rest = words
        if verb not in self._verbs:
            near = difflib.get_close_matches(verb, self._verbs, n=1)
            hint = f"Did you mean %chat {near[0]}? " if near else ""
            verbs = ", ".join(self._verbs)
            raise ConfigError(f"%chat knows no {verb!r}.", advice=f"{hint}It knows {verbs}; %%chat asks.")
        if len(rest) > 1:
            raise ConfigError(f"%chat {verb} takes one word at the most.", advice="%chat? explains it.")
        return self._verbs[verb](*rest)

    async def _answer(self, options: ChatOptions, prompt: str) -> Reply:
        reply = self._ask(options, prompt)
        reply.show()
        if options.background and options.awaited and host.detect() != "headless":
            return reply
        try:
            await reply.wait()
        except asyncio.CancelledError:
            raise await _interrupted(reply) from None
        if reply.error is not None:
            raise reply.error
        return reply

    def _ask(self, options: ChatOptions, prompt: str) -> Reply:
        reply = self.session.ask(
            prompt,
            chat=options.chat or MAIN_CHAT,
            system=options.system,
            model=options.model,
            base_url=options.base_url,
            stream=options.stream,
            alone=options.alone,
            owner=host.cell_id(),
            **options.params,
        )
        if options.into is not None:
            self._shell.user_ns[options.into] = reply
        return reply

    def _status(self) -> Report:
        return status(self.session, run_to_end(self.session.endpoint()))

    def _models(self, where: str = "") -> Report:
        return models(*run_to_end(self.session.models(where)))

    def _history(self, name: str = MAIN_CHAT) -> Report:
        return history(name, self.session.existing(name))

    def _reset(self, name: str = MAIN_CHAT) -> Report:
        chat = self.session.existing(name)
        turns = len(chat.conversation)
        chat.reset()
        return Report(f"Chat {name!r}: {turns} turns forgotten.")

    def _stop(self) -> Report:
        stopped = self.session.stop()
        return Report(f"{stopped} running answers stopped." if stopped else "Nothing is running.")


async def _interrupted(reply: Reply) -> KeyboardInterrupt:
    """Close the stream, keep the partial answer, and give the error that stops Run All."""
    reply.stop(by="interrupt")
    with contextlib.suppress(TimeoutError, asyncio.CancelledError):
        await asyncio.wait_for(reply.wait(), _CLEANUP_SECONDS)
    return _Interrupt("interrupted; what had arrived is kept.")


class _Interrupt(KeyboardInterrupt):
    """An interrupt in one line."""

    def _render_traceback_(self) -> list[str]:
        return [f"KeyboardInterrupt: {self}"]


_Interrupt.__name__ = _Interrupt.__qualname__ = "KeyboardInterrupt"
