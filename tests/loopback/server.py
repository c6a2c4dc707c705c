"""`ByteServer`: a raw HTTP/1.1 server on 127.0.0.1, in its own thread.

Having its own thread and loop it can be reached from a test on any loop, from a test without one,
and from other processes. It knows nothing of HTTP beyond where a request ends: the response is what
the script says, right or wrong.
"""

from __future__ import annotations

import asyncio
import itertools
import socket
import threading
from collections.abc import Callable, Coroutine, Iterable
from typing import Any, Self

from tests.loopback.connection import Connection
from tests.loopback.exchanges import RecordedRequest
from tests.loopback.steps import Script, Step

Handler = Callable[[RecordedRequest], Iterable[Step]]

THREAD_SECONDS = 10


def in_turn(*scripts: Iterable[Step]) -> Handler:
    """The n-th request gets the n-th script, and every one after the last gets the last."""
    turns = itertools.chain(scripts, itertools.repeat(scripts[-1]))
    return lambda _request: next(turns)


class ByteServer:
    """Answer each request by a script; a context manager, to be used once.

    Parameters
    ----------
    script
        The steps for every request, or a function from the request to the steps for it. After its
        last step the connection waits for the next request, unless that was `Close` or `Reset`.

    Attributes
    ----------
    requests : list of RecordedRequest
        In the order in which they came.
    connections : int
        How many connections were opened.
    port : int
        Where it listens, on 127.0.0.1.

    Raises
    ------
    Exception
        On leaving the context: what the function raised, or what was wrong with a request.
    """

    def __init__(self, script: Script | Handler) -> None:
        self._handler: Handler = script if callable(script) else lambda _: script
        self._thread = threading.Thread(target=lambda: asyncio.run(self._serve()), name="ByteServer")
        self._started = threading.Event()
        self._arrived = threading.Condition()
        self._open: set[Connection] = set()
        self._failures: list[Exception] = []
        self.requests: list[RecordedRequest] = []
        self.connections = 0

    def __enter__(self) -> Self:
        self._socket = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._socket.getsockname()[1]
        self._thread.start()
        self._started.wait(THREAD_SECONDS)
        return self

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        self._loop.call_soon_threadsafe(self._stopping.set)
        self._thread.join(THREAD_SECONDS)
        if kind is None and self._failures:
            raise self._failures[0]

    @property
    def url(self) -> str:
        """Where it listens."""
        return f"http://127.0.0.1:{self.port}"

    @property
    def base_url(self) -> str:
        """`url` with the ``/v1`` that OpenAI's clients want."""
        return f"{self.url}/v1"

    @property
    def open_connections(self) -> int:
        """How many connections have not ended."""
        return len(self._open)

    def wait_requests(self, count: int, timeout: float = 30.0) -> list[RecordedRequest]:
        """Block until there were `count` requests, and return them.

        Raises
        ------
        TimeoutError
            There were fewer after `timeout` seconds.
        """
        with self._arrived:
            if not self._arrived.wait_for(lambda: len(self.requests) >= count, timeout):
                raise TimeoutError(f"{len(self.requests)} of {count} requests came within {timeout} s.")
        return self.requests[:count]

    async def _serve(self) -> None:
        self._loop = asyncio.get_running_loop()
        self._stopping = asyncio.Event()
        listener = await self._loop.create_server(lambda: Connection(self._begin), sock=self._socket)
        self._started.set()
        await self._stopping.wait()
        # A connection that was accepted but is not open yet would be lost with the listener.
        while len(asyncio.all_tasks()) > 1 + len(self._open):  # noqa: ASYNC110  there is no event for it
            await asyncio.sleep(0)
        listener.close()
        await asyncio.gather(*(connection.abort() for connection in tuple(self._open)))

    def _begin(self, connection: Connection) -> Coroutine[Any, Any, None]:
        """Take note of a connection at once: a task may be ended before its first step."""
        self._open.add(connection)
        self.connections += 1
        return self._talk(connection, self.connections - 1)

    async def _talk(self, connection: Connection, number: int) -> None:
        """Serve one connection from its first request to its end."""
        try:
            while (request := await connection.next_request(number)) is not None:
                self._record(request)
                await connection.perform(self._handler(request))
        except Exception as error:  # told to the test by __exit__
            self._failures.append(error)
        finally:
            connection.close()
            self._open.discard(connection)

    def _record(self, request: RecordedRequest) -> None:
        with self._arrived:
            self.requests.append(request)
            self._arrived.notify_all()
