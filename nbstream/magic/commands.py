"""The commands of `%chat`: one function per verb, each returning a report or an answer."""

from __future__ import annotations

import difflib
import inspect
import itertools
import re
import shlex
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, TypeAlias

from IPython.core.interactiveshell import InteractiveShell

from nbstream._util.files import path_inside
from nbstream._util.running import run_to_end
from nbstream.conversation.conversation import Conversation
from nbstream.conversation.preview import Preview
from nbstream.conversation.transcript import read_transcript
from nbstream.cost.budget import as_dollars
from nbstream.errors import ArgumentError, DamagedFileError, DamagedTranscriptError, FileError, StateError
from nbstream.export import Code
from nbstream.magic.asking import continue_last, fix
from nbstream.magic.reports import Report, history, models, status
from nbstream.magic.session import Session
from nbstream.reply import Reply
from nbstream.samples import Samples
from nbstream.views.usage_table import UsageTable, budget_text, usage_of

if TYPE_CHECKING:
    from nbstream.comparison import Comparison
    from nbstream.reply_log import Diff, Log, LogEntry

__all__ = ["Commands"]

Result: TypeAlias = (
    "Report | Reply | Samples | Comparison | Preview | Code | UsageTable | Log | LogEntry | Diff"
)
"""What a command returns, for the cell to show."""


class Commands:
    """The verbs of `%chat`.

    Parameters
    ----------
    session
        The session.
    shell
        Its shell.
    """

    def __init__(self, session: Session, shell: InteractiveShell) -> None:
        self.session = session
        self._shell = shell
        self._verbs: dict[str, Callable[..., Result]] = {
            "budget": self._budget,
            "code": self._code,
            "continue": self._continue,
            "fix": self._fix,
            "fork": self._fork,
            "history": self._history,
            "load": self._load,
            "local": self._local,
            "log": self._log,
            "models": self._models,
            "record": self._record,
            "replay": self._replay,
            "reset": self._reset,
            "save": self._save,
            "status": self._status,
            "stop": self._stop,
            "usage": self._usage,
            "use": self._use,
        }

    def run(self, line: str) -> Result:
        """Run a line: a verb and its words, quoted as in a shell.

        Raises
        ------
        ConfigError
            Names the problem and the nearest valid word.
        """
        verb, *rest = _words(line) or ["status"]
        if verb not in self._verbs:
            near = difflib.get_close_matches(verb, self._verbs, n=1)
            hint = f"Did you mean %chat {near[0]}? " if near else ""
            verbs = ", ".join(self._verbs)
            raise ArgumentError(
                f"%chat has no command {verb!r}.", advice=f"{hint}Commands: {verbs}; %%chat sends prompts."
            )
        flags = _flags(self._verbs[verb], rest)
        words = [word for word in rest if word not in flags]
        if verb not in {"local", "log"} and (unknown := [word for word in words if word.startswith("--")]):
            raise ArgumentError(f"%chat {verb} has no option {unknown[0]}.", advice="%chat? explains it.")
        given = {flag.removeprefix("--").replace("-", "_"): True for flag in flags}
        try:
            inspect.signature(self._verbs[verb]).bind(*words, **given)
        except TypeError as error:
            raise ArgumentError(f"%chat {verb}: {error}.", advice="%chat? explains it.") from None
        return self._verbs[verb](*words, **given)

    def _continue(self, name: str | None = None) -> Reply:
        return run_to_end(continue_last(self.session, name))

    def _code(self, *words: str) -> Code:
        """The last request of a chat as code: ``[KIND] [-c NAME]``."""
        name, rest = _chat_option(words)
        kind = rest[0] if rest else "openai"
        if len(rest) > 1:
            raise ArgumentError(f"%chat code: {rest[1]!r} is too much.", advice="%chat code [KIND] [-c NAME]")
        name, chat = self.session.existing(name)
        answers = [turn.answer for turn in chat.conversation if isinstance(turn.answer, Reply)]
        if not answers:
            raise StateError(f"Chat {name!r} has no answer yet.", advice="Send a prompt first.")
        return answers[-1].to_code(kind)  # type: ignore[arg-type]

    def _fix(self, *words: str, dry_run: bool = False) -> Reply | Samples | Comparison | Preview:
        option = next((word for word in words if re.match("-[A-Za-z]", word)), None)
        if option:
            raise ArgumentError(
                f"%chat fix has no option {option}.",
                advice="Only --dry-run; model and chat are those in use.",
            )
        return run_to_end(fix(self._shell, self.session, " ".join(words), dry_run=dry_run))

    def _status(self) -> Report:
        return status(self.session, run_to_end(self.session.endpoint()))

    def _local(self, verb: str = "list", *words: str) -> Report:
        from nbstream.magic.local import run_local

        return run_local(verb, words)

    def _log(self, *words: str) -> Log | LogEntry | Diff | Report:
        from nbstream.magic.log import run_log

        return run_log(words)

    def _models(self, where: str = "") -> Report:
        return models(*run_to_end(self.session.models(where)))

    def _history(self, name: str | None = None) -> Report:
        return history(*self.session.existing(name))

    def _reset(self, name: str | None = None) -> Report:
        name, chat = self.session.existing(name)
        turns = len(chat.conversation)
        chat.reset()
        return Report(f"Chat {name!r}: {_turns(turns)} forgotten.")

    def _use(self, name: str) -> Report:
        self.session.current = name
        turns = len(self.session.chat().conversation)
        return Report(f"%%chat now uses {name!r} ({_turns(turns)}).")

    def _fork(self, name: str, new: str | None = None) -> Report:
        _, chat = self.session.existing(name)
        new = new or f"{name}-2"
        if new in self.session.chats:
            raise StateError(f"There is a chat named {new!r} already.", advice="Choose another name.")
        self.session.add(new, chat.fork())
        return Report(f"Chat {new!r} starts with the {_turns(len(chat.conversation))} of {name!r}.")

    def _save(self, file: str, name: str | None = None, *, overwrite: bool = False) -> Report:
        name, chat = self.session.existing(name)
        path = path_inside(Path.cwd(), file)
        try:
            chat.save(path, overwrite=overwrite)
        except OSError as error:
            advice = "Check that the folder exists and is writable."
            raise FileError(f"{file!r} cannot be written: {error.strerror}.", advice=advice) from error
        return Report(f"Chat {name!r}: {_turns(len(chat.conversation))} saved in {file}.")

    def _load(self, file: str, name: str | None = None, *, replace: bool = False) -> Report:
        path = path_inside(Path.cwd(), file)
        if not path.is_file():
            raise FileError(f"There is no file {file!r} here.", advice="%chat save writes one.")
        name = name or self.session.current
        before = len(self.session.chat(name).conversation)
        try:
            loaded = read_transcript(_text_of(path))
        except DamagedTranscriptError as damaged:
            rest = self._free_name(f"{name}-readable")
            self._fill(rest, damaged.conversation)
            turns = _turns(len(damaged.conversation))
            raise DamagedFileError(
                damaged.message, advice=f"The readable part, {turns}, is in the chat {rest!r}."
            ) from None
        if not replace:
            self._check_nothing_is_lost(name, loaded, file)
        self._fill(name, loaded)
        instead = f", replacing {_turns(before)}" if before else ""
        return Report(f"Chat {name!r}: {_turns(len(self.session.chat(name).conversation))} loaded{instead}.")

    def _check_nothing_is_lost(self, name: str, loaded: Conversation, file: str) -> None:
        """Check that a chat has no turns, or those of the file, so that a cell can be run twice.

        Raises
        ------
        ConfigError
            Names the ways to load the file anyway.
        """
        present = self.session.chat(name).conversation
        if len(present) and _texts(present) != _texts(loaded):
            other = self._free_name(f"{name}-loaded")
            raise StateError(
                f"Chat {name!r} has {_turns(len(present))}, which loading would replace.",
                advice=f"Load under another name: %chat load {shlex.quote(file)} {other}; or add --replace.",
            )

    def _fill(self, name: str, loaded: Conversation) -> None:
        chat = self.session.chat(name)
        chat.conversation.system = loaded.system
        chat.conversation.examples = loaded.examples
        chat.conversation.restore(tuple(loaded))

    def _free_name(self, name: str) -> str:
        names = itertools.chain([name], (f"{name}-{number}" for number in itertools.count(2)))
        return next(free for free in names if free not in self.session.chats)

    def _record(self, file: str = "") -> Report:
        from nbstream.magic.recording import run_recording

        return run_recording("record", file)

    def _replay(self, file: str = "", pace: str = "1") -> Report:
        from nbstream.magic.recording import run_recording

        return run_recording("replay", file, pace)

    def _usage(self) -> UsageTable:
        return usage_of(self.session.router.settings)

    def _budget(self, amount: str = "") -> Report:
        settings = self.session.router.settings
        if amount:
            settings.budget = None if amount == "off" else float(as_dollars(amount))
        return Report(budget_text(settings))

    def _stop(self) -> Report:
        stopped = self.session.stop()
        answers = "1 running answer" if stopped == 1 else f"{stopped} running answers"
        return Report(f"{answers} stopped." if stopped else "Nothing is running.")


def _flags(verb: Callable[..., object], words: list[str]) -> list[str]:
    """The flags of a verb among the words: its keyword-only arguments."""
    parameters = inspect.signature(verb).parameters.values()
    only = [parameter.name for parameter in parameters if parameter.kind is parameter.KEYWORD_ONLY]
    names = {f"--{name.replace('_', '-')}" for name in only}
    return [word for word in words if word in names]


def _chat_option(words: Sequence[str]) -> tuple[str | None, list[str]]:
    """The chat named by ``-c``, and the other words."""
    rest = list(words)
    if "-c" not in rest:
        return None, rest
    place = rest.index("-c")
    if place + 1 == len(rest):
        raise ArgumentError("-c needs the name of a chat.", advice="For example: -c draft")
    name = rest[place + 1]
    return name, rest[:place] + rest[place + 2 :]


def _words(line: str) -> list[str]:
    words = line.split()
    if words[:1] == ["fix"]:
        return words  # a sentence, in which an apostrophe is not a quotation mark
    try:
        return shlex.split(line)
    except ValueError as error:
        advice = "Close the quotation mark, or put it between quotation marks of the other kind."
        raise ArgumentError(f"%chat: {error}.", advice=advice) from None


def _texts(conversation: Conversation) -> list[object]:
    """All messages of a conversation."""
    versions = [version for turn in conversation for version in turn.versions]
    texts = [(version.user.as_dict(), version.answer.text, version.answer.status) for version in versions]
    return [conversation.system, conversation.examples, *texts]


def _text_of(path: Path) -> str:
    try:
        return path.read_text("utf-8")
    except UnicodeDecodeError:
        raise DamagedFileError(
            f"{path.name} is not UTF-8 text, so it is not a saved conversation.",
            advice="%chat save FILE.jsonl writes one.",
        ) from None
    except OSError as error:
        raise FileError(f"{path.name!r} cannot be read: {error.strerror}.") from error


def _turns(count: int) -> str:
    return "1 turn" if count == 1 else f"{count} turns"
