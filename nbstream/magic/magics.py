"""The two magics, as a thin door: `%%chat` asks, `%chat` looks after the chats.

What they do is imported when they are first used, so that loading the extension is instant.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from IPython.core.interactiveshell import InteractiveShell
from IPython.core.magic import no_var_expand

from nbstream._util.running import run_to_end
from nbstream.errors import ArgumentError
from nbstream.magic.args import chat_arguments, parse
from nbstream.magic.words import continued

if TYPE_CHECKING:
    from nbstream.magic.session import Session
    from nbstream.reply import Reply

__all__ = ["ChatMagics"]


class ChatMagics:
    """The magics of one shell.

    Parameters
    ----------
    shell
        Where replies are put into variables.
    session
        Gives what the magics share.
    """

    def __init__(self, shell: InteractiveShell, session: Callable[[], Session]) -> None:
        self._shell = shell
        self._session = session

    @no_var_expand
    @chat_arguments("chat")
    def chat(self, line: str, cell: str) -> Any:
        """Ask a language model; the answer streams into the cell.

        The lines below are the prompt, sent as they stand: braces and dollar signs are only text.
        Above, an option may be {variable} or $variable, and a backslash at the end continues the line.
        The cell waits for the answer and fails if the request fails, so Run All stops there.
        Stop in the answer, or the interrupt button, keeps what has arrived.
        """
        line, cell = continued(line, cell)
        options = parse(self.chat.parser, line, self._shell.user_ns)  # type: ignore[attr-defined]
        prompt = cell.strip("\n").rstrip()
        if not prompt:
            raise ArgumentError("%%chat: the cell is empty.", advice="Write the prompt below the first line.")
        from nbstream.magic.asking import answer
        from nbstream.reply import Reply

        asking = answer(self._shell, self._session(), options, prompt)
        if options.awaited:
            return asking
        answered = run_to_end(asking)
        return self._noted(answered) if options.whole and isinstance(answered, Reply) else answered

    def _noted(self, reply: Reply) -> None:
        """Keep a reply as `_` and in `Out`; as the value of its cell it would leave an empty ``Out[n]:``."""
        self._shell.displayhook.update_user_ns(reply)
        self._shell.displayhook.fill_exec_result(reply)

    @no_var_expand
    def manage(self, line: str) -> Any:
        """Look after chats. A chat is named by NAME; the one in use is meant where NAME may be left out.

        To ask, use %%chat on the first line of a cell; %%chat? lists its options.

        %chat status               which endpoint and model answer, and the chats there are
        %chat models [PROVIDER]    the models of the endpoint in use, or of a provider
        %chat local [list]         models that run on this machine, and which are installed
        %chat local install NAME   download one (asks first; --yes agrees); remove NAME, path [NAME]
        %chat history [NAME]       the conversation, as it will be sent
        %chat continue [NAME]      go on with the last answer, where it was cut
        %chat reset [NAME]         forget a conversation
        %chat use NAME             go on with this chat where %%chat names none
        %chat fork NAME [NEW]      copy a chat
        %chat save FILE [NAME]     write the conversation: .jsonl to load again, .md to read;
                                   --overwrite replaces a file that is not a saved conversation
        %chat load FILE [NAME]     read a conversation that was saved as .jsonl; --replace gives up the
                                   turns that the chat has
        %chat stop                 stop all running answers, keeping what has arrived
        """
        from nbstream.magic.commands import Commands

        return Commands(self._session()).run(line)
