"""A reply in plain scripts and in asynchronous ones: every way to wait for it works, and none is silent."""

from __future__ import annotations

import asyncio
import gc
import subprocess
import sys
import threading
from collections.abc import Callable
from pathlib import Path

import pytest

from nbstream import Chat
from nbstream.errors import AuthenticationError, NotSentWarning, RequestTimeoutError, StateError
from nbstream.reply import Reply
from tests.kernel.driver import HERMETIC
from tests.loopback import ByteServer, Gate, Hold, json_response, sse_response
from tests.loopback.chunks import END, delta, says

BEGIN = 'import asyncio, threading\nfrom nbstream import Chat\nchat = Chat("demo:nbstream-demo-fast")\n'


def run(source: str, *arguments: str) -> tuple[str, str]:
    """Output and errors of a script that succeeds."""
    command = [sys.executable, "-c", source, *arguments]
    done = subprocess.run(command, env=HERMETIC, capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout, done.stderr


STYLES = {
    "result": 'print(chat.send("echo: yes").result().text)',
    "result with a timeout": 'print(chat.send("echo: yes").result(timeout=60).text)',
    "for": 'print("".join(delta for delta in chat.send("echo: yes")))',
    "show": 'chat.send("echo: yes").show()',
    "asyncio.run of main": """
        async def main():
            print((await chat.send("echo: yes")).text)
        asyncio.run(main())""",
    "asyncio.run of the reply": 'print(asyncio.run(chat.send("echo: yes")).text)',
    "asyncio.run of wait": """
        reply = chat.send("echo: yes")
        asyncio.run(reply.wait())
        print(reply.text)""",
    "tasks": """
        async def main():
            async with asyncio.TaskGroup() as group:
                tasks = [group.create_task(chat.send("echo: no")), group.create_task(chat.send("no").wait())]
            last = asyncio.create_task(chat.send("echo: yes"))
            await asyncio.gather(chat.send("no"), last)
            print(last.result().text)
        asyncio.run(main())""",
    "two tasks for one reply": """
        async def main():
            asyncio.get_running_loop().slow_callback_duration = 60  # the SDK is imported on the loop
            reply = chat.send("echo: yes")
            first, second = await asyncio.gather(asyncio.create_task(reply), asyncio.create_task(reply))
            assert first is second is reply
            print(reply.text)
        asyncio.run(main(), debug=True)""",
    "made before the loop": """
        reply = chat.send("echo: yes")
        async def main():
            return "".join([delta async for delta in reply])
        print(asyncio.run(main()))""",
    "read after its loop": """
        async def main():
            return await chat.send("echo: yes")
        reply = asyncio.run(main())
        assert "".join(reply) == reply.result().text == asyncio.run(reply).text
        print(reply.text)""",
    "in a thread": """
        def job():
            print(chat.send("echo: yes").result().text)
        thread = threading.Thread(target=job)
        thread.start()
        thread.join()""",
    "for in asynchronous code": """
        async def main():
            print("".join(chat.send("echo: yes")))
        asyncio.run(main())""",
    "result in asynchronous code": """
        async def main():
            print(chat.send("echo: yes").result().text)
        asyncio.run(main())""",
    "a tool on the thread of the script": """
        def where() -> str:
            return threading.current_thread().name
        helper = Chat("demo:nbstream-demo-fast", tools=[where], approve="always")
        for delta in (reply := helper.send("call: where {}")):
            pass
        assert reply.tool_calls[0].result == "MainThread", reply.tool_calls
        assert helper.send("call: where {}").result().tool_calls[0].result == "MainThread"
        print("yes")""",
}


def dedented(source: str) -> str:
    return "\n".join(line.removeprefix("        ") for line in source.splitlines())


@pytest.mark.parametrize("name", STYLES)
def test_every_style_works(name: str) -> None:
    output, errors = run(BEGIN + dedented(STYLES[name]))
    assert "yes" in output
    assert errors == ""


WARNED = {
    "read": ("print(chat.send('Hi').text)", "has not been sent yet", 4),
    "status polled": ("reply = chat.send('Hi')\nassert not reply.done\nreply.status", "not been sent yet", 6),
    "read twice": ("reply = chat.send('Hi')\nstr(reply)\nreply.usage, reply.text", "not been sent yet", 5),
    "dropped": ("def ask():\n    Chat('demo').send('Hi')\nask()\nprint('later')", "was never sent", 5),
    "left": ("reply = chat.send('Hi')", "was never sent", 4),
}


@pytest.mark.parametrize("name", WARNED)
def test_a_reply_that_was_not_sent_warns_once_and_says_where(name: str, tmp_path: Path) -> None:
    source, told, line = WARNED[name]
    script = tmp_path / "script.py"
    script.write_text(BEGIN + source, encoding="utf-8")
    command = [sys.executable, str(script)]
    done = subprocess.run(command, env=HERMETIC, capture_output=True, text=True, check=True, timeout=120)
    assert done.stderr.count("NotSentWarning") == 1
    assert told in done.stderr
    assert "Call .result(), use it in a for loop, or await it." in done.stderr
    assert done.stderr.startswith(f"{script}:{line}: ")


SILENT = {
    "sent": "chat.send('Hi').result()",
    "stopped": "chat.send('Hi').stop()",
    "loaded": "import pathlib\nchat.send('Hi').result()\nchat.save('a.jsonl')\n"
    "turn = tuple(Chat.load('a.jsonl').conversation)[0]\nprint(turn.answer.text, turn.answer.result())",
    "pickled": "import copy, pickle\nreply = chat.send('Hi').result()\n"
    "assert pickle.loads(pickle.dumps(reply)).text == copy.deepcopy(reply).text == reply.text",
}


@pytest.mark.parametrize("name", SILENT)
def test_any_other_reply_does_not_warn(name: str, tmp_path: Path) -> None:
    _, errors = run(f"import os\nos.chdir({str(tmp_path)!r})\n" + BEGIN + SILENT[name])
    assert errors == ""


def chat_with(server: ByteServer) -> Chat:
    return Chat("m", base_url=server.base_url)


def test_a_for_loop_streams() -> None:
    gate, seen = Gate(), []
    with ByteServer(lambda _: gate.script([delta("one ")], [delta("two"), *END])) as server:
        reply = chat_with(server).send("Hi")
        for text in reply:
            seen.append((text, gate.is_open))
            assert reply.text.startswith("one ")
            gate.open()
    assert seen == [("one ", False), ("two", True)]
    assert (reply.status, list(reply)) == ("finished", ["one ", "two"])


def test_break_stops_the_request_and_keeps_the_text() -> None:
    with ByteServer(sse_response([delta("so far"), Hold()])) as server:
        reply = chat_with(server).send("Hi")
        for _ in reply:
            break
        assert server.requests[0].wait_disconnect()
    assert (reply.status, reply.text, reply.state.interrupted) == ("stopped", "so far", False)
    assert reply.result() is reply


def test_an_error_in_the_loop_stops_the_request() -> None:
    def read(reply: Reply) -> None:
        for _ in reply:
            raise LookupError

    with ByteServer(sse_response([delta("so far"), Hold()])) as server:
        reply = chat_with(server).send("Hi")
        with pytest.raises(LookupError):
            read(reply)
        gc.collect()  # the traceback had kept the loop
        assert server.requests[0].wait_disconnect()
    assert reply.status == "stopped"


def test_break_leaves_a_reply_to_its_other_readers() -> None:
    whole: list[str] = []
    gate = Gate()
    with ByteServer(lambda _: gate.script([delta("one ")], [delta("two"), *END])) as server:
        reply = chat_with(server).send("Hi")
        texts = iter(reply)
        assert next(texts) == "one "
        other = threading.Thread(target=lambda: whole.extend(reply))
        other.start()
        while len(reply._readers) != 2:
            threading.Event().wait(0.01)
        texts.close()  # type: ignore[attr-defined]
        gate.open()
        other.join()
    assert (whole, reply.status) == (["one ", "two"], "finished")


def test_two_threads_read_every_delta_of_a_flood() -> None:
    texts = [f"{number} " for number in range(20_000)]
    read: list[list[str]] = [[], []]
    with ByteServer(says(*texts)) as server:
        reply = chat_with(server).send("Hi")
        iterators = [iter(reply), iter(reply)]
        read[0].append(next(iterators[0]))
        threads = [threading.Thread(target=lambda i=i: read[i].extend(iterators[i])) for i in range(2)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert read == [texts, texts]
    assert reply.text == "".join(texts)


def add(a: int, b: int) -> int:
    """Add."""
    return a + b


def asking() -> Reply:
    return Chat("demo:nbstream-demo-fast", tools=[add], approve="ask").send('call: add {"a": 1, "b": 2}')


def joined(reply: Reply) -> str:
    return "".join(reply)


@pytest.mark.parametrize("read", [Reply.result, joined])
def test_a_call_that_nobody_can_approve_is_an_error_at_once(read: Callable[[Reply], object]) -> None:
    reply = asking()
    with pytest.raises(StateError, match=r"^The call of add waits for approval, and nobody can approve it"):
        read(reply)
    assert (reply.status, reply.tool_calls[0].state) == ("stopped", "unfinished")


@pytest.mark.parametrize("read", [Reply.result, joined])
def test_a_reader_that_follows_approves_for_a_thread_that_waits(read: Callable[[Reply], object]) -> None:
    async def main() -> None:
        reply = asking()
        thread = threading.Thread(target=read, args=[reply])
        async for _ in reply.follow():
            if reply.tool_calls and reply.tool_calls[0].state == "asking" and not thread.ident:
                thread.start()
                while not reply._blocked:
                    await asyncio.to_thread(threading.Event().wait, 0.01)
                reply.approve(str(reply.tool_calls[0].id))
        await asyncio.to_thread(thread.join)
        assert (reply.status, reply.tool_calls[0].result) == ("finished", "3")

    asyncio.run(main())


def test_a_timeout_stops_the_answer_and_keeps_its_text() -> None:
    with ByteServer(sse_response([delta("so far"), Hold()])) as server:
        reply = chat_with(server).send("Hi")
        threading.Thread(target=lambda: server.wait_requests(1)).start()
        with pytest.raises(RequestTimeoutError, match=r"longer than 1 seconds and was stopped.*reply\.text"):
            reply.result(timeout=1)
        assert server.requests[0].wait_disconnect()
    assert reply.status == "stopped"
    assert reply.text in {"so far", ""}  # on a machine that is too slow nothing has arrived within a second


def test_a_failure_is_raised() -> None:
    with ByteServer(json_response(401, {"error": {"message": "Incorrect API key"}})) as server:
        reply = chat_with(server).send("Hi")
        with pytest.raises(AuthenticationError):
            reply.result()
        with pytest.raises(AuthenticationError):
            list(reply)
    assert reply.status == "failed"


INTERRUPTED = {
    "result": "reply.result()",
    "for": "for delta in reply: seen.append(delta)",
    "show": "reply.show()",
}

INTERRUPT = """
import os, signal, sys, threading
from nbstream import Chat
reply = Chat("m", base_url=sys.argv[1]).send("Hi")
seen = []

def waits():
    if sys.argv[2] != "for":
        return reply.state.text
    # The interrupt must arrive while the loop waits for a delta, not while it runs the code of the script.
    frame = sys._current_frames()[threading.main_thread().ident]
    names = set()
    while frame is not None:
        names.add(frame.f_code.co_name)
        frame = frame.f_back
    return seen and "step" in names

# A run in the background of a shell ignores SIGINT, and its children inherit that.
signal.signal(signal.SIGINT, signal.default_int_handler)

def interrupt():
    while not waits():
        threading.Event().wait(0.01)
    os.kill(os.getpid(), signal.SIGINT)

threading.Thread(target=interrupt, daemon=True).start()
"""


@pytest.mark.parametrize("name", INTERRUPTED)
def test_an_interrupt_stops_the_request_and_keeps_the_text(name: str) -> None:
    source = (
        f"{INTERRUPT}try:\n    {INTERRUPTED[name]}\n"
        "except KeyboardInterrupt:\n"
        "    print('interrupted', reply.status, reply.text, reply.state.interrupted)"
    )
    with ByteServer(sse_response([delta("so far"), Hold()])) as server:
        output, errors = run(source, server.base_url, name)
        assert server.requests[0].wait_disconnect()
    assert errors == ""
    assert output.endswith("interrupted stopped so far True\n")


async def test_blocking_the_loop_that_streams_is_an_error_that_names_the_way() -> None:
    with ByteServer(sse_response([delta("so far"), Hold()])) as server:
        reply = chat_with(server).send("Hi")
        async for _ in reply.follow():
            break
        with pytest.raises(StateError, match="`await reply`"):
            reply.result()
        with pytest.raises(StateError, match="`async for delta in reply`"):
            next(iter(reply))
        reply.stop()
        await reply.wait()
    assert reply.result() is reply


def test_a_loop_that_nobody_runs_any_more_is_run() -> None:
    async def begun(chat: Chat) -> Reply:
        reply = chat.send("Hi")
        async for _ in reply.follow():
            return reply
        raise AssertionError

    loop = asyncio.new_event_loop()
    with ByteServer(says("a", "b")) as server:
        first, second = (loop.run_until_complete(begun(chat_with(server))) for _ in range(2))
        assert first.result().text == "".join(second) == "ab"
        loop.run_until_complete(loop.shutdown_asyncgens())
    loop.close()


def test_a_reply_of_another_thread_is_waited_for() -> None:
    gate, made = Gate(), []

    async def main(chat: Chat) -> None:
        made.append(chat.send("Hi"))
        await made[0]

    with ByteServer(lambda _: gate.script([delta("one ")], [delta("two"), *END])) as server:
        thread = threading.Thread(target=lambda: asyncio.run(main(chat_with(server))))
        thread.start()
        server.wait_requests(1)
        gate.open()
        assert made[0].result().text == "".join(made[0]) == "one two"
        thread.join()


def test_deltas_that_arrived_before_the_loop_are_not_waited_for() -> None:
    arrived = threading.Event()
    with ByteServer(sse_response([delta("so far"), Hold()])) as server:
        reply = chat_with(server).send("Hi")

        async def follow() -> None:
            async for _ in reply:
                arrived.set()

        thread = threading.Thread(target=lambda: asyncio.run(follow()))
        thread.start()
        assert arrived.wait(60)
        guard = threading.Timer(30, reply.stop)
        guard.start()
        deltas = iter(reply)
        assert next(deltas) == "so far"
        assert reply.status == "streaming"
        guard.cancel()
        reply.stop()
        assert list(deltas) == []
        thread.join()


def test_a_text_is_looked_for_in_the_text_alone() -> None:
    reply = Chat("demo:nbstream-demo-fast").send("echo: yes").result()
    with pytest.raises(TypeError):
        "yes" in reply  # noqa: B015


def test_the_warning_is_a_runtime_warning() -> None:
    assert issubclass(NotSentWarning, RuntimeWarning)
