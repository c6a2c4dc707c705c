"""A chat with a widget in plain code of a notebook, and in threads beside the running event loop."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.kernel.driver import Kernel
from tests.kernel.test_chat_widget import Widget
from tests.loopback import ByteServer, Hold, sse_response
from tests.loopback.chunks import delta, says


@pytest.fixture(scope="module")
def server() -> Iterator[ByteServer]:
    def answer(request: object) -> object:
        hold = request.json["messages"][-1]["content"] == "hold"  # type: ignore[attr-defined]
        return sse_response([delta("so far"), Hold()]) if hold else says("Hel", "lo")

    with ByteServer(answer) as running:  # type: ignore[arg-type]
        yield running


@pytest.fixture
def widget(kernel: Kernel, server: ByteServer) -> Widget:
    source = f"from nbstream import Chat, ChatWidget\nw = ChatWidget(Chat('m', base_url={server.base_url!r}))"
    return Widget(kernel, source)


def wait_for_text(widget: Widget) -> None:
    widget.seq = None  # the first messages were read with those of the cell
    while not any(text for _, text, _ in widget.said):
        widget.order("resync", until="snapshot")


THREAD = "import threading\nthread = threading.Thread(target=lambda: {})\nthread.start()"

WAYS = {
    "result": "w.send('Hi').result().text",
    "result of the chat's reply": "w.chat.send('Hi').result().text",
    "for": "''.join(w.send('Hi'))",
    "await": "(await w.send('Hi')).text",
}


@pytest.mark.parametrize("name", WAYS)
def test_a_cell_gets_the_answer_and_so_does_the_widget(name: str, widget: Widget, kernel: Kernel) -> None:
    cell = kernel.run(f"print({WAYS[name]})")
    assert (cell.status, cell.printed) == ("ok", "Hello\n")
    widget.order("resync", until="snapshot")
    assert widget.said == [("Hi", "Hello", "finished")]
    assert kernel.value("w.value, w.busy") == ("Hello", False)


def test_a_thread_gets_the_answer_and_so_does_the_widget(widget: Widget, kernel: Kernel) -> None:
    cell = kernel.run(THREAD.format("print(w.send('Hi').result().text)") + "\nthread.join()")
    assert (cell.status, cell.printed) == ("ok", "Hello\n")
    widget.order("resync", until="snapshot")
    assert widget.said == [("Hi", "Hello", "finished")]


def test_the_widget_stops_the_answer_of_a_thread(widget: Widget, kernel: Kernel) -> None:
    kernel.run(THREAD.format("w.send('hold').result()"))
    wait_for_text(widget)
    widget.order("stop")
    kernel.run("thread.join()")
    widget.order("resync", until="snapshot")
    assert widget.said == [("hold", "so far", "stopped")]


def test_an_answer_that_streams_on_the_loop_of_the_kernel_is_not_waited_for(
    widget: Widget, kernel: Kernel
) -> None:
    kernel.run("reply = w.send('hold')")
    wait_for_text(widget)
    cell = kernel.run("reply.result()")
    assert cell.reply["ename"] == "StateError"
    assert "Write `await reply`" in cell.traceback[0]
    widget.order("stop")
    kernel.run("await reply.wait()")
    widget.order("resync", until="snapshot")
    assert widget.said == [("hold", "so far", "stopped")]
