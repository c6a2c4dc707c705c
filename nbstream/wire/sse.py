r"""Server-Sent Events: bytes in, events out. No I/O, no clock; the content is not interpreted.

Follows the event-stream format of the HTML standard, section 9.2.6, with four differences required
by real servers: an event that is still open when the stream ends is delivered (providers forget
the blank line); consecutive JSON objects on separate lines are several events (some servers leave
out all blank lines); a field named ``error`` is an event of that name (llama.cpp); and lines that belong to
no event are kept for diagnosis (an HTML page, a JSON body).

Examples
--------
>>> decoder = SSEDecoder()
>>> decoder.feed(b"data: Hel")
[]
>>> decoder.feed(b"lo\n\n")
[ServerSentEvent(data=b'Hello', event='message', id='', retry=None)]
"""

from __future__ import annotations

from typing import NamedTuple

from nbstream.types.limits import MEBIBYTE

__all__ = ["SSEDecoder", "ServerSentEvent"]

_BOM = b"\xef\xbb\xbf"
_LINE_COST = 8  # memory of an empty line
_PARTIAL_LINE = 4096
"""Longest partial line that is parsed again: one that arrives in many pieces would cost its square."""


class ServerSentEvent(NamedTuple):
    """One event of the stream.

    Parameters
    ----------
    data
        The joined data lines, not decoded: a chunk is parsed from bytes, and what is not valid UTF-8 is
        judged there.
    event
        Its name.
    id
        The last id of the stream.
    retry
        Milliseconds that the server asks to wait before a reconnect.
    """

    data: bytes
    event: str = "message"
    id: str = ""
    retry: int | None = None


class SSEDecoder:
    """Incremental decoder of one stream.

    Parameters
    ----------
    max_event_bytes
        Limit for one line, for the data of one event and for the stray lines, so that an endless line
        cannot fill the memory.

    Attributes
    ----------
    stray : bytearray
        Lines outside any event: what a server sends instead of a stream.
    overflowed : bool
        Whether the limit was exceeded. Earlier events were delivered; later ones are not.
    """

    def __init__(self, max_event_bytes: int = 16 * MEBIBYTE) -> None:
        self._limit = max_event_bytes
        self._open_line = bytearray()
        self._after_cr = False
        self._started = False
        self._data: list[bytes] = []
        self._data_size = 0
        self._event = ""
        self._id = ""
        self._retry: int | None = None
        self.stray = bytearray()
        self.overflowed = False

    def take_partial_line(self) -> bytes | None:
        """The bytes of an event of which only the start of its first line was read.

        None if more of it was read, so that only `feed` can take the next bytes.
        """
        if self._data or self._event or self._after_cr or self.overflowed or not self._started:
            return None
        if len(self._open_line) > _PARTIAL_LINE:
            return None
        beginning = bytes(self._open_line)
        self._open_line.clear()
        return beginning

    def feed(self, data: bytes) -> list[ServerSentEvent]:
        """Take the next bytes of the stream and return the events that they complete."""
        lines = [] if self.overflowed else self._split(data)
        return self._events(lines) if lines else []

    def flush(self) -> list[ServerSentEvent]:
        """Take the end of the stream: an unfinished line counts as a line, an open event as an event."""
        line = bytes(self._open_line)
        self._open_line.clear()
        return [] if self.overflowed else self._events([self._without_bom(line), b""])

    def _split(self, data: bytes) -> list[bytes]:
        """Complete lines without their ends; CR, LF and CRLF may be mixed and cut anywhere."""
        if self._after_cr and data:
            # CRLF may be split between two reads: the LF then belongs to the line ended by the CR.
            self._after_cr = False
            if data[:1] == b"\n":
                data = data[1:]
        if not data:
            return []
        lines = data.splitlines()  # `bytes.splitlines` splits only at CR, LF and CRLF
        last = data[-1]
        self._after_cr = last == 0x0D
        rest = b"" if last in b"\r\n" else lines.pop()
        if lines and self._open_line:
            lines[0] = bytes(self._open_line) + lines[0]
            self._open_line.clear()
        self._open_line += rest
        if len(self._open_line) > self._limit:
            self.overflowed = True
        if lines and not self._started:
            lines[0] = self._without_bom(lines[0])
        return lines

    def _without_bom(self, line: bytes) -> bytes:
        started, self._started = self._started, True
        return line if started else line.removeprefix(_BOM)

    def _events(self, lines: list[bytes]) -> list[ServerSentEvent]:
        events: list[ServerSentEvent] = []
        for line in lines:
            if line[:6] == b"data: ":
                if self._data and self._is_next(line[6:]):
                    events.append(self._dispatch())
                self._add_data(line[6:])
            elif line:
                if self._data and line[:6] == b"error:":
                    events.append(self._dispatch())
                self._field(line)
            elif self._data_size > self._limit:
                break
            elif self._data:
                events.append(self._dispatch())
            else:
                self._event = ""
        if self._data_size > self._limit:
            self.overflowed = True
        return events

    def _add_data(self, value: bytes) -> None:
        self._data.append(value)
        self._data_size += len(value) + _LINE_COST

    def _is_next(self, value: bytes) -> bool:
        """Whether this data starts another event without the blank line before it.

        No JSON value has a line that ends in ``}`` before one that begins with ``{`` or ``[``.
        """
        return self._data[-1][-1:] == b"}" and value[:1] in {b"{", b"["}

    def _dispatch(self) -> ServerSentEvent:
        data = self._data[0] if len(self._data) == 1 else b"\n".join(self._data)
        event = ServerSentEvent(data, self._event or "message", self._id, self._retry)
        self._data, self._data_size, self._event = [], 0, ""
        return event

    def _field(self, line: bytes) -> None:
        name, _, value = line.partition(b":")
        value = value.removeprefix(b" ")
        if name == b"data":
            self._add_data(value)
        elif name == b"error" and value:  # llama.cpp reports an error in a non-standard field
            self._event = "error"
            self._add_data(value)
        elif name == b"event":
            self._event = value.decode("utf-8", "replace")
        elif name == b"id":
            self._id = self._id if b"\0" in value else value.decode("utf-8", "replace")
        elif name == b"retry":
            self._retry = int(value) if value.isdigit() and len(value) < 10 else self._retry
        elif name:
            self._keep_stray(line)

    def _keep_stray(self, line: bytes) -> None:
        self.stray += line + b"\n"
        if len(self.stray) > self._limit:
            self.overflowed = True
