"""■, Stop and `%chat stop`: the stream closes, and the partial answer is kept."""

from __future__ import annotations

import re
import time

import ipykernel
import pytest

from tests.cells import chat_cell
from tests.kernel.driver import REPLY, Kernel
from tests.loopback import ByteServer, Hold, in_turn, sse_response
from tests.loopback.chunks import STOP, delta

NESTED = "%%time\nget_ipython().run_cell_magic('chat', '--base-url {url} -m m --alone', 'Hi')"
BUSY_COMMS = pytest.mark.skipif(
    int(re.match(r"\d+", ipykernel.__version__)[0]) < 7,  # type: ignore[index]
    reason="ipykernel 6 delivers comm messages after the cell; there the front end interrupts the kernel",
)


def start_and_wait_for(kernel: Kernel, source: str, server: ByteServer, text: str = "") -> str:
    """Start a live cell and wait until the server has its request, and the view its text."""
    request = kernel.start(source, cell="stopping")
    server.wait_requests(1)
    if text:
        for message in kernel.messages(request):
            content = message["content"].get("data", {}).get("content", {})
            if text in content.get("text", [0, ""])[1]:
                break
    return request


@pytest.mark.parametrize("nested", [False, True], ids=["awaited", "nested"])
@pytest.mark.parametrize("text", ["", "partial"], ids=["before the first token", "in mid-stream"])
def test_an_interrupt_ends_the_cell_and_keeps_the_partial_answer(
    kernel: Kernel, text: str, nested: bool
) -> None:
    script = sse_response([delta(text), Hold()]) if text else [Hold()]
    with ByteServer(script) as server:
        source = NESTED.format(url=server.base_url) if nested else chat_cell(server, "--alone")
        request = start_and_wait_for(kernel, source, server, text)
        kernel.interrupt()
        cell = kernel.end(request)
        assert server.requests[0].wait_disconnect()
    assert cell.reply["status"] == "error"
    assert cell.reply["ename"] == "KeyboardInterrupt"
    assert [line for line in cell.traceback if "kept" in line]
    assert cell.saved[REPLY]["status"] == "stopped"
    assert cell.saved[REPLY]["text"] == text
    assert "Stopped" in cell.saved["text/plain"]


def test_a_cell_that_is_run_again_ends_what_it_left_in_the_background(kernel: Kernel) -> None:
    first, second = sse_response([delta("first"), Hold()]), sse_response([delta("second"), STOP, "[DONE]"])
    with ByteServer(in_turn(first, second)) as server:
        kernel.run(chat_cell(server, "--background -c again"), cell="again")
        server.wait_requests(1)
        cell = kernel.run(chat_cell(server, "-c again"), cell="again")
        assert server.requests[0].wait_disconnect()
    assert cell.saved[REPLY]["text"] == "second"
    (earlier,) = cell.provenance["versions"]
    assert earlier["reply"]["status"] == "stopped"


@BUSY_COMMS
@pytest.mark.parametrize("text", ["", "partial"], ids=["before the first token", "in mid-stream"])
def test_stop_in_the_view_ends_the_cell_without_an_error(kernel: Kernel, text: str) -> None:
    script = sse_response([delta(text), Hold()]) if text else [Hold()]
    with ByteServer(script) as server:
        request = kernel.start(chat_cell(server, "--alone"), cell="stopping")
        comm = None
        for message in kernel.messages(request):
            if message["msg_type"] == "comm_open":
                comm = message["content"]["comm_id"]
            arrived = text in message["content"].get("data", {}).get("content", {}).get("text", [0, ""])[1]
            if comm and message["msg_type"] == "comm_msg" and arrived:
                break
        server.wait_requests(1)
        number = kernel.command(str(comm), "stop")
        cell = kernel.end(request)
        assert server.requests[0].wait_disconnect()
    assert cell.status == "ok"
    assert {"t": "ack", "n": number, "name": "stop"} in cell.frames
    assert cell.saved[REPLY]["status"] == "stopped"
    assert cell.saved[REPLY]["text"] == text


def test_an_interrupt_is_noticed_on_a_loop_that_sleeps(kernel: Kernel) -> None:
    with ByteServer(sse_response([Hold()])) as server:
        request = start_and_wait_for(kernel, chat_cell(server, "--alone"), server)
        time.sleep(1)  # until nothing of the start is left to wake the loop
        kernel.interrupt()
        assert kernel.end(request).reply["ename"] == "KeyboardInterrupt"
        assert server.requests[0].wait_disconnect()


def test_interrupting_a_plain_await_stops_the_stream_too(kernel: Kernel) -> None:
    with ByteServer(sse_response([delta("partial"), Hold()])) as server:
        kernel.run(f"from nbstream import Chat\nchat = Chat('m', base_url='{server.base_url}')")
        request = kernel.start("reply = chat.send('Hi')\nawait reply")
        server.wait_requests(1)
        kernel.interrupt()
        assert kernel.end(request).status == "error"
        assert server.requests[0].wait_disconnect()
    assert kernel.value("reply.status") == "stopped"


def test_interrupting_a_loop_over_the_deltas_stops_the_stream_too(kernel: Kernel) -> None:
    with ByteServer(sse_response([delta("partial"), Hold()])) as server:
        kernel.run(f"from nbstream import Chat\nchat = Chat('m', base_url='{server.base_url}')")
        request = kernel.start(
            "reply = chat.send('Hi')\nasync for text in reply:\n    print(text, flush=True)"
        )
        for message in kernel.messages(request):
            if message["msg_type"] == "stream":
                break
        time.sleep(1)  # until nothing of the start is left to wake the loop
        kernel.interrupt()
        assert server.requests[0].wait_disconnect()
        assert kernel.end(request).status == "error"
    assert kernel.value("(reply.status, reply.text)") == ("stopped", "partial")
