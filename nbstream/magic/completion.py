"""Completion in `%%chat` cells: options and models on the first line, variables within braces below."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from inspect import isfunction
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from IPython.core.completer import CompletionContext, SimpleCompletion, context_matcher
from IPython.core.interactiveshell import InteractiveShell

from nbstream.local import MODELS
from nbstream.magic.args import choices_of, option_names
from nbstream.magic.choices import chat_choices, model_choices
from nbstream.magic.columns import ROW, columns_of
from nbstream.magic.listing import ModelListing
from nbstream.magic.variable_completion import VariableCompleter, open_expression

if TYPE_CHECKING:
    from nbstream.magic.session import Session

__all__ = ["chat_matcher"]

_LINE_MAGIC = re.compile(r"\s*%(?:nb)?chat\s(.*)", re.DOTALL)
_CELL_MAGIC = re.compile(r"\s*%%(?:nb)?chat(?=\s)((?:[^\n]*\\[^\S\n]*\n)*[^\n]*)")
"""With the lines that continue its first line."""
_CONTINUED = re.compile(r"\\[^\S\n]*\n")
_OVER = re.compile(r"(?:^|\s)--over[\s=]\s*(\w+)")
_MODEL_OPTIONS = frozenset({"-m", "--model"})
_CHAT_OPTIONS = frozenset({"-c", "--chat"})
_FLAGS = {"load": ("--replace",), "save": ("--overwrite",), "fix": ("--dry-run",)}
_LOCAL_VERBS = ("install", "list", "path", "remove")
_INTO_OPTIONS = frozenset({"-o", "--into"})
_CODE_KINDS = ("curl", "httpx", "nbstream", "openai")
_VERBS = (
    *("budget", "code", "continue", "fix", "fork", "history", "load", "local", "log", "models"),
    *("record", "replay", "reset", "save", "status", "stop", "usage", "use"),
)


def chat_matcher(
    session: Callable[[], Session], shell: InteractiveShell
) -> Callable[[CompletionContext], Any]:
    """A matcher for a shell's completer with the models and chats of a session, and the variables."""
    listing, completer = ModelListing(session), VariableCompleter(shell)

    @context_matcher(identifier="nbstream.chat")  # type: ignore[untyped-decorator]
    def matcher(context: CompletionContext) -> Any:
        typed = _Typed.read(context)
        if typed is None:
            return {"completions": []}
        if typed.prompt is not None:
            return _in_prompt(completer, typed.prompt, _columns(typed.line, shell.user_ns))
        words, fragment = _words(typed.line)
        candidates = _Candidates(session(), listing, shell.user_ns)
        found = [w for w in candidates.after(typed.magic, words, fragment) if w.startswith(fragment)]
        return {
            "completions": [SimpleCompletion(word, type="param") for word in found],
            "suppress": bool(found),
            "matched_fragment": fragment,
            "ordered": True,
        }

    return matcher  # type: ignore[no-any-return]


class _Typed(NamedTuple):
    """What is typed before the cursor.

    Parameters
    ----------
    magic
        ``%`` or ``%%``.
    line
        What follows the name of the magic, with the lines that continue it.
    prompt
        The lines below that; None while the cursor is in the line.
    """

    magic: str
    line: str
    prompt: str | None

    @classmethod
    def read(cls, context: CompletionContext) -> _Typed | None:
        """None where the magics of nbstream have no say."""
        lines = context.full_text.split("\n")[: context.cursor_line + 1]
        lines[-1] = lines[-1][: context.cursor_position]
        if line := _LINE_MAGIC.fullmatch(lines[-1]):
            return cls("%", line[1], None)
        text = "\n".join(lines)
        cell = _CELL_MAGIC.match(text)
        if cell is None:
            return None
        return cls("%%", _CONTINUED.sub(" ", cell[1]), None if cell[0] == text else text[cell.end() + 1 :])


def _words(line: str) -> tuple[list[str], str]:
    """The words of a line up to the cursor, and the beginning of the one that is typed."""
    *words, fragment = re.split(r"\s+", line.lstrip())
    if fragment.startswith("--") and "=" in fragment:
        option, _, fragment = fragment.partition("=")
        words.append(option)
    return words, fragment


def _columns(line: str, variables: Mapping[str, Any]) -> list[str]:
    """The names that the rows of ``--over`` define."""
    table = _OVER.search(line)
    columns = columns_of(variables.get(table[1])) if table else None
    return [] if columns is None else [*columns, ROW]


def _in_prompt(completer: VariableCompleter, prompt: str, columns: Sequence[str]) -> Any:
    """The completions in the prompt of a cell: of variables within braces, otherwise none."""
    expression = open_expression(prompt)
    if expression is None:
        return {"completions": []}
    found = completer.complete(expression, columns)
    return {
        "completions": found.completions,
        "suppress": True,
        "matched_fragment": found.fragment,
        "ordered": True,
    }


class _Candidates(NamedTuple):
    """The possible completions.

    Parameters
    ----------
    session
        Holds the chats and the listed models.
    listing
        Lists the models of the endpoint in use.
    variables
        The notebook variables.
    """

    session: Session
    listing: ModelListing
    variables: Mapping[str, Any]

    def after(self, magic: str, words: list[str], fragment: str) -> Iterable[str]:
        """The possible words after these words of a line."""
        if magic == "%":
            return self._words_of_manage(words)
        last = words[-1] if words else ""
        if last in _MODEL_OPTIONS:
            self.listing.refresh()
            return model_choices(self.session)
        if last in _CHAT_OPTIONS:
            return chat_choices(self.session)
        if last == "--schema":
            return self._schemas()
        if last == "--over":
            return self._tables()
        if last == "--tools":
            return self._functions(fragment)
        if last in _INTO_OPTIONS:
            return self._replies()
        if last == "--store":
            return _files(fragment)
        if last in {"--image", "--file"}:
            return self._inputs(fragment)
        return choices_of(last) or (option_names() if fragment.startswith("-") else ())

    def _words_of_manage(self, words: list[str]) -> Iterable[str]:
        if not words:
            return _VERBS
        if words[0] == "local":
            return _LOCAL_VERBS if len(words) == 1 else MODELS
        if words[0] == "log":
            return self._words_of_log(words[1:])
        if words[0] in {"record", "replay"}:
            return _recordings()
        if words[0] == "code" and words[-1] not in _CHAT_OPTIONS:
            return [*_CODE_KINDS, "-c"]
        return [*sorted(self.session.chats), *_FLAGS.get(words[0], ())]

    def _words_of_log(self, words: list[str]) -> Iterable[str]:
        from nbstream.magic.log import LOG_OPTIONS, LOG_VERBS

        last = words[-1] if words else ""
        match words, last:
            case _, "--model":
                return model_choices(self.session)
            case _, "--chat":
                return chat_choices(self.session)
            case _, "--rating" | "--status":
                return ("up", "down", "none") if last == "--rating" else ("finished", "stopped", "failed")
            case ["open" | "diff" | "rate"] | ["diff", _], _:
                return self._numbers()
            case ["rate", _], _:
                return ("up", "down", "none")
            case ["export", *_], _:
                return ("--overwrite",)
        return [*(() if words else LOG_VERBS), *LOG_OPTIONS]

    def _numbers(self) -> list[str]:
        """The latest replies of the log."""
        from nbstream.reply_log import log

        return [str(entry.number) for entry in reversed(log().latest())]

    def _functions(self, fragment: str) -> list[str]:
        """Functions of the notebook, after those already named."""
        named, comma, _ = fragment.rpartition(",")
        mine = (name for name, value in self.variables.items() if isfunction(value))
        return [f"{named}{comma}{name}" for name in sorted(mine) if not name.startswith("_")]

    def _inputs(self, fragment: str) -> list[str]:
        """Variables of the notebook, and the files of the folder that was typed."""
        named, comma, typed = fragment.rpartition(",")
        values = {name for name, value in self.variables.items() if not callable(value) and name[0] != "_"}
        return [f"{named}{comma}{word}" for word in [*sorted(values), *_files(typed)]]

    def _schemas(self) -> list[str]:
        """Classes of the notebook, as an object and as a table."""
        mine = sorted(n for n, value in self.variables.items() if isinstance(value, type) and n[:1] != "_")
        return [*mine, *(f"list[{name}]" for name in mine)]

    def _tables(self) -> list[str]:
        """Variables that hold a table."""
        kinds = {"DataFrame", "LazyFrame", "Table", "list"}
        found = [name for name, value in self.variables.items() if type(value).__name__ in kinds]
        return sorted(name for name in found if not name.startswith("_"))

    def _replies(self) -> list[str]:
        """Variables that hold a reply, or names that one may have."""
        mine = [name for name, value in self.variables.items() if type(value).__name__ == "Reply"]
        return sorted(name for name in mine if not name.startswith("_")) or ["reply", "answer"]


def _files(typed: str) -> list[str]:
    """Files and folders of the folder that was typed; those with a space would need quotation marks."""
    try:
        found = [
            f"{entry}/" if entry.is_dir() else str(entry)
            for entry in Path(typed.rpartition("/")[0] or ".").iterdir()
        ]
    except OSError:
        return []
    return sorted(file for file in found if " " not in file and not Path(file).name.startswith("."))


def _recordings() -> list[str]:
    """Files that may be recordings, and the word that ends the use of one."""
    return ["off", *sorted(path.name for path in Path.cwd().glob("*.jsonl"))]
