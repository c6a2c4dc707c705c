"""Checks of the text: what it contains, equals or matches, and how long it is."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from nbstream.comparison.checks.check import Check, Follower, Row
from nbstream.comparison.checks.expected import Expected
from nbstream.comparison.checks.outcome import Outcome, failed, passed
from nbstream.errors import ArgumentError
from nbstream.reply import Reply

__all__ = ["contains", "equals", "icontains", "max_chars", "regex", "starts_with"]

# What gives nothing back may take more of a longer text, and so miss what it matched before.
_LOOKS_AHEAD = re.compile(r"\$|\\[Zz]|\(\?[=!>]|[*+?}]\+")
_BOUNDARY = re.compile(r"\\[bB]")
_GROWTH = 8


def contains(text: str | None = None) -> Check:
    """Whether the answer contains a text; by default the row's column ``expected``.

    Examples
    --------
    >>> contains("Oslo")
    <Check contains: Oslo>
    """
    return _Compared("contains", text, _Contains)


def icontains(text: str | None = None) -> Check:
    """As `contains`, whatever the case of the letters.

    Examples
    --------
    >>> icontains("oslo").follow({}).feed("OSLO", 0.1).status
    'pass'
    """
    return _Compared("icontains", text, lambda wanted: _Contains(wanted.casefold(), str.casefold))


def equals(text: str | None = None) -> Check:
    """Whether the answer is exactly a text; by default the row's column ``expected``.

    Examples
    --------
    >>> follower = equals().follow({"expected": "positive"})
    >>> follower.feed("pos", 0.1), follower.feed("sible", 0.2).status
    (None, 'fail')
    """
    return _Compared("equals", text, _Equals)


def starts_with(text: str | None = None) -> Check:
    """Whether the answer begins with a text; by default the row's column ``expected``.

    Examples
    --------
    >>> starts_with("Yes").follow({}).feed("No", 0.1).status
    'fail'
    """
    return _Compared("starts-with", text, _StartsWith)


def regex(pattern: str | None = None) -> Check:
    """Whether a regular expression matches somewhere in the answer.

    A match is certain before the end where the pattern does not look at what follows it.

    Raises
    ------
    ArgumentError
        When it is not a regular expression.

    Examples
    --------
    >>> follower = regex(r"[0-9]{4}").follow({})
    >>> follower.feed("In 19", 0.1), follower.feed("69", 0.2).status
    (None, 'pass')
    """
    if pattern is not None and "{{" not in pattern:
        _compiled(pattern)
    return _Compared("regex", pattern, lambda found: _Regex(_compiled(found)))


def max_chars(limit: int) -> Check:
    """Whether the answer has at most so many characters.

    Raises
    ------
    ArgumentError
        When the limit is not a number above 0.

    Examples
    --------
    >>> max_chars(5).follow({}).feed("too long", 0.1).reason
    'It has more than 5 characters.'
    """
    if isinstance(limit, bool) or not isinstance(limit, int) or limit < 1:
        raise ArgumentError(f"max_chars({limit!r}) is not a number above 0.")
    return _MaxChars(limit)


class _Compared(Check):
    """A check that compares with a text."""

    def __init__(self, name: str, text: str | None, begin: Callable[[str], Follower]) -> None:
        self._expected = Expected(name, text)
        super().__init__(self._expected.name)
        self._type = name
        self._begin = begin

    def follow(self, row: Row) -> Follower:
        return self._begin(self._expected.of(row))

    def as_promptfoo(self) -> dict[str, Any]:
        return {"type": self._type, "value": self._expected.template}


class _Contains(Follower):
    def __init__(self, wanted: str, fold: Callable[[str], str] = str) -> None:
        self._wanted = wanted
        self._fold = fold
        self._tail = ""
        self._found = not wanted

    def feed(self, delta: str, at: float) -> Outcome | None:
        if not self._found:
            text = self._tail + self._fold(delta)
            self._found = self._wanted in text
            self._tail = text[max(0, len(text) - len(self._wanted) + 1) :]
        return passed() if self._found else None

    def end(self, reply: Reply) -> Outcome:
        return passed() if self._found else failed(f"It does not contain {self._wanted!r}.")


class _Equals(Follower):
    def __init__(self, wanted: str) -> None:
        self._wanted = wanted
        self._length = 0
        self._equal = True

    def feed(self, delta: str, at: float) -> Outcome | None:
        self._equal = self._equal and self._wanted.startswith(delta, self._length)
        self._length += len(delta)
        return None if self._equal else self._other()

    def end(self, reply: Reply) -> Outcome:
        return passed() if self._equal and self._length == len(self._wanted) else self._other()

    def _other(self) -> Outcome:
        return failed(f"It is not {self._wanted!r}.")


class _StartsWith(Follower):
    def __init__(self, wanted: str) -> None:
        self._wanted = wanted
        self._text = ""

    def feed(self, delta: str, at: float) -> Outcome | None:
        if len(self._text) < len(self._wanted):
            self._text += delta
        if self._text.startswith(self._wanted):
            return passed()
        return None if self._wanted.startswith(self._text) else self._other()

    def end(self, reply: Reply) -> Outcome:
        return passed() if self._text.startswith(self._wanted) else self._other()

    def _other(self) -> Outcome:
        return failed(f"It does not begin with {self._wanted!r}.")


class _Regex(Follower):
    def __init__(self, pattern: re.Pattern[str]) -> None:
        self._pattern = pattern
        self._certain = not _LOOKS_AHEAD.search(pattern.pattern)
        self._boundary = bool(_BOUNDARY.search(pattern.pattern))
        self._parts: list[str] = []
        self._length = self._searched = 0

    def feed(self, delta: str, at: float) -> Outcome | None:
        self._parts.append(delta)
        self._length += len(delta)
        # A search begins at the start each time: it is done after some growth, to stay linear altogether.
        if not self._certain or self._length - self._searched < self._searched / _GROWTH:
            return None
        self._searched = self._length
        match = self._pattern.search(self._joined())
        if match is None or (self._boundary and match.end() == self._length):
            return None
        return passed()

    def end(self, reply: Reply) -> Outcome:
        if self._pattern.search(self._joined()):
            return passed()
        return failed(f"It does not match {self._pattern.pattern!r}.")

    def _joined(self) -> str:
        self._parts = ["".join(self._parts)]
        return self._parts[0]


class _MaxChars(Check):
    def __init__(self, limit: int) -> None:
        super().__init__(f"max-chars: {limit}")
        self._limit = limit

    def follow(self, row: Row) -> Follower:
        return _MaxCharsFollower(self._limit)

    def as_promptfoo(self) -> dict[str, Any]:
        return {"type": "javascript", "value": f"[...output].length <= {self._limit}"}


class _MaxCharsFollower(Follower):
    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._length = 0

    def feed(self, delta: str, at: float) -> Outcome | None:
        self._length += len(delta)
        return failed(f"It has more than {self._limit:,} characters.") if self._length > self._limit else None

    def end(self, reply: Reply) -> Outcome:
        return self.feed("", 0.0) or passed()


def _compiled(pattern: str) -> re.Pattern[str]:
    try:
        return re.compile(pattern)
    except re.error as error:
        raise ArgumentError(f"{pattern!r} is not a regular expression: {error}.") from None
