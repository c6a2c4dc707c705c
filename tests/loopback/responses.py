"""Scripts for the usual responses."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from http import HTTPStatus
from typing import Any

from tests.loopback.steps import Close, Hold, Pause, Reset, Send, Step

END_OF_CHUNKS = b"0\r\n\r\n"

# A dict is sent as an event of its JSON, text as an event of that data, bytes as they are.
Piece = Mapping[str, Any] | str | bytes | Step


def times(count: int, *pieces: Piece) -> list[Piece]:
    """The same pieces again and again."""
    return [*pieces] * count


def head(status: int, headers: Mapping[str, str]) -> bytes:
    """Status line and headers, up to and including the empty line."""
    lines = [f"HTTP/1.1 {status} {HTTPStatus(status).phrase}"]
    lines += [f"{name}: {value}" for name, value in headers.items()]
    return "\r\n".join([*lines, "", ""]).encode("latin-1")


def response(status: int, body: bytes, headers: Mapping[str, str] | None = None) -> list[Step]:
    """A whole response with its length; the connection stays open for the next request."""
    length = {"content-length": str(len(body))}
    return [Send(head(status, length | dict(headers or {})) + body)]


def json_response(status: int, value: object, headers: Mapping[str, str] | None = None) -> list[Step]:
    """A whole response of JSON."""
    content_type = {"content-type": "application/json"}
    return response(status, json.dumps(value).encode(), content_type | dict(headers or {}))


def sse_response(
    pieces: Iterable[Piece], *, chunked: bool = True, headers: Mapping[str, str] | None = None
) -> list[Step]:
    """A stream of events with status 200, one write (and one HTTP chunk) per piece.

    Parameters
    ----------
    pieces
        A dict becomes an event of its JSON, a `str` an event of that data, `bytes` go out as they
        are, and a step is done where it stands. ``[DONE]`` is not added: say so where it is wanted.
    chunked
        Whether the body is framed in chunks, ended by a last one unless the pieces end in a `Close`,
        `Reset` or `Hold`; else it ends as the connection does.
    headers
        Further headers, or other values of ``content-type``.
    """
    framing = {"transfer-encoding": "chunked"} if chunked else {"connection": "close"}
    fields = {"content-type": "text/event-stream"} | framing | dict(headers or {})
    steps: list[Step] = [Send(head(200, fields))]
    steps += [_step(piece, chunked=chunked) for piece in pieces]
    if not isinstance(steps[-1], Close | Reset | Hold):
        steps.append(Send(END_OF_CHUNKS) if chunked else Close())
    return steps


def _step(piece: Piece, *, chunked: bool) -> Step:
    if isinstance(piece, Send | Pause | Hold | Close | Reset):
        return piece
    data = _event(piece)
    return Send(b"%x\r\n%b\r\n" % (len(data), data) if chunked else data)


def _event(piece: Mapping[str, Any] | str | bytes) -> bytes:
    if isinstance(piece, bytes):
        return piece
    data = piece if isinstance(piece, str) else json.dumps(piece)
    return f"data: {data}\n\n".encode()
