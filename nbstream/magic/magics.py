"""The two magics: `%%chat` sends prompts, `%chat` manages chats.

Their implementation is imported on first use, so that the extension loads quickly.
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
    from nbstream.comparison import Comparison
    from nbstream.magic.session import Session
    from nbstream.reply import Reply
    from nbstream.samples import Samples

__all__ = ["ChatMagics"]


class ChatMagics:
    """The magics of one shell.

    Parameters
    ----------
    shell
        Shell whose variables receive replies.
    session
        Returns the session.
    """

    def __init__(self, shell: InteractiveShell, session: Callable[[], Session]) -> None:
        self._shell = shell
        self._session = session

    @no_var_expand
    @chat_arguments("chat")
    def chat(self, line: str, cell: str) -> Any:
        """Send a prompt to a language model and stream the answer into the cell.

        The lines below are the prompt. An expression in double braces, {{ name }}, is replaced by its value;
        all else is sent unchanged, and --raw sends double braces too. Options may be {variable} or $variable,
        and a backslash at the end continues the line. The cell waits for the answer and fails if the request
        fails, so Run All stops there. Stop in the answer, or the interrupt button, keeps the partial answer.
        """
        line, cell = continued(line, cell)
        options = parse(self.chat.parser, line, self._shell.user_ns)  # type: ignore[attr-defined]
        prompt = cell.strip("\n").rstrip()
        if not prompt:
            raise ArgumentError("%%chat: the cell is empty.", advice="Write the prompt below the first line.")
        from nbstream.conversation.preview import Preview
        from nbstream.magic.asking import answer

        asking = answer(self._shell, self._session(), options, prompt)
        if options.awaited:
            return asking
        answered = run_to_end(asking)
        return answered if not options.whole or isinstance(answered, Preview) else self._noted(answered)

    def _noted(self, reply: Reply | Samples | Comparison) -> None:
        """Keep it as `_` and in `Out`; as the value of its cell it would leave an empty ``Out[n]:``."""
        self._shell.displayhook.update_user_ns(reply)
        self._shell.displayhook.fill_exec_result(reply)

    @no_var_expand
    def expect(self, line: str, cell: str) -> Any:
        """Check the last answer, or that of a variable or a chat. The cell fails if a check does not pass.

        %%expect [NAME | -c CHAT]
        One check on each line, lines with # are comments:

        contains: TEXT, icontains: TEXT, starts-with: TEXT, equals: TEXT, regex: PATTERN, is-json,
        contains-json, max-chars: N, cost: DOLLARS, latency: MS; each also as not-…
        schema: NAME               the answer matches a schema, a variable of the notebook
        judge: RUBRIC              a model says that the answer is good, by this rubric
        same-verdict               each check passes or fails as when the recording was made
        """
        from nbstream.magic.expecting import expect

        return expect(self._session(), self._shell.user_ns, line, cell)

    @no_var_expand
    def manage(self, line: str) -> Any:
        """Manage chats. NAME is the name of a chat; where it is optional, the default is the chat in use.

        To ask, use %%chat on the first line of a cell; %%chat? lists its options.

        %chat status               the endpoint and model in use, and all chats
        %chat models [PROVIDER]    the models of the endpoint in use, or of a provider
        %chat local [list]         models that run on this machine, and which are installed
        %chat local install NAME   download one (asks first; --yes agrees); remove NAME, path [NAME]
        %chat usage                tokens and prices of this session, by chat and model
        %chat budget [AMOUNT|off]  what this session may spend, in US dollars
        %chat history [NAME]       the conversation, as it will be sent
        %chat code [KIND] [-c NAME]
                                   the last request as a script; KIND is openai, httpx, curl or
                                   nbstream
        %chat continue [NAME]      continue the last answer, if it was cut off
        %chat fix [WORDS]          ask about the last error of the notebook; --dry-run shows what is sent
        %chat log [WORDS]          the replies of the session with these words in prompt or answer; also
                                   --model M, --chat NAME, --since 2d, --rating up, --status failed
        %chat log open N           one of them; diff N M compares two, --prompts what was asked
        %chat log rate N up [NOTE] rate an answer up, down or none
        %chat log export FILE      write the log as JSON lines
        %chat record FILE|off      record requests and their responses from now on, without secrets
        %chat replay FILE [PACE]   answer requests from a recording; PACE 0 is at once, 4 four times as fast
        %chat reset [NAME]         remove all turns
        %chat use NAME             use this chat by default
        %chat fork NAME [NEW]      copy a chat
        %chat save FILE [NAME]     write the conversation: .jsonl to load again, .md to read;
                                   --overwrite replaces a file that is not a saved conversation
        %chat load FILE [NAME]     read a conversation saved as .jsonl; --replace replaces existing
                                   turns
        %chat stop                 stop all running answers, keeping their text
        """
        from nbstream.magic.commands import Commands

        return Commands(self._session(), self._shell).run(line)
