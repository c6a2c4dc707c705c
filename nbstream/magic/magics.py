"""`%%chat`, which asks, and `%chat`, which looks after the chats."""

from __future__ import annotations

import asyncio
import contextlib
import difflib
import inspect
import shlex
from collections.abc import Callable
from pathlib import Path
from typing import Any

from IPython.core.interactiveshell import InteractiveShell
from IPython.core.magic import no_var_expand

from nbstream.errors import ConfigError
from nbstream.files import path_inside
from nbstream.magic.args import ChatOptions, chat_arguments, parse
from nbstream.magic.cell import run_to_end
from nbstream.magic.reports import Report, history, models, status
from nbstream.preview import Preview
from nbstream.reply import Reply
from nbstream.session import Session
from nbstream.transcript import read_transcript
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
            "fork": self._fork,
            "history": self._history,
            "load": self._load,
            "models": self._models,
            "reset": self._reset,
            "save": self._save,
            "status": self._status,
            "stop": self._stop,
            "use": self._use,
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
        """Look after chats. A chat is named by NAME; the one in use is meant where NAME may be left out.

        %chat status               which endpoint and model answer, and the chats there are
        %chat models [PROVIDER]    the models of the endpoint in use, or of a provider
        %chat history [NAME]       the conversation, as it will be sent
        %chat reset [NAME]         forget a conversation
        %chat use NAME             go on with this chat where %%chat names none
        %chat fork NAME [NEW]      copy a chat
        %chat save FILE [NAME]     write the conversation: .jsonl to load again, .md to read
        %chat load FILE [NAME]     read a conversation that was saved as .jsonl
        %chat stop                 stop all running answers, keeping what has arrived
        """
        words = shlex.split(line) or ["status"]
        verb, *rest = words
        if verb not in self._verbs:
            near = difflib.get_close_matches(verb, self._verbs, n=1)
            hint = f"Did you mean %chat {near[0]}? " if near else ""
            verbs = ", ".join(self._verbs)
            raise ConfigError(f"%chat knows no {verb!r}.", advice=f"{hint}It knows {verbs}; %%chat asks.")
        try:
            inspect.signature(self._verbs[verb]).bind(*rest)
        except TypeError as error:
            raise ConfigError(f"%chat {verb}: {error}.", advice="%chat? explains it.") from None
        return self._verbs[verb](*rest)

    async def _answer(self, options: ChatOptions, prompt: str) -> Reply | Preview:
        self.session.forget_cells(host.deleted_cells())
        if options.dry_run:
            return await self.session.chat(options.chat).preview(prompt, **self._how(options))
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
        reply = self.session.ask(prompt, chat=options.chat, system=options.system, **self._how(options))
        if options.into is not None:
            self._shell.user_ns[options.into] = reply
        return reply

    @staticmethod
    def _how(options: ChatOptions) -> dict[str, Any]:
        """The arguments of `Chat.send` that the options stand for."""
        return {
            "model": options.model,
            "base_url": options.base_url,
            "stream": options.stream,
            "on_disconnect": options.on_disconnect,
            "alone": options.alone,
            "owner": host.cell_id(),
            **options.params,
        }

    def _status(self) -> Report:
        return status(self.session, run_to_end(self.session.endpoint()))

    def _models(self, where: str = "") -> Report:
        return models(*run_to_end(self.session.models(where)))

    def _history(self, name: str | None = None) -> Report:
        return history(*self.session.existing(name))

    def _reset(self, name: str | None = None) -> Report:
        name, chat = self.session.existing(name)
        turns = len(chat.conversation)
        chat.reset()
        return Report(f"Chat {name!r}: {turns} turns forgotten.")

    def _use(self, name: str) -> Report:
        self.session.current = name
        turns = len(self.session.chat().conversation)
        return Report(f"%%chat goes on with {name!r} now ({turns} turns).")

    def _fork(self, name: str, new: str | None = None) -> Report:
        _, chat = self.session.existing(name)
        new = new or f"{name}-2"
        if new in self.session.chats:
            raise ConfigError(f"There is a chat named {new!r} already.", advice="Choose another name.")
        self.session.chats[new] = chat.fork()
        return Report(f"Chat {new!r} starts with the {len(chat.conversation)} turns of {name!r}.")

    def _save(self, file: str, name: str | None = None) -> Report:
        name, chat = self.session.existing(name)
        path = path_inside(Path.cwd(), file)
        chat.save(path)
        return Report(f"Chat {name!r}: {len(chat.conversation)} turns saved in {file}.")

    def _load(self, file: str, name: str | None = None) -> Report:
        path = path_inside(Path.cwd(), file)
        if not path.is_file():
            raise ConfigError(f"There is no file {file!r} here.", advice="%chat save writes one.")
        chat = self.session.chat(name)
        loaded = read_transcript(path.read_text("utf-8"))
        chat.conversation.system = loaded.system
        chat.conversation.restore(tuple(loaded))
        return Report(f"Chat {name or self.session.current!r}: {len(chat.conversation)} turns loaded.")

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
