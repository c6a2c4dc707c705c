"""A run as an HTTP response: streamed, or complete after its end.

Both count as readers of the run until they end, even if the client disconnects.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Mapping
from contextlib import aclosing
from typing import Any

from fastapi.responses import JSONResponse, Response
from fastapi.sse import EventSourceResponse
from starlette.types import Receive, Scope, Send

from nbstream.errors import NbstreamError
from nbstream.relay.chunks import usage_object
from nbstream.relay.problems import relay_error
from nbstream.relay.run import Run
from nbstream.reply import Reply

__all__ = ["CompletionResponse", "CompletionStream", "RunStream"]

# A proxy that buffers events would break the streaming.
_HEADERS = {"cache-control": "no-cache", "x-accel-buffering": "no"}


class RunStream(EventSourceResponse):
    """The events of a run after the first `place`, as they arrive."""

    def __init__(self, run: Run, place: int = 0, headers: Mapping[str, str] | None = None) -> None:
        self._run = run
        self._events = run.follow(place)
        super().__init__(self._events, headers={**_HEADERS, **(headers or {})})

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Send it (ASGI protocol)."""
        async with aclosing(self._events):
            with self._run.reader():
                await super().__call__(scope, receive, send)


class CompletionStream(RunStream):
    """The same for clients of OpenAI's API: a failure before the answer starts is an HTTP error."""

    def __init__(self, run: Run, reply: Reply) -> None:
        super().__init__(run)
        self._reply = reply

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Send it (ASGI protocol)."""
        with self._run.reader():
            if not await _unless_gone(receive, self._run.opened()):
                return
            if not self._reply.text and not self._reply.reasoning:
                _raise_for(self._reply.error)
            await super().__call__(scope, receive, send)


class CompletionResponse(Response):
    """A run as one ``chat.completion``, when it has ended."""

    def __init__(self, run: Run, reply: Reply, model: str) -> None:
        super().__init__()
        self._run = run
        self._reply = reply
        self._model = model

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Send it (ASGI protocol)."""
        with self._run.reader():
            if not await _unless_gone(receive, self._run.wait()):
                return
        _raise_for(self._reply.error)
        if self._run.failure:
            raise self._run.failure.as_error()
        await JSONResponse(_completion(self._run, self._reply, self._model))(scope, receive, send)


async def _unless_gone(receive: Receive, awaited: Awaitable[None]) -> bool:
    """Wait for an awaitable or a disconnect; return whether the awaitable finished."""
    wanted, gone = asyncio.ensure_future(awaited), asyncio.ensure_future(_hang_up(receive))
    try:
        await asyncio.wait({wanted, gone}, return_when=asyncio.FIRST_COMPLETED)
        return wanted.done()
    finally:
        wanted.cancel()
        gone.cancel()


async def _hang_up(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass


def _raise_for(error: NbstreamError | None) -> None:
    if error is not None:
        raise relay_error(error)


def _completion(run: Run, reply: Reply, model: str) -> dict[str, Any]:
    message = {"role": "assistant", "content": reply.text}
    if reply.reasoning:
        message["reasoning_content"] = reply.reasoning
    choice = {"index": 0, "message": message, "finish_reason": reply.finish_reason or "stop"}
    usage = {"usage": usage_object(reply.usage)} if reply.usage else {}
    return {
        "id": f"chatcmpl-{run.id}",
        "object": "chat.completion",
        "created": int(time.time()),
        "model": model,
        "choices": [choice],
        **usage,
    }
