"""A reply in plain code of a notebook, whose event loop is running already."""

from __future__ import annotations

from tests.kernel.driver import REPLY, Kernel
from tests.loopback import ByteServer, Gate, Hold, sse_response
from tests.loopback.chunks import END, delta, says


def chat(server: ByteServer) -> str:
    return f"from nbstream import Chat\nchat = Chat('m', base_url={server.base_url!r})\n"


def first_printed(kernel: Kernel, request: str) -> str:
    messages = kernel.messages(request)
    return str(next(message["content"]["text"] for message in messages if message["msg_type"] == "stream"))


def test_result_and_for_work_in_a_cell(kernel: Kernel) -> None:
    with ByteServer(says("Hel", "lo")) as server:
        cell = kernel.run(
            chat(server)
            + "print(chat.send('Hi').result().text)\nfor text in chat.send('Hi'):\n    print(text, end='|')"
        )
    assert cell.status == "ok", cell.reply
    assert cell.printed == "Hello\nHel|lo|"
    assert [request.path for request in server.requests] == ["/v1/chat/completions"] * 2


def test_a_for_loop_streams_into_the_output(kernel: Kernel) -> None:
    gate = Gate()
    with ByteServer(lambda _: gate.script([delta("Hel")], [delta("lo"), *END])) as server:
        request = kernel.start(chat(server) + "for text in chat.send('Hi'):\n    print(text, flush=True)")
        first = first_printed(kernel, request)
        gate.open()
        cell = kernel.end(request)
    assert first == "Hel\n"
    assert cell.status == "ok"


def test_an_interrupt_ends_the_cell_and_keeps_the_text(kernel: Kernel) -> None:
    with ByteServer(sse_response([delta("so far"), Hold()])) as server:
        request = kernel.start(
            chat(server) + "reply = chat.send('Hi')\nfor text in reply:\n    print(text, flush=True)"
        )
        assert first_printed(kernel, request) == "so far\n"
        kernel.interrupt()
        cell = kernel.end(request)
        assert server.requests[0].wait_disconnect()
    assert cell.reply["ename"] == "KeyboardInterrupt"
    assert kernel.value("reply.status, reply.text") == ("stopped", "so far")


def test_a_reply_that_streams_on_the_loop_of_the_kernel_is_not_waited_for(kernel: Kernel) -> None:
    with ByteServer(sse_response([delta("so far"), Hold()])) as server:
        kernel.run(chat(server) + "reply = chat.send('Hi')")
        server.wait_requests(1)
        cell = kernel.run("reply.result()")
        assert cell.reply["ename"] == "StateError"
        assert "Write `await reply`" in cell.traceback[0]
        kernel.run("reply.stop()\nawait reply.wait()")
    assert kernel.value("reply.result() is reply and reply.status") == "stopped"


def test_tasks_and_asyncio_styles_work_in_a_cell(kernel: Kernel) -> None:
    with ByteServer(says("Hel", "lo")) as server:
        cell = kernel.run(
            chat(server)
            + "import asyncio\ntask = asyncio.create_task(chat.send('Hi'))\nprint((await task).text)"
        )
    assert (cell.status, cell.printed) == ("ok", "Hello\n")


def test_no_reply_of_a_cell_warns(kernel: Kernel) -> None:
    kernel.run("import warnings, gc\nwarnings.simplefilter('error')")
    with ByteServer(says("Hello")) as server:
        read = kernel.run(chat(server) + "reply = chat.send('Hi')\nprint(repr(reply.text), reply.status)")
        dropped = kernel.run("chat.send('Hi', alone=True)\ngc.collect()\nNone")
        shown = kernel.run("chat.send('Hi')", cell="shown")
        kernel.run("await reply")
    kernel.run("warnings.resetwarnings()")
    assert (read.status, read.printed) == ("ok", "'' submitted\n")
    assert (dropped.status, dropped.printed, shown.status) == ("ok", "", "ok")
    assert REPLY in shown.of("display_data")[0]["data"]
