"""Joins the chunks of an HTTP/1.1 response that arrive together.

A server sends each token in a separate chunk, and an HTTP client passes each chunk through all its layers.
Here the bytes of one read become one chunk, below the client.
"""

from __future__ import annotations

import re
from collections.abc import Callable

__all__ = ["BrokenChunkError", "MergedChunks"]

_HEAD_BYTES = 1 << 17
_SIZE_BYTES = 256
_SIZE = re.compile(rb"([0-9A-Fa-f]{1,16})(?:;[^\r\n]*)?")
_END_OF_HEAD = re.compile(rb"\n\r?\n")
_CODINGS = re.compile(rb"\ntransfer-encoding:[ \t]*([^\r\n]*)", re.IGNORECASE)
_CONTENT_CODING = re.compile(rb"\ncontent-encoding:", re.IGNORECASE)
_FINAL_STATUS = re.compile(rb"HTTP/1\.1 [2-9]\d\d")
_INFORMATIONAL = re.compile(rb"HTTP/1\.1 1\d\d")


class BrokenChunkError(Exception):
    """A chunk does not end where its size says."""


class MergedChunks:
    r"""Rewrites the bytes of one response so that fewer chunks hold the same body.

    Everything else passes unchanged: the head, bodies that are not chunked, compressed bodies (the client
    keeps what it unpacked before a damaged chunk), the end of the body, and malformed sizes, which the client
    judges. No byte of the body waits for a later one.

    Examples
    --------
    >>> chunks = MergedChunks()
    >>> head = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
    >>> chunks.feed(head) == head
    True
    >>> chunks.feed(b"3\r\nabc\r\n2\r\nde\r\n5\r\nfg")
    b'7\r\nabcdefg\r\n'
    >>> chunks.feed(b"hij\r\n0\r\n\r\n")
    b'3\r\nhij\r\n0\r\n\r\n'
    """

    def __init__(self) -> None:
        self._pending = b""
        self._left = 0
        self._ending = False  # the line break after a chunk is next
        self._take: Callable[[bytes], bytes] = self._take_head

    def feed(self, data: bytes) -> bytes:
        """The bytes for the client; empty where no byte of the body is complete yet.

        Raises
        ------
        BrokenChunkError
            Once all bytes before the broken end have been returned.
        """
        return self._take(data)

    def _take_head(self, data: bytes) -> bytes:
        """Pass the head on; what follows it is the body."""
        self._pending += data
        found = _END_OF_HEAD.search(self._pending)
        if found is None:
            if len(self._pending) > _HEAD_BYTES:
                self._stop_merging()
            return data
        head, body = self._pending[: found.end()], self._pending[found.end() :]
        self._pending = b""
        passed = data[: len(data) - len(body)]
        if _INFORMATIONAL.match(head):
            return passed + self._take_head(body)
        self._take = self._take_chunks if _can_be_merged(head) else _unchanged
        return passed + self._take(body)

    def _take_chunks(self, data: bytes) -> bytes:
        data, self._pending = self._pending + data, b""
        parts: list[bytes] = []
        at = 0
        while at < len(data):
            if self._left:
                part = data[at : at + self._left]
                parts.append(part)
                at += len(part)
                self._left -= len(part)
                self._ending = not self._left
            elif self._ending:
                if (end := data[at : at + 2]) == b"\r\n":
                    at += 2
                    self._ending = False
                elif end == b"\r":
                    self._pending = end
                    break
                else:
                    self._take = _refuse
                    return _chunk(parts) or _refuse(data)
            else:
                end_of_line = data.find(b"\r\n", at)
                if end_of_line < 0 and len(data) - at < _SIZE_BYTES:
                    self._pending = data[at:]
                    break
                size = _SIZE.fullmatch(data, at, end_of_line) if end_of_line >= 0 else None
                self._left = int(size[1], 16) if size else 0
                if not self._left:  # the last chunk, or a malformed size
                    self._stop_merging()
                    return _chunk(parts) + data[at:]
                at = end_of_line + 2
        return _chunk(parts)

    def _stop_merging(self) -> None:
        self._pending, self._take = b"", _unchanged


def _can_be_merged(head: bytes) -> bool:
    codings = [coding.strip().lower() for coding in _CODINGS.findall(head)]
    return codings == [b"chunked"] and bool(_FINAL_STATUS.match(head)) and not _CONTENT_CODING.search(head)


def _chunk(parts: list[bytes]) -> bytes:
    body = b"".join(parts)
    return b"%x\r\n%b\r\n" % (len(body), body) if body else b""


def _unchanged(data: bytes) -> bytes:
    return data


def _refuse(_: bytes) -> bytes:
    raise BrokenChunkError("A chunk does not end where its size says.")
