"""Data of events that is no JSON object: ends, heartbeats, words of the server, events glued together."""

from __future__ import annotations

import re

import jiter

__all__ = ["is_done", "is_heartbeat", "lines_of", "words"]

_SHOWN = 500
_CUT_JSON = re.compile(rb'[{"]|\[\s*(?:[\[{"\d\]]|$)')
_DONE = frozenset({b"[DONE]", b"DONE"})
_HEARTBEATS = frozenset({b"ping", b"pong", b"heartbeat", b"keepalive", b"keep-alive", b"keep alive"})


def is_done(data: bytes) -> bool:
    """Whether the data says that nothing more will come, in whichever spelling."""
    return data.strip(b' "').upper() in _DONE


def is_heartbeat(data: bytes) -> bool:
    """Whether the data says nothing but that the server is alive."""
    return not data or data.lower().strip(b'[]" ') in _HEARTBEATS


def words(data: bytes) -> str:
    """The text that the data is; empty where it is JSON of another kind, whole or cut.

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
    r"""The lines of data that is several events; empty where it is one.

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
