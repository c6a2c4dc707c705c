"""A reply: its log, its consumers, its end."""

from __future__ import annotations

import asyncio
import copy
import gc
import json
import pickle
import threading
from collections.abc import AsyncGenerator, Callable

import pytest

from nbstream.errors import ConfigError, NotSentWarning, ProtocolError, ServerError
from nbstream.recording.state import ReplyState
from nbstream.reply import Reply
from nbstream.types.events import Failed, Finished, StreamEvent, TextDelta, ToolCallDelta
from nbstream.views.base import Frame, View
from nbstream.views.snapshot import ReplyInfo

Clock = Callable[[], float]
Events = AsyncGenerator[list[StreamEvent], None]


class Script:
    """A source that hands out events when the test says so."""

    def __init__(self) -> None:
        self.queue: asyncio.Queue[list[StreamEvent] | Exception] = asyncio.Queue()
        self.closed = False

    async def __call__(self, clock: Clock) -> Events:
        try:
            while True:
                item = await self.queue.get()
                if isinstance(item, Exception):
                    raise item
                yield item
        finally:
            self.closed = True

    def say(self, *texts: str) -> None:
        self.queue.put_nowait([TextDelta(0.1, text) for text in texts])

    def finish(self) -> None:
        self.queue.put_nowait([Finished(0.2, "stop")])


class Recorder(View):
    """A view that writes down what it is given."""

    def __init__(self) -> None:
        self.opened_with: str | None = None
        self.frames: list[Frame] = []
        self.closed_with: str | None = None

    def open(self, state: ReplyState, elapsed: float, about: ReplyInfo) -> None:
        self.opened_with = state.text

    def paint(self, frame: Frame) -> None:
        self.frames.append(frame)

    def close(self, state: ReplyState, about: ReplyInfo) -> None:
        self.closed_with = state.text

    @property
    def painted(self) -> str:
        return "".join(frame.text.append for frame in self.frames if frame.text)


async def turn_of_the_loop() -> None:
    for _ in range(10):
        await asyncio.sleep(0)


async def test_awaiting_gives_the_finished_reply() -> None:
    script = Script()
    reply = Reply(script)
    script.say("Hello", " world")
    script.finish()
    assert await reply is reply
    assert (reply.text, reply.status, reply.finish_reason, reply.done) == (
        "Hello world",
        "finished",
        "stop",
        True,
    )
    assert script.closed


async def test_every_consumer_sees_every_delta() -> None:
    script, seen = Script(), Recorder()
    reply = Reply(script)
    reply.showing.attach(seen)

    async def read() -> list[str]:
        return [text async for text in reply]

    readers = [asyncio.create_task(read()) for _ in range(2)]
    script.say("a", "b")
    await turn_of_the_loop()
    script.say("c")
    script.finish()
    assert await asyncio.gather(*readers) == [["a", "b", "c"]] * 2
    assert [text async for text in reply] == ["a", "b", "c"]
    assert seen.painted == seen.closed_with == (await reply).text == "abc"


class Slow(Recorder):
    """A view whose end takes some turns of the loop, and fails on demand."""

    def __init__(self, turns: int, *, breaks: bool = False) -> None:
        super().__init__()
        self.turns = turns
        self._breaks = breaks

    def prepare(self) -> bool:
        assert self.painted, "the last text is shown first"
        if self._breaks:
            raise RuntimeError
        self.turns -= 1
        return self.turns > 0


async def test_the_loop_turns_while_a_view_prepares_its_end() -> None:
    script, slow, turns = Script(), Slow(100), 0
    reply = Reply(script)
    reply.showing.attach(slow)
    script.say("text")
    script.finish()
    while not reply.done:
        turns += 1
        await asyncio.sleep(0)
    assert turns > 100
    assert (slow.turns, slow.closed_with) == (0, "text")


async def test_a_view_that_can_not_prepare_its_end_keeps_nobody_waiting() -> None:
    script, broken, sound = Script(), Slow(1, breaks=True), Recorder()
    reply = Reply(script)
    reply.showing.attach(broken)
    reply.showing.attach(sound)
    script.say("text")
    script.finish()
    await reply
    assert broken.closed_with == sound.closed_with == "text"


async def test_a_view_that_comes_late_starts_from_what_is_there() -> None:
    script, late = Script(), Recorder()
    reply = Reply(script)
    script.say("early ")
    await turn_of_the_loop()
    reply.showing.attach(late)
    script.say("late")
    script.finish()
    await reply
    assert late.opened_with == "early "
    assert late.painted == "late"


async def test_a_failure_is_raised_to_whoever_awaits_and_iterates() -> None:
    script = Script()
    reply = Reply(script)
    script.say("so far")
    script.queue.put_nowait([Failed(0.3, ProtocolError("broken"))])
    with pytest.raises(ProtocolError, match="broken") as caught:
        await reply
    assert caught.value.partial == reply.text == "so far"
    with pytest.raises(ProtocolError):
        [text async for text in reply]
    await reply.wait()


@pytest.mark.parametrize("error", [ServerError("down", status=503), ZeroDivisionError("a bug")])
async def test_an_exception_of_the_source_ends_in_a_failed_reply(error: Exception) -> None:
    script = Script()
    reply = Reply(script)
    script.queue.put_nowait(error)
    await reply.wait()
    assert reply.status == "failed"
    assert error in (reply.error, reply.error and reply.error.__cause__)


async def test_stop_closes_the_source_and_keeps_the_text() -> None:
    script = Script()
    reply = Reply(script)
    script.say("partial")
    await turn_of_the_loop()
    reply.stop()
    reply.stop()
    assert (await reply).status == "stopped"
    assert reply.text == "partial"
    assert script.closed


async def test_stop_before_the_first_step() -> None:
    reply = Reply(Script())
    reply.stop()
    assert (await reply).status == "stopped"


async def test_stop_from_another_thread() -> None:
    reply = Reply(Script())
    threading.Thread(target=reply.stop).start()
    assert (await reply).status == "stopped"


async def test_cancelling_whoever_awaits_stops_the_reply() -> None:
    script = Script()
    reply = Reply(script)
    waiter = asyncio.ensure_future(reply)
    await turn_of_the_loop()
    waiter.cancel()
    with pytest.raises(asyncio.CancelledError):
        await waiter
    await reply.wait()
    assert reply.status == "stopped"
    assert script.closed


async def test_leaving_the_loop_stops_a_reply_that_nobody_else_reads() -> None:
    script = Script()
    reply = Reply(script)
    script.say("Hello", " world")
    async for _ in reply:
        break
    await asyncio.wrap_future(reply._recording.settled)  # without being a reader
    assert (reply.status, reply.text, script.closed) == ("stopped", "Hello world", True)


async def test_an_error_in_the_loop_stops_the_reply() -> None:
    script = Script()
    reply = Reply(script)
    script.say("Hello")

    async def read() -> None:
        async for _ in reply:
            raise LookupError

    with pytest.raises(LookupError):
        await read()
    gc.collect()  # the traceback had kept the loop
    await asyncio.wrap_future(reply._recording.settled)
    assert reply.status == "stopped"


@pytest.mark.parametrize("how", ["shown", "awaited", "ended"])
async def test_leaving_the_loop_stops_nothing_that_is_read_elsewhere(how: str) -> None:
    script = Script()
    reply = Reply(script)
    script.say("Hello")
    if how == "shown":
        reply.showing.attach(Recorder())
    if how == "ended":
        script.finish()
        await reply
    async for _ in reply:
        break
    waiter = asyncio.ensure_future(reply) if how == "awaited" else None
    for _ in range(5):
        await turn_of_the_loop()
    script.finish()
    await (waiter or reply)
    assert reply.status == "finished"


async def test_cancelling_whoever_iterates_stops_the_reply_and_leaving_the_loop_does_not() -> None:
    script = Script()
    reply = Reply(script)
    script.say("Hello")

    async def iterate() -> None:
        async for _ in reply:
            pass

    async for _ in reply:
        break
    reader = asyncio.create_task(iterate())
    await turn_of_the_loop()
    assert reply.status == "streaming"
    reader.cancel()
    with pytest.raises(asyncio.CancelledError):
        await reader
    await reply.wait()
    assert (reply.status, reply.state.interrupted, script.closed) == ("stopped", True, True)


def test_without_a_loop_it_starts_when_awaited() -> None:
    async def source(clock: Clock) -> Events:
        yield [TextDelta(clock(), "Hello")]
        yield [Finished(clock(), "stop")]

    reply = Reply(source)
    with pytest.warns(NotSentWarning, match=r"not been sent yet.*result\(\)"):
        assert reply.status == "submitted"

    async def main() -> str:
        return (await reply).text

    assert asyncio.run(main()) == "Hello"
    assert asyncio.run(main()) == "Hello"


def test_stop_without_a_loop() -> None:
    reply = Reply(Script.__call__)  # type: ignore[arg-type]  # never called
    reply.stop()
    assert reply.status == "stopped"
    assert reply.done


def test_the_end_of_its_loop_ends_the_reply() -> None:
    async def leave() -> Reply:
        reply = Reply(Script())
        await turn_of_the_loop()
        return reply

    assert asyncio.run(leave()).status == "stopped"


@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")  # such a program has it coming
def test_a_loop_that_was_closed_in_mid_stream_ends_the_reply() -> None:
    async def begin() -> Reply:
        reply = Reply(Script())
        await turn_of_the_loop()
        return reply

    replies = []
    for _ in range(2):
        loop = asyncio.new_event_loop()
        replies.append(loop.run_until_complete(begin()))
        loop.close()
    stopped, awaited = replies
    stopped.stop()
    assert stopped.status == "stopped"
    asyncio.run(asyncio.wait_for(awaited.wait(), 10))
    assert awaited.status == "stopped"
    del replies, stopped, awaited
    gc.collect()


async def test_a_view_that_fails_does_not_take_the_reply_with_it(caplog: pytest.LogCaptureFixture) -> None:
    class Broken(Recorder):
        def paint(self, frame: Frame) -> None:
            raise ValueError("no ink")

    script, healthy = Script(), Recorder()
    reply = Reply(script)
    reply.showing.attach(Broken())
    reply.showing.attach(healthy)
    script.say("text")
    script.finish()
    assert (await reply).text == "text"
    assert healthy.painted == "text"
    assert "no ink" in caplog.text


def pickled(reply: Reply) -> Reply:
    return pickle.loads(pickle.dumps(reply))  # noqa: S301


@pytest.mark.parametrize("copied", [copy.copy, copy.deepcopy, pickled])
async def test_a_reply_that_has_ended_is_copied_without_keys(copied: Callable[[Reply], Reply]) -> None:
    failure = ServerError("Down.", status=503, advice="Wait.")
    reply = Reply(
        None,
        ReplyInfo({"user": "sk-abcdefghijklmnop", "seed": 7}),
        log=[TextDelta(0.1, "Hello"), ToolCallDelta(0.2, 0, "c", "f", "{}"), Failed(0.3, failure)],
    )
    twin = copied(reply)
    assert (twin.text, twin.status, str(twin.error)) == ("Hello", "failed", str(failure))
    assert [str(event) for event in twin.events] == [str(event) for event in reply.events]
    assert twin.params == {"user": "[secret]", "seed": 7}
    assert twin.done
    with pytest.raises(ServerError):
        await twin


async def test_a_reply_that_still_streams_is_not_copied() -> None:
    reply = Reply(Script())
    for copied in (copy.deepcopy, pickle.dumps):
        with pytest.raises(ConfigError, match="Await it first"):
            copied(reply)
    reply.stop()
    await reply
    assert copy.deepcopy(reply).status == "stopped"


async def test_repr_and_str_tell_the_state() -> None:
    script = Script()
    reply = Reply(script)
    script.say("Hello")
    script.finish()
    await reply
    assert str(reply) == "Hello"
    assert repr(reply) == "<Reply finished: 5 characters from a model>"


async def test_a_reply_as_data_can_be_written_as_json_and_holds_no_key() -> None:
    failure = ServerError("Down.", status=503, advice="Wait.")
    log: list[StreamEvent] = [
        TextDelta(0.1, "Hello"),
        ToolCallDelta(0.2, 0, "c", "f", "{}"),
        Failed(0.3, failure),
    ]
    reply = Reply(None, ReplyInfo({"user": "sk-abcdefghijklmnop", "seed": 7}), log=log)
    data = json.loads(json.dumps(reply.to_dict()))
    assert (data["text"], data["status"], data["params"]) == (
        "Hello",
        "failed",
        {"user": "[secret]", "seed": 7},
    )
    assert data["error"] == {
        "type": "ServerError",
        "kind": "server",
        "message": "Down.",
        "advice": "Wait.",
        "status": 503,
    }
    assert data["tool_calls"] == [
        {"id": "c", "name": "f", "arguments": "{}", "state": "unfinished", "result": None}
    ]


async def test_the_frame_of_events_has_one_name() -> None:
    reply = Reply(None, log=[TextDelta(0.1, "Hello"), Finished(0.2, "stop")])
    with pytest.deprecated_call(match=r"inspect\(\)\.to_frame\(\)"):
        old = reply.events_frame()
    assert old.equals(reply.inspect().to_frame())
