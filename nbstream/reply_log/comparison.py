"""Two texts, compared word by word."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from html import escape
from typing import Literal

from nbstream.errors import ArgumentError
from nbstream.reply import Reply
from nbstream.reply_log.entry import LogEntry
from nbstream.reply_log.listing import log
from nbstream.views.inert import visible

__all__ = ["Change", "Diff", "diff"]

_UNSPACED = "\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af\u0e00-\u0e7f"
_WORDS = re.compile(rf"[{_UNSPACED}]|[^\W{_UNSPACED}]+|\s+|[^\w\s]")
# Above this, difflib ignores words that occur everywhere: otherwise it would take seconds.
_EXACT_WORDS = 2000
_STYLES = {
    "del": "background-color: rgba(248, 81, 73, 0.25)",
    "ins": "background-color: rgba(46, 160, 67, 0.25); text-decoration: none",
}

Change = tuple[Literal["same", "del", "ins"], str]
"""A piece of text, and whether both have it, only the first, or only the second."""


@dataclass(frozen=True, slots=True, repr=False)
class Diff:
    """A comparison of two texts. As a cell's value it is shown with its changes marked.

    Parameters
    ----------
    before, after
        The texts.
    titles
        What they are.

    Examples
    --------
    >>> Diff("It is cold in Oslo.", "It is mild in Oslo.")
    It is [-cold-]{+mild+} in Oslo.
    """

    before: str
    after: str
    titles: tuple[str, str] = ("", "")

    @property
    def changes(self) -> list[Change]:
        """The pieces of both texts, in order.

        Examples
        --------
        >>> Diff("one two", "one three").changes
        [('same', 'one '), ('del', 'two'), ('ins', 'three')]
        """
        return list(_joined(_line_changes(self.before, self.after)))

    @property
    def is_same(self) -> bool:
        """Whether the texts are equal."""
        return self.before == self.after

    def __repr__(self) -> str:
        marks = {"same": ("", ""), "del": ("[-", "-]"), "ins": ("{+", "+}")}
        text = "".join(f"{marks[kind][0]}{text}{marks[kind][1]}" for kind, text in self.changes)
        return visible("\n".join([*self._head(), text]))

    def _repr_html_(self) -> str:
        head = "".join(f"<div><small>{_safe(line)}</small></div>" for line in self._head())
        body = "".join(_marked(kind, text) for kind, text in self.changes)
        return f'{head}<div style="white-space: pre-wrap; overflow-wrap: anywhere">{body}</div>'

    def _head(self) -> list[str]:
        named = [f"{sign} {title}" for sign, title in zip("-+", self.titles, strict=True) if title]
        return [*named, *(["Both are the same."] if self.is_same else [])]


def diff(a: Reply | LogEntry | int | str, b: Reply | LogEntry | int | str, *, prompts: bool = False) -> Diff:
    """Compare two answers, two prompts or two texts word by word.

    Parameters
    ----------
    a, b
        Replies, entries of the log or their numbers; a string is compared as it is.
    prompts
        Whether to compare what was asked instead of the answers.

    Raises
    ------
    ArgumentError
        When there is no such reply.

    Examples
    --------
    >>> import nbstream
    >>> chat = nbstream.Chat("demo:nbstream-demo-fast")
    >>> first, second = chat.send("echo: It is cold").result(), chat.send("echo: It is mild").result()
    >>> nbstream.diff(first, second).changes[-2:]
    [('del', 'cold'), ('ins', 'mild')]
    """
    return Diff(_text(a, prompts=prompts), _text(b, prompts=prompts), (_title(a), _title(b)))


def _text(side: object, *, prompts: bool) -> str:
    if isinstance(side, str):
        return side
    if isinstance(side, Reply) and not prompts:
        return side.text
    entry = _entry(side)
    return entry.prompt if prompts else entry.text


def _title(side: object) -> str:
    if isinstance(side, str):
        return ""
    if isinstance(side, Reply):
        return side.model or "reply"
    return _entry(side).title


def _entry(side: object) -> LogEntry:
    if isinstance(side, LogEntry):
        return side
    if isinstance(side, Reply):
        return log().find(side.state.id)
    if isinstance(side, int) and not isinstance(side, bool):
        return log().find(side)
    raise ArgumentError(
        f"{type(side).__name__} cannot be compared.", advice="Pass replies, entries of the log or texts."
    )


def _line_changes(before: str, after: str) -> Iterator[Change]:
    """Lines first, then the words of those that differ: comparing all words would take too long."""
    old, new = before.splitlines(keepends=True), after.splitlines(keepends=True)
    for kind, left, right in _blocks(old, new, junk=False):
        if kind == "equal":
            yield "same", "".join(left)
        else:
            yield from _word_changes("".join(left), "".join(right))


def _word_changes(before: str, after: str) -> Iterator[Change]:
    old, new = _WORDS.findall(before), _WORDS.findall(after)
    for kind, left, right in _blocks(old, new, junk=max(len(old), len(new)) > _EXACT_WORDS):
        if kind == "equal":
            yield "same", "".join(left)
        else:
            yield "del", "".join(left)
            yield "ins", "".join(right)


def _blocks(
    old: Sequence[str], new: Sequence[str], *, junk: bool
) -> Iterator[tuple[str, Sequence[str], Sequence[str]]]:
    matcher = difflib.SequenceMatcher(None, old, new, autojunk=junk)
    for kind, start, end, other_start, other_end in matcher.get_opcodes():
        yield kind, old[start:end], new[other_start:other_end]


def _joined(changes: Iterator[Change]) -> Iterator[Change]:
    """Without empty pieces, and with neighbours of the same kind as one."""
    last: Change | None = None
    for kind, text in changes:
        if last is not None and last[0] == kind:
            last = (kind, last[1] + text)
        elif text:
            if last is not None:
                yield last
            last = (kind, text)
    if last is not None:
        yield last


def _marked(kind: str, text: str) -> str:
    safe = _safe(text)
    return safe if kind == "same" else f'<{kind} style="{_STYLES[kind]}">{safe}</{kind}>'


def _safe(text: str) -> str:
    return escape(visible(text))
