"""Assigns tool-call deltas to calls.

The API numbers the calls of an answer by ``index``. Servers leave the index or the id out, give every call
the same one, cut names into fragments, or repeat complete calls. Here each call gets its own number, from 0
in the order in which they start, so that readers of the events need not guess. In doubt a call ends up with
unreadable arguments and does not run: better than running a call that the model did not make.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from nbstream.types.events import ToolCallDelta

__all__ = ["CallAssembler", "CallPart"]

_KNOWN = frozenset({"index", "id", "type", "function", "name", "arguments"})
_KNOWN_OF_FUNCTION = frozenset({"name", "arguments"})


@dataclass(frozen=True, slots=True)
class CallPart:
    """The part of a call in one delta.

    Parameters
    ----------
    key
        Index of the call given by the server; None if there is none.
    id, name
        Empty if the delta has none; a name may be a fragment.
    arguments
        Text to append to the arguments.
    extra
        Other fields of the call, which are sent back to the server.
    """

    key: object = None
    id: str = ""
    name: str = ""
    arguments: str = ""
    extra: Mapping[str, Any] | None = None

    @classmethod
    def of(cls, call: Mapping[str, Any]) -> CallPart:
        """Read an element of ``tool_calls``; some servers omit the ``function`` object.

        Examples
        --------
        >>> CallPart.of({"index": "0", "function": {"name": "add", "arguments": {"a": 1}}})
        CallPart(key=0, id='', name='add', arguments='{"a": 1}', extra=None)
        """
        inner = call.get("function")
        function = inner if isinstance(inner, Mapping) else call
        extra = {name: value for name, value in call.items() if name not in _KNOWN}
        if function is inner:
            unknown = {name: value for name, value in inner.items() if name not in _KNOWN_OF_FUNCTION}
            extra |= {"function": unknown} if unknown else {}
        return cls(
            _index(call.get("index")),
            _text(call.get("id")),
            _text(function.get("name")),
            _arguments(function.get("arguments")),
            extra or None,
        )


@dataclass(slots=True, eq=False)
class _Call:
    """A call received so far."""

    number: int
    id: str = ""
    name: str = ""
    parts: list[str] = field(default_factory=list)

    @property
    def arguments(self) -> str:
        return "".join(self.parts)

    def is_complete(self) -> bool:
        """Whether the arguments are a complete JSON object, so that nothing can be appended."""
        if not self.parts or not self.parts[-1].rstrip().endswith("}"):
            return False
        try:
            return isinstance(json.loads(self.arguments), dict)
        except (ValueError, RecursionError):
            return False

    def add_name(self, name: str) -> bool:
        """Add a name or a fragment of it; return whether it changed the name."""
        before = self.name
        if not before or (not self.parts and name.startswith(before)):
            self.name = name
        elif not self.parts:
            self.name += name
        return self.name != before


class CallAssembler:
    """Numbers the calls of one answer.

    Examples
    --------
    >>> calls = CallAssembler()
    >>> first = calls.take([CallPart(0, "a", "add", "{}")], at=0.1)
    >>> second = calls.take([CallPart(0, "b", "add", "{}")], at=0.2)  # a new id on an index that is taken
    >>> [delta.index for delta in (*first, *second)]
    [0, 1]
    """

    def __init__(self) -> None:
        self._calls: list[_Call] = []
        self._by_key: dict[object, _Call] = {}
        self._by_id: dict[str, _Call] = {}

    def __len__(self) -> int:
        return len(self._calls)

    def take(self, parts: list[CallPart], at: float, choice: int = 0) -> Iterator[ToolCallDelta]:
        """Add the calls of one chunk: each element belongs to a different call."""
        touched: list[_Call] = []
        for part in parts:
            call = self._current(part)
            if call is not None and _is_repeated(call, part) and call not in touched:
                touched.append(call)
                continue
            if call is None or (part.name and call in touched) or _begins_another(call, part):
                call = self._begin(part)
            touched.append(call)
            yield self._delta(call, part, at, choice)

    def _current(self, part: CallPart) -> _Call | None:
        if part.key is not None:
            return self._by_key.get(part.key)
        if part.id:
            return self._by_id.get(part.id)
        return self._calls[-1] if self._calls else None

    def _begin(self, part: CallPart) -> _Call:
        call = _Call(len(self._calls))
        self._calls.append(call)
        if part.key is not None:
            self._by_key[part.key] = call
        return call

    def _delta(self, call: _Call, part: CallPart, at: float, choice: int) -> ToolCallDelta:
        new_id = part.id if not call.id else ""
        if new_id:
            call.id = new_id
            self._by_id[new_id] = call
        named = bool(part.name) and call.add_name(part.name)
        if part.arguments:
            call.parts.append(part.arguments)
        name = call.name if named else None
        return ToolCallDelta(at, call.number, new_id or None, name, part.arguments, choice, part.extra)


def _begins_another(call: _Call, part: CallPart) -> bool:
    """Whether a delta with a known id starts a new call; only a delta with a name can."""
    if not part.name:
        return False
    if part.id and call.id and part.id != call.id:
        # Some servers send a different id with each delta of one call.
        return part.name != call.name or not call.parts or call.is_complete()
    if not call.parts:
        return False
    return part.name != call.name or (bool(part.arguments) and call.is_complete())


def _is_repeated(call: _Call, part: CallPart) -> bool:
    """Whether a delta repeats a complete call, as some servers do at the end: it must not run twice."""
    same = part.name == call.name and part.id in {"", call.id} and bool(part.arguments)
    return same and part.arguments == call.arguments and call.is_complete()


def _index(value: object) -> int | None:
    if isinstance(value, bool):
        return None
    if isinstance(value, str) and value.isdecimal():
        return int(value)
    return int(value) if isinstance(value, int | float) and value == value // 1 else None


def _text(value: object) -> str:
    return value if isinstance(value, str) else ""


def _arguments(value: object) -> str:
    """Arguments are JSON text; some servers send the value itself."""
    if value is None or isinstance(value, str):
        return value or ""
    return json.dumps(value, ensure_ascii=False)
