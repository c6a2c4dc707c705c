"""An object as lines of a tree, one for each field in it, as soon as the field is complete."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from nbstream.structured.values import read_json

__all__ = ["GrowingTree", "Leaf", "flattened"]

_DEEPEST = 8
_TOKEN = re.compile(r'\s*([{}\[\],:]|"[^"\\]*(?:\\.[^"\\]*)*"|[^\s{}\[\],:"]+)', re.DOTALL)


class Leaf(NamedTuple):
    """One line of a tree.

    Parameters
    ----------
    path
        The names on the way to it.
    value
        Its value. Of an object or list with anything in it, nothing: its parts follow.
    is_branch
        Whether its parts follow.
    """

    path: tuple[str, ...]
    value: Any = None
    is_branch: bool = False


def flattened(value: Any, path: tuple[str, ...] = ()) -> Iterator[Leaf]:
    """The lines of a whole value.

    Examples
    --------
    >>> [(".".join(leaf.path), leaf.value) for leaf in flattened({"a": [1, {}], "b": None})]
    [('a', None), ('a.0', 1), ('a.1', {}), ('b', None)]
    """
    named = value.items() if isinstance(value, dict) else enumerate(value)
    for name, part in named:
        at = (*path, str(name))
        if not isinstance(part, dict | list) or not part:
            yield Leaf(at, part)
        else:
            yield _branch(at, part)
            yield from flattened(part, at) if len(at) <= _DEEPEST else ()


@dataclass(slots=True)
class _Level:
    """An object or list that is still open."""

    path: tuple[str, ...]
    empty: Any
    is_written: bool
    index: int = 0


@dataclass(slots=True)
class GrowingTree:
    """Follows the JSON of an object, whose cost per character does not grow with its length.

    Attributes
    ----------
    leaves : list of Leaf
        The lines that are complete. Only grows.

    Examples
    --------
    >>> tree = GrowingTree()
    >>> tree.feed('{"a": {"b": 1, "c": "tw')
    >>> [leaf.path for leaf in tree.leaves], [leaf.value for leaf in tree.open()]
    ([('a',), ('a', 'b')], ['tw'])
    """

    leaves: list[Leaf] = field(default_factory=list)
    _levels: list[_Level] = field(default_factory=list)
    _name: str | None = None  # of the value that comes next
    _rest: str = ""

    def feed(self, text: str) -> None:
        """Take more text."""
        text, at = self._rest + text, 0
        while found := _TOKEN.match(text, at):
            if found.end() == len(text) and found[1][0] not in '{}[],:"':
                break  # a number may continue
            self._take(found[1])
            at = found.end()
        self._rest = text[at:]

    def open(self) -> list[Leaf]:
        """The lines of the value that is still open; none between two values."""
        level = self._levels[-1] if self._levels else None
        rest = self._rest.strip()
        if level is None or (self._name is None if level.empty == {} else not rest):
            return []
        lines = [_branch(level.path, level.empty) for level in self._levels if not level.is_written]
        value = read_json(rest, partial=True)
        lines.append(Leaf(self._path(level), "" if value is None else value))
        return [line for line in lines if len(line.path) <= _DEEPEST + 1]

    def _take(self, mark: str) -> None:
        level = self._levels[-1] if self._levels else None
        if mark in {"{", "["}:
            self._begin(mark, level)
        elif level is None or mark == ":":
            return
        elif mark in {"}", "]"}:
            self._end(level)
        elif mark == ",":
            self._name = None
            level.index += 1
        elif level.empty == {} and self._name is None:
            self._name = str(read_json(mark))
        else:
            self._write(Leaf(self._path(level), read_json(mark)))

    def _begin(self, bracket: str, level: _Level | None) -> None:
        path = () if level is None else self._path(level)
        self._levels.append(_Level(path, {} if bracket == "{" else [], level is None))
        self._name = None

    def _end(self, level: _Level) -> None:
        self._levels.pop()
        if not level.is_written:
            self._write(Leaf(level.path, level.empty))
        self._name = None

    def _write(self, leaf: Leaf) -> None:
        """Write a line, and before it those of the objects and lists around it that were empty so far."""
        for level in self._levels:
            if not level.is_written:
                level.is_written = True
                self._append(_branch(level.path, level.empty))
        self._append(leaf)
        self._name = None

    def _append(self, leaf: Leaf) -> None:
        if len(leaf.path) <= _DEEPEST + 1:
            self.leaves.append(leaf)

    def _path(self, level: _Level) -> tuple[str, ...]:
        return (*level.path, str(level.index) if self._name is None else self._name)


def _branch(path: tuple[str, ...], kind: Any) -> Leaf:
    """The line of an object or list that is not empty; of one that is too deep, all that is shown of it."""
    if len(path) > _DEEPEST:
        return Leaf(path, "{…}" if isinstance(kind, dict) else "[…]")
    return Leaf(path, is_branch=True)
