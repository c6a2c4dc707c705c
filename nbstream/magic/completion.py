"""Completion in `%%chat` cells: options and models on the first line, variables within braces below."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from inspect import isfunction
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from IPython.core.completer import CompletionContext, SimpleCompletion, context_matcher
from IPython.core.interactiveshell import InteractiveShell

from nbstream.local import MODELS, installed
from nbstream.magic.args import choices_of, option_names
from nbstream.magic.listing import ModelListing
from nbstream.magic.variable_completion import VariableCompleter, open_expression
from nbstream.providers.presets import PROVIDERS

if TYPE_CHECKING:
    from nbstream.magic.session import Session

__all__ = ["chat_matcher"]

_MODEL_OPTIONS = frozenset({"-m", "--model"})
_CHAT_OPTIONS = frozenset({"-c", "--chat"})
_FLAGS = {"load": ("--replace",), "save": ("--overwrite",), "fix": ("--dry-run",)}
_LOCAL_VERBS = ("install", "list", "path", "remove")
_INTO_OPTIONS = frozenset({"-o", "--into"})
_NAMED = frozenset({"demo", "azure", "local"})
"""Provider prefixes that are not presets."""
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
        first = context.full_text.split("\n")[0]
        before = first if context.cursor_line else first[: context.cursor_position]
        magic = re.match(r"\s*(%%?)(?:nb)?chat\s", before + "\n" * bool(context.cursor_line))
        if magic is None:
            return {"completions": []}
        if context.cursor_line:
            return _in_prompt(completer, context)
        fragment = re.search(r"\S*$", before)[0]  # type: ignore[index]
        words = before[magic.end() : len(before) - len(fragment)].split()
        candidates = _Candidates(session(), listing, shell.user_ns)
        found = [w for w in candidates.after(magic[1], words, fragment) if w.startswith(fragment)]
        return {
            "completions": [SimpleCompletion(word, type="param") for word in found],
            "suppress": bool(found),
            "matched_fragment": fragment,
            "ordered": True,
        }

    return matcher  # type: ignore[no-any-return]


def _in_prompt(completer: VariableCompleter, context: CompletionContext) -> Any:
    """The completions in the prompt of a cell: of variables within braces, otherwise none."""
    lines = context.full_text.split("\n")[1 : context.cursor_line + 1]
    prompt = "\n".join([*lines[:-1], lines[-1][: context.cursor_position]])
    expression = open_expression(prompt)
    if expression is None:
        return {"completions": []}
    found = completer.complete(expression)
    return {"completions": found.completions, "suppress": True, "matched_fragment": found.fragment}


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
            return self._models()
        if last in _CHAT_OPTIONS:
            return sorted(self.session.chats)
        if last == "--schema":
            return self._schemas()
        if last == "--over":
            return self._tables()
        if last == "--tools":
            return self._functions(fragment)
        if last in _INTO_OPTIONS:
            return self._replies()
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
                return self._models()
            case _, "--chat":
                return sorted(self.session.chats)
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

    def _models(self) -> list[str]:
        """Models that were listed in this session, those on this machine, then the defaults of providers."""
        listed = [
            f"{provider}:{name}" if provider in PROVIDERS or provider in _NAMED else name
            for provider, names in self.session.known_models.items()
            for name in names
        ]
        presets = [f"{name}:{preset.model}" for name, preset in PROVIDERS.items()]
        here = [f"local:{name}" for name in installed()]
        return list(dict.fromkeys([*listed, *here, *presets, "demo"]))

    def _functions(self, fragment: str) -> list[str]:
        """Functions of the notebook, after those already named."""
        named, comma, _ = fragment.rpartition(",")
        mine = (name for name, value in self.variables.items() if isfunction(value))
        return [f"{named}{comma}{name}" for name in sorted(mine) if not name.startswith("_")]

    def _inputs(self, fragment: str) -> list[str]:
        """Variables of the notebook, and the files of the folder that was typed."""
        named, comma, typed = fragment.rpartition(",")
        folder = typed.rpartition("/")[0]
        values = {name for name, value in self.variables.items() if not callable(value) and name[0] != "_"}
        try:
            files = [f"{entry}/" if entry.is_dir() else str(entry) for entry in Path(folder or ".").iterdir()]
        except OSError:
            files = []
        shown = [file for file in files if " " not in file and not Path(file).name.startswith(".")]
        return [f"{named}{comma}{word}" for word in [*sorted(values), *sorted(shown)]]

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


def _recordings() -> list[str]:
    """Files that may be recordings, and the word that ends the use of one."""
    return ["off", *sorted(path.name for path in Path.cwd().glob("*.jsonl"))]
