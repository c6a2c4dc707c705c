"""Event data that is not a JSON object: end marks, heartbeats, plain text, events joined together."""

from __future__ import annotations

import re

import jiter

__all__ = ["is_done", "is_heartbeat", "lines_of", "words"]

_SHOWN = 500
_CUT_JSON = re.compile(rb'[{"]|\[\s*(?:[\[{"\d\]]|$)')
_DONE = frozenset({b"[DONE]", b"DONE"})
_HEARTBEATS = frozenset({b"ping", b"pong", b"heartbeat", b"keepalive", b"keep-alive", b"keep alive"})


def is_done(data: bytes) -> bool:
    """Whether the data is an end mark, in any spelling."""
    return data.strip(b' "').upper() in _DONE


def is_heartbeat(data: bytes) -> bool:
    """Whether the data is only a heartbeat."""
    return not data or data.lower().strip(b'[]" ') in _HEARTBEATS


def words(data: bytes) -> str:
    """The data as text; empty if it is other JSON, complete or truncated.

    Examples
    --------
    >>> words(b"Service overloaded"), words(b'"busy"'), words(b"123"), words(b'{"choi')
    ('Service overloaded', 'busy', '', '')
    """
    try:
        value = jiter.from_json(data)
    except ValueError:
        value = "" if _CUT_JSON.match(data) else data[:_SHOWN].decode("utf-8", "replace")
    return value[:_SHOWN] if isinstance(value, str) else ""


def lines_of(data: bytes) -> list[bytes]:
    r"""The lines of data that consists of several events; empty if it is one event.

    Some servers leave out the blank line between events, which makes them one.

    Examples
    --------
    >>> lines_of(b'\n{"a": 1}\nodd\n[DONE]'), lines_of(b'{\n"a": 1\n')
    ([b'{"a": 1}', b'odd', b'[DONE]'], [])
    """
    lines = [line for line in data.split(b"\n") if line.strip()] if b"\n" in data else []
    return lines if any(map(_is_event, lines)) else []


def _is_event(line: bytes) -> bool:
    if line.lstrip()[:1] != b"{":
        return is_done(line)
    try:
        jiter.from_json(line)
    except ValueError:
        return False
    return True
