"""`%chat local`: manages the models that run on this machine."""

from __future__ import annotations

import difflib
from collections.abc import Sequence

from nbstream._util.interrupts import interruptible
from nbstream.errors import ArgumentError, ConfigError, StateError
from nbstream.local.manage import install_model, list_models, model_path, remove_model
from nbstream.magic.reports import Report, with_table

__all__ = ["run_local"]

_YES = frozenset({"-y", "--yes"})
_COLUMNS = ("model", "download", "licence", "state", "good for")


def run_local(verb: str, words: Sequence[str]) -> Report:
    """Run one verb.

    Parameters
    ----------
    verb
        ``list``, ``install``, ``remove`` or ``path``.
    words
        What follows it: the name of a model, and ``--yes`` to agree to a download.

    Raises
    ------
    ConfigError
        Names what is wrong and what to do.
    """
    names = [word for word in words if word not in _YES]
    match verb, names:
        case "list", []:
            return with_table("Models that run on this machine's own CPU:", _COLUMNS, list_models())
        case "install", [] | [_]:
            agreed = len(names) < len(words)
            return Report(install_model("".join(names), (lambda _: True) if agreed else _ask))
        case "remove", [name]:
            return Report(remove_model(name))
        case "path", [] | [_]:
            return Report(model_path("".join(names)))
    raise _usage(verb)


def _ask(question: str) -> bool:
    from IPython.core.error import StdinNotImplementedError

    try:
        with interruptible():
            return input(f"{question} [y/N] ").strip().lower() in {"y", "yes"}
    except (StdinNotImplementedError, EOFError):
        raise StateError(
            f"{question} This input is not interactive.", advice="Add --yes to confirm."
        ) from None


def _usage(verb: str) -> ConfigError:
    verbs = ("list", "install", "remove", "path")
    near = difflib.get_close_matches(verb, verbs, n=1)
    hint = f"Did you mean %chat local {near[0]}? " if near and near[0] != verb else ""
    return ArgumentError(
        f"%chat local {verb} is not complete." if verb in verbs else f"%chat local has no command {verb!r}.",
        advice=f"{hint}Commands: list, install [NAME] [--yes], remove NAME and path [NAME].",
    )
