"""Cuts the JSON out of a growing text: whole rows as soon as they close, and the row that is still open.

The scanner only finds where a value begins and ends; jiter and pydantic read the value. That way text around
the JSON, ``NaN`` and one malformed row cost no other row, and the text of the open row is at hand.
"""

from __future__ import annotations

import re

__all__ = ["RowScanner"]

_DOCUMENT = re.compile(r"[\[{]\s*")
_STRUCTURE = re.compile(r'["{}\[\],]')
_IN_STRING = re.compile(r'[^"\\]*(?:\\.[^"\\]*)*', re.DOTALL)
_BETWEEN_ROWS = re.compile(r"[\s,]*")
_OPENING = {"}": "{", "]": "["}
_IN_OBJECT = frozenset('"}')
_IN_LIST = frozenset('{["]-0123456789tfnNI')
_IN_LIST_OF_OBJECTS = frozenset("{]")
_MOST_SPACE = 1000
_KEY_CHARS = 64


class RowScanner:
    """Follows a text and returns the JSON values in it, as text.

    Parameters
    ----------
    key
        Name of the list in the object around the rows. Empty where the answer is one object.
    objects
        Whether each row is an object: then a ``[1]`` in prose is not taken for a list of rows.

    Attributes
    ----------
    found : bool
        Whether JSON has begun.
    complete : bool
        Whether a JSON value has ended.

    Examples
    --------
    >>> scanner = RowScanner("rows")
    >>> scanner.feed('Here: [{"a": 1}, {"a"')
    ['{"a": 1}']
    >>> scanner.open, scanner.feed(": 2}]")
    ('{"a"', ['{"a": 2}'])
    """

    def __init__(self, key: str = "", *, objects: bool = True) -> None:
        self._key = key
        self._starts = {"{": _IN_OBJECT, "[": _IN_LIST_OF_OBJECTS if objects else _IN_LIST}
        self.restart()

    def restart(self) -> None:
        """Look for JSON again: another answer follows."""
        self.found = self.complete = self._done = False
        self._stack: list[str] = []
        self._level = 0  # depth inside the list of rows; 0 outside of it
        self._in_rows = False  # whether this document had a list of rows
        self._is_open = False
        self._held: list[str] = []
        self._before = ""  # what may be the beginning of a document
        self._in_string = self._escaped = False
        self._count = 0  # rows of this document

    @property
    def held(self) -> list[str]:
        """The parts of that text. Only grows; another list for another value."""
        return self._held

    @property
    def open(self) -> str:
        """The text of the value that has begun and not ended; empty if there is none."""
        return "".join(self._held) if self._is_open else ""

    def feed(self, text: str) -> list[str]:
        """Take more text, and return the values that it completes."""
        if self._done:
            return []
        if self._before:
            text, self._before = self._before + text, ""
        self._text, self._at, self._start = text, 0, 0
        self._closed: list[str] = []
        while self._at < len(text) and not self._done:
            if self._in_string:
                self._pass_string()
            elif not self._stack:
                self._find_document()
            elif self._level == len(self._stack) and not self._is_open:
                self._find_row()
            else:
                self._step()
        if self._is_open and self._start < len(text):
            self._held.append(text[self._start :])
        return self._closed

    def _find_document(self) -> None:
        """Go to the next bracket that begins JSON, not prose."""
        found = _DOCUMENT.search(self._text, self._at)
        if found is None:
            self._at = len(self._text)
            return
        bracket, after = found[0][0], found.end()
        if after == len(self._text):  # the next character decides
            self._before = found[0] if len(found[0]) < _MOST_SPACE else ""
            self._at = after
        elif (bracket == "[" and not self._key) or self._text[after] not in self._starts[bracket]:
            self._at = found.start() + 1
        else:
            self._begin(found.start(), bracket)

    def _begin(self, start: int, bracket: str) -> None:
        self.found, self.complete, self._stack = True, False, [bracket]
        self._in_rows = bracket == "["
        self._level = 1 if self._in_rows else 0
        self._count = 0
        self._at, self._start, self._is_open = start + 1, start, not self._in_rows

    def _find_row(self) -> None:
        self._at = self._start = _BETWEEN_ROWS.match(self._text, self._at).end()  # type: ignore[union-attr]
        if self._at < len(self._text):
            if self._text[self._at] in _OPENING:
                self._at += 1
                self._close(self._text[self._at - 1])
            else:
                self._is_open = True

    def _step(self) -> None:
        """Go to the next character that has a meaning outside of strings."""
        found = _STRUCTURE.search(self._text, self._at)
        if found is None:
            self._at = len(self._text)
            return
        mark, self._at = found[0], found.end()
        if mark == '"':
            self._in_string = True
        elif mark in _OPENING:
            self._close(mark)
        elif mark == ",":
            if self._is_scalar():
                self._emit(self._at - 1)
        elif mark == "[" and self._opens_rows():
            self._stack.append(mark)
            self._level, self._in_rows, self._is_open, self._held = 2, True, False, []
        else:
            self._stack.append(mark)

    def _pass_string(self) -> None:
        if self._escaped:
            self._at, self._escaped = self._at + 1, False
        self._at = _IN_STRING.match(self._text, self._at).end()  # type: ignore[union-attr]
        if self._at == len(self._text):
            return
        self._escaped = self._text[self._at] == "\\"
        self._in_string = self._escaped
        self._at += 1
        if not self._escaped and self._is_scalar():
            self._emit(self._at)

    def _close(self, mark: str) -> None:
        """Take a closing bracket; one without its opening bracket is part of a malformed row."""
        floor = self._level if self._is_open and not self._is_scalar() else 0
        depth = len(self._stack) - 1
        while depth >= floor and self._stack[depth] != _OPENING[mark]:
            depth -= 1
        if depth < floor:
            return
        if self._is_scalar():
            self._emit(self._at - 1)
        del self._stack[depth:]
        if self._level and depth == self._level:
            self._emit(self._at)
        elif depth < self._level:
            self._level = 0
        if not self._stack:
            self._end_document()

    def _end_document(self) -> None:
        """Decide whether more may follow: after an empty value, or after one of several lines of objects."""
        empty = not self._count if self._in_rows else self._at - self._start == 2 and not self._held
        if self._is_open:
            self._emit(self._at)
        self.complete = True
        self._done = not empty and (self._in_rows or not self._key)

    def _emit(self, end: int) -> None:
        self._closed.append("".join([*self._held, self._text[self._start : end]]))
        self._count += 1
        self._held, self._is_open = [], False

    def _is_scalar(self) -> bool:
        """Whether the open row is neither a list nor an object: it ends with a comma or the list."""
        return self._is_open and self._level == len(self._stack) > 0

    def _opens_rows(self) -> bool:
        """Whether the bracket just passed begins the list of rows in the object around them."""
        if not self._key or self._in_rows or self._stack != ["{"]:
            return False
        before = self._text[max(self._start, self._at - 1 - _KEY_CHARS) : self._at - 1]
        for part in reversed(self._held):
            if len(before) >= _KEY_CHARS:
                break
            before = part + before
        return re.search(rf'[{{,]\s*"{self._key}"\s*:\s*$', before) is not None
