"""The demo writes at the speed that it promises, and stops when nobody reads any more."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable, Coroutine
from typing import Any

import pytest

from nbstream.demo import create_app
from nbstream.transports.asgi import Message, Receive, Scope, Send
from tests.demo.conftest import client_of
from tests.demo.virtual_clock import VirtualClockLoop


def on_virtual_clock(main: Callable[[], Coroutine[Any, Any, Any]]) -> Any:
    with asyncio.Runner(loop_factory=VirtualClockLoop) as runner:
        return runner.run(main())


def arrivals(prompt: str, *, model: str = "nbstream-demo", pace: float = 1.0) -> list[float]:
    """Seconds after the request at which each token came, on a virtual clock."""

    async def main() -> list[float]:
        loop = asyncio.get_running_loop()
        async with client_of(create_app(pace=pace)) as client:
            sent = loop.time()
            stream = await client.chat.completions.create(
                model=model, messages=[{"role": "user", "content": prompt}], stream=True, max_tokens=31
            )
            async with stream:
                times = [(loop.time() - sent, chunk.choices[0].delta.content) async for chunk in stream]
        return [at for at, text in times if text]

    result: list[float] = on_virtual_clock(main)
    return result


@pytest.mark.parametrize(
    ("prompt", "pace", "first", "gap"),
    [
        ("hello", 1, 0.3, 1 / 30),
        ("hello", 2, 0.6, 2 / 30),
        ("hello", 0, 0.0, 0.0),
        ("demo:slow", 1, 2.0, 0.2),
        ("demo:slow", 0, 0.0, 0.0),
    ],
)
def test_tokens_come_at_the_promised_pace(prompt: str, pace: float, first: float, gap: float) -> None:
    times = arrivals(prompt, pace=pace)
    assert times == pytest.approx([first + gap * index for index in range(31)], abs=1e-3)


def test_the_fast_model_does_not_wait() -> None:
    assert arrivals("hello", model="nbstream-demo-fast") == pytest.approx([0.0] * 31, abs=1e-3)


def test_a_whole_answer_takes_as_long_as_a_streamed_one() -> None:
    async def main() -> float:
        loop = asyncio.get_running_loop()
        async with client_of(create_app()) as client:
            await client.chat.completions.create(
                model="nbstream-demo", messages=[{"role": "user", "content": "hello"}], max_tokens=31
            )
            return loop.time()

    assert on_virtual_clock(main) == pytest.approx(1.3, abs=1e-3)


def test_a_negative_pace_is_refused() -> None:
    with pytest.raises(ValueError, match="pace is -1"):
        create_app(pace=-1)


@pytest.mark.parametrize("model", ["nbstream-demo", "nbstream-demo-fast"])
async def test_the_model_stops_writing_when_the_client_hangs_up(model: str) -> None:
    sent: list[Message] = []
    ended = asyncio.Event()
    demo = create_app()

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        async def counting_send(message: Message) -> None:
            sent.append(message)
            await send(message)

        await demo(scope, receive, counting_send)
        ended.set()

    async with client_of(app) as client:
        stream = await client.chat.completions.create(
            model=model, messages=[{"role": "user", "content": "a long answer"}], stream=True
        )
        async with stream:
            await anext(stream)
        await asyncio.wait_for(ended.wait(), 5)
    assert len(sent) < 10


class PlainServer:
    """The app's side of an ASGI server that never raises from `send`, as older ones do not."""

    def __init__(self, prompt: str, *, hang_up_after: int | None = None) -> None:
        body = {
            "model": "nbstream-demo-fast",
            "messages": [{"role": "user", "content": prompt}],
            "stream": True,
        }
        self._body: bytes | None = json.dumps(body).encode()
        self._hang_up_after = hang_up_after
        self._hung_up = asyncio.Event()
        self.sent: list[Message] = []

    async def receive(self) -> Message:
        if self._body is None:
            await self._hung_up.wait()
            return {"type": "http.disconnect"}
        body, self._body = self._body, None
        return {"type": "http.request", "body": body}

    async def send(self, message: Message) -> None:
        self.sent.append(message)
        if len(self.sent) == self._hang_up_after:
            self._hung_up.set()

    async def run(self) -> list[Message]:
        scope = {"type": "http", "method": "POST", "path": "/v1/chat/completions", "headers": []}
        await asyncio.wait_for(create_app()(scope, self.receive, self.send), 5)
        return self.sent


async def test_a_hang_up_is_noticed_although_sending_goes_on_to_work() -> None:
    assert len(await PlainServer("a long answer", hang_up_after=5).run()) < 8


async def test_a_stall_ends_with_the_connection() -> None:
    whole = await PlainServer("demo:cut").run()
    stalled = await PlainServer("demo:stall", hang_up_after=4).run()
    assert len(stalled) < len(whole)


async def test_an_answer_that_is_complete_leaves_no_watcher_behind() -> None:
    assert (await PlainServer("hello").run())[-1]["more_body"] is False
