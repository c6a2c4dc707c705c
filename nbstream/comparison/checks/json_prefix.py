"""Tells whether a text that still grows can become JSON."""

from __future__ import annotations

import re
from typing import Literal

__all__ = ["JSONPrefix"]

Expected = Literal["value", "value or end", "key", "key or end", "colon", "comma or end", "nothing"]

_SPACE = re.compile(r"[ \t\n\r]*")
_PLAIN = re.compile(r'[^"\\\x00-\x1f]*')
_LITERAL_CHARS = re.compile(r"[a-z]*")
_NUMBER_CHARS = re.compile(r"[-+.0-9eE]*")
_NUMBER = re.compile(r"-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][-+]?[0-9]+)?")
_NUMBER_BEGUN = re.compile(
    r"-?(?:(?:0|[1-9][0-9]*)(?:\.(?:[0-9]+(?:[eE](?:[-+]?[0-9]*)?)?)?|[eE](?:[-+]?[0-9]*)?)?)?"
)
_LITERALS = ("true", "false", "null")
_ESCAPES = frozenset('"\\/bfnrt')
_HEX = frozenset("0123456789abcdefABCDEF")


class JSONPrefix:
    """Reads JSON bit by bit, and notices at the first character that it is not JSON.

    Attributes
    ----------
    broken : bool
        Whether no further text can make it JSON.

    Examples
    --------
    >>> prefix = JSONPrefix()
    >>> prefix.feed('{"a": tr')
    >>> prefix.broken, prefix.whole
    (False, False)
    >>> prefix.feed("ue}")
    >>> prefix.whole
    True
    >>> prefix.feed(" I hope that helps.")
    >>> prefix.broken
    True
    """

    def __init__(self) -> None:
        self.broken = False
        self._stack: list[str] = []
        self._expected: Expected = "value"
        self._in_string = False
        self._escape = ""
        self._word: str | None = None  # a number or literal that may go on

    @property
    def whole(self) -> bool:
        """Whether the text so far is JSON."""
        if self._word is not None:
            return not self.broken and not self._stack and bool(_NUMBER.fullmatch(self._word))
        return not self.broken and self._expected == "nothing"

    def feed(self, text: str) -> None:
        """Read more text."""
        place = 0
        while place < len(text) and not self.broken:
            place = self._step(text, place)

    def _step(self, text: str, place: int) -> int:
        if self._in_string:
            return self._string(text, place)
        if self._word is not None:
            return self._rest_of_word(self._word, text, place)
        place = _match(_SPACE, text, place)
        if place < len(text):
            self._char(text[place])
            return place if self._word is not None else place + 1
        return place

    def _string(self, text: str, place: int) -> int:
        if self._escape:
            self._escaped(text[place])
            return place + 1
        place = _match(_PLAIN, text, place)
        if place < len(text):
            if text[place] == "\\":
                self._escape = "\\"
            elif text[place] == '"':
                self._in_string = False
                self._after_string()
            else:
                self.broken = True
        return place + 1

    def _escaped(self, char: str) -> None:
        if self._escape == "\\":
            self._escape = "u" if char == "u" else ""
            self.broken = char != "u" and char not in _ESCAPES
        else:
            self._escape = self._escape + char if len(self._escape) < 4 else ""
            self.broken = char not in _HEX

    def _rest_of_word(self, begun: str, text: str, place: int) -> int:
        """Take more of a number or literal, which ends where another character follows."""
        is_literal = (begun or text[place])[0] in "tfn"
        end = _match(_LITERAL_CHARS if is_literal else _NUMBER_CHARS, text, place)
        self._word = word = begun + text[place:end]
        if is_literal:
            self.broken = not any(literal.startswith(word) for literal in _LITERALS)
        else:
            self.broken = not _NUMBER_BEGUN.fullmatch(word)
        if word in _LITERALS or end < len(text):
            self.broken = self.broken or not (word in _LITERALS or _NUMBER.fullmatch(word))
            self._word = None
            self._after_value()
        return end

    def _char(self, char: str) -> None:
        """A character at which a token begins."""
        expected = self._expected
        if char in "]}" and self._closes(char):
            self._stack.pop()
            self._after_value()
        elif expected in {"value", "value or end"}:
            self._value(char)
        elif char == '"' and expected in {"key", "key or end"}:
            self._in_string = True
        elif char == ":" and expected == "colon":
            self._expected = "value"
        elif char == "," and expected == "comma or end":
            self._expected = "key" if self._stack[-1] == "{" else "value"
        else:
            self.broken = True

    def _closes(self, char: str) -> bool:
        kind = {"]": "[", "}": "{"}[char]
        may_end = self._expected in {"comma or end", "key or end", "value or end"}
        return may_end and self._stack[-1:] == [kind]

    def _value(self, char: str) -> None:
        if char in "[{":
            self._stack.append(char)
            self._expected = "value or end" if char == "[" else "key or end"
        elif char == '"':
            self._in_string = True
        elif char in "-0123456789tfn":
            self._word = ""
        else:
            self.broken = True

    def _after_string(self) -> None:
        if self._expected in {"key", "key or end"}:
            self._expected = "colon"
        else:
            self._after_value()

    def _after_value(self) -> None:
        self._expected = "comma or end" if self._stack else "nothing"


def _match(pattern: re.Pattern[str], text: str, place: int) -> int:
    """Where a pattern that also matches nothing ends."""
    found = pattern.match(text, place)
    return found.end() if found else place
