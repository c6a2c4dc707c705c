"""`%chat log`: the replies of the log, one of them, two compared, a rating, a file."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from pathlib import Path
from typing import NoReturn

from nbstream._util.files import path_inside
from nbstream.errors import ArgumentError
from nbstream.magic.reports import Report
from nbstream.reply_log import Diff, Log, LogEntry, diff, log

__all__ = ["LOG_OPTIONS", "LOG_VERBS", "run_log"]

LOG_VERBS = ("diff", "export", "open", "rate")
LOG_OPTIONS = ("--chat", "--model", "--rating", "--since", "--status")
_SCORES = {"up": 1, "+1": 1, "down": -1, "-1": -1, "none": 0, "0": 0}


def run_log(words: Sequence[str]) -> Log | LogEntry | Diff | Report:
    """Run one command.

    Parameters
    ----------
    words
        A verb and what follows it, or words to search and options. ``--`` comes before words to search that
        begin with a verb.

    Raises
    ------
    ConfigError
        Names what is wrong and what to do.
    """
    match list(words):
        case ["open", name]:
            return _entry(name)
        case ["diff", before, after]:
            return diff(_entry(before), _entry(after))
        case ["diff", *names] if names.count("--prompts") == 1 and len(names) == 3:
            before, after = (name for name in names if name != "--prompts")
            return diff(_entry(before), _entry(after), prompts=True)
        case ["rate", name, score, *note] if score in _SCORES:
            return _rate(_entry(name), _SCORES[score], " ".join(note))
        case ["export", file, *rest] if rest in ([], ["--overwrite"]):
            count = log().to_jsonl(path_inside(Path.cwd(), file), overwrite=bool(rest))
            return Report(f"{count:,} {'reply' if count == 1 else 'replies'} saved in {file}.")
        case [verb, *_] if verb in LOG_VERBS:
            raise ArgumentError(
                f"%chat log {verb} is used like this: {_USES[verb]}.", advice=_SEARCHED.format(verb)
            )
        case others:
            return _found(others)


_USES = {
    "diff": "%chat log diff 1 2, with --prompts for what was asked",
    "export": "%chat log export FILE.jsonl, with --overwrite to replace a file",
    "open": "%chat log open 1",
    "rate": "%chat log rate 1 up, or down or none, and a note",
}
_SEARCHED = "To search for these words, write %chat log -- {}."


class _Parser(argparse.ArgumentParser):
    def error(self, message: str) -> NoReturn:
        raise ArgumentError(f"%chat log: {message}.", advice="%chat? explains it.")


def _found(words: Sequence[str]) -> Log:
    """The replies that words and options look for."""
    parser = _Parser(add_help=False, allow_abbrev=False)
    for option in LOG_OPTIONS:
        parser.add_argument(option)
    parser.add_argument("words", nargs="*")
    given = vars(parser.parse_intermixed_args(words))
    rating = given["rating"]
    if rating is not None and rating not in _SCORES:
        raise ArgumentError(f"--rating {rating}: not a rating.", advice="Use up, down or none.")
    given |= {"words": " ".join(given["words"]), "rating": None if rating is None else _SCORES[rating]}
    return log(**given)


def _entry(name: str) -> LogEntry:
    return log().find(int(name) if name.isdecimal() else name)


def _rate(entry: LogEntry, score: int, note: str) -> Report:
    entry.rate(score, note)
    return Report(f"Reply {entry.number}: {f'rated {score:+d}' if score else 'rating removed'}.")
