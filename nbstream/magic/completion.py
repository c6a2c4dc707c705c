"""Completion of options and models on the first line of a `%%chat` cell; the prompt below is left alone."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any

from IPython.core.completer import CompletionContext, SimpleCompletion, context_matcher

from nbstream.local import MODELS, installed
from nbstream.magic.args import option_names
from nbstream.providers import PROVIDERS

if TYPE_CHECKING:
    from nbstream.session import Session

__all__ = ["chat_matcher"]

_MODEL_OPTIONS = frozenset({"-m", "--model"})
_CHAT_OPTIONS = frozenset({"-c", "--chat"})
_LOCAL_VERBS = ("install", "list", "path", "remove")
_VERBS = ("continue", "fork", "history", "load", "local", "models", "reset", "save", "status", "stop", "use")


def chat_matcher(session: Callable[[], Session]) -> Callable[[CompletionContext], Any]:
    """A matcher for IPython's completer that knows the models and chats of the session that it is given."""

    @context_matcher(identifier="nbstream.chat")  # type: ignore[untyped-decorator]
    def matcher(context: CompletionContext) -> Any:
        before = context.full_text.split("\n")[0][: context.cursor_position]
        magic = re.match(r"\s*(%%?)(?:nb)?chat\s", before)
        if magic is None or context.cursor_line:
            return {"completions": []}
        fragment = re.search(r"\S*$", before)[0]  # type: ignore[index]
        words = before[magic.end() : len(before) - len(fragment)].split()
        found = [w for w in _candidates(session(), magic[1], words, fragment) if w.startswith(fragment)]
        return {
            "completions": [SimpleCompletion(word, type="param") for word in found],
            "suppress": bool(found),
            "matched_fragment": fragment,
            "ordered": True,
        }

    return matcher  # type: ignore[no-any-return]


def _candidates(session: Session, magic: str, words: list[str], fragment: str) -> Iterable[str]:
    if magic == "%":
        return _words_of_manage(session, words)
    last = words[-1] if words else ""
    if last in _MODEL_OPTIONS:
        return _models(session)
    if last in _CHAT_OPTIONS:
        return sorted(session.chats)
    return option_names() if fragment.startswith("-") else ()


def _words_of_manage(session: Session, words: list[str]) -> Iterable[str]:
    if not words:
        return _VERBS
    if words[0] == "local":
        return _LOCAL_VERBS if len(words) == 1 else MODELS
    return sorted(session.chats)


def _models(session: Session) -> list[str]:
    """Models that were listed in this session, those on this machine, then the providers' own defaults."""
    listed = [f"{provider}:{name}" for provider, names in session.known_models.items() for name in names]
    presets = [f"{name}:{preset.model}" for name, preset in PROVIDERS.items()]
    here = [f"local:{name}" for name in installed()]
    return list(dict.fromkeys([*listed, *here, *presets, "demo"]))
