"""What a `ByteServer` saw: the requests, and when their clients disconnected."""

from __future__ import annotations

import asyncio
import json
import threading
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True)
class RecordedRequest:
    """One request as it came over the socket.

    Parameters
    ----------
    connection
        Number of the connection that it came on, from 0.
    method, path
        From the request line; the path with its query.
    headers
        By lower-case name; of a header that came twice, the last.
    body
        Without any transfer coding.
    """

    connection: int
    method: str
    path: str
    headers: Mapping[str, str]
    body: bytes
    _hung_up: threading.Event = field(default_factory=threading.Event, repr=False)

    @property
    def json(self) -> Any:
        """The body, parsed."""
        return json.loads(self.body)

    @property
    def hung_up(self) -> bool:
        """Whether the client has closed the connection, in the middle of its response or after it."""
        return self._hung_up.is_set()

    def wait_disconnect(self, timeout: float = 5.0) -> bool:
        """Block until the client closes the connection; False if it has not after `timeout` seconds.

        In a test that is a coroutine use ``await asyncio.to_thread(request.wait_disconnect)``.
        """
        return self._hung_up.wait(timeout)

    def note_disconnect(self) -> None:
        """Called by the server."""
        self._hung_up.set()


async def read_request(reader: asyncio.StreamReader, connection: int) -> RecordedRequest:
    """Read one HTTP/1.1 request.

    Raises
    ------
    asyncio.IncompleteReadError
        The client closed the connection instead.
    """
    lines = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
    method, path, _version = lines[0].split(" ")
    pairs = (line.partition(":") for line in lines[1:] if line)
    headers = {name.lower(): value.strip() for name, _, value in pairs}
    body = await _read_body(reader, headers)
    return RecordedRequest(connection, method, path, headers, body)


async def _read_body(reader: asyncio.StreamReader, headers: Mapping[str, str]) -> bytes:
    if headers.get("transfer-encoding") != "chunked":
        return await reader.readexactly(int(headers.get("content-length", 0)))
    body = b""
    while size := int(await reader.readuntil(b"\r\n"), 16):
        body += (await reader.readexactly(size + 2))[:-2]
    await reader.readuntil(b"\r\n")
    return body
