"""Calls of tools in a `%%chat` cell: approved in its view, or refused before anything is sent."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from tests.cells import chat_cell
from tests.kernel.adding import calling
from tests.kernel.driver import REPLY, Execution, Kernel
from tests.kernel.test_stopping import BUSY_COMMS
from tests.loopback import ByteServer

ADD = "def add(a: int, b: int) -> int:\n    'Add.'\n    return a + b"
BROKEN = "def add(a: int, b: int) -> int:\n    raise ValueError('no')"


@pytest.fixture
def server(kernel: Kernel) -> Iterator[ByteServer]:
    kernel.run(ADD)
    with ByteServer(calling) as running:
        yield running


class Asking:
    """A cell whose call waits for approval."""

    def __init__(self, kernel: Kernel, source: str) -> None:
        self.kernel = kernel
        self.request = kernel.start(source, cell="asking")
        self.calls: list[dict[str, Any]] = []
        for message in kernel.messages(self.request):
            if message["msg_type"] == "comm_open":
                self.comm = message["content"]["comm_id"]
                self.calls += message["content"]["data"]["state"].get("snapshot", {}).get("tools", [])
            if message["msg_type"] == "comm_msg":
                self.calls += message["content"]["data"].get("content", {}).get("tools", [])
            if self.calls and self.calls[-1]["state"] == "asking":
                break

    def say(self, name: str, **arguments: object) -> Execution:
        self.number = self.kernel.command(self.comm, name, **arguments)
        return self.kernel.end(self.request)


@BUSY_COMMS
@pytest.mark.parametrize(
    ("allow", "says"),
    [(True, 'add({"a": 1, "b": 2}) returned 3'), (False, 'add({"a": 1, "b": 2}) was refused')],
)
def test_a_call_waits_for_a_word_in_the_view(
    kernel: Kernel, server: ByteServer, allow: bool, says: str
) -> None:
    asking = Asking(kernel, chat_cell(server, "--alone --tools add"))
    assert "".join(call["arguments"][1] for call in asking.calls) == '{"a": 1, "b": 2}'
    assert len(server.requests) == 1
    cell = asking.say("approve", call="call-1", allow=allow)
    assert cell.status == "ok"
    assert {"t": "ack", "n": asking.number, "name": "approve"} in cell.frames
    (call,) = cell.saved[REPLY]["tools"]
    assert (call["name"], call["state"]) == ("add", "returned" if allow else "refused")
    assert says in cell.saved["text/plain"]
    assert len(server.requests) == 2


@BUSY_COMMS
def test_stop_ends_the_wait_and_the_call_never_runs(kernel: Kernel, server: ByteServer) -> None:
    cell = Asking(kernel, chat_cell(server, "--alone --tools add")).say("stop")
    assert cell.status == "ok"
    assert cell.saved[REPLY]["status"] == "stopped"
    assert cell.saved[REPLY]["tools"][0]["state"] == "unfinished"
    assert len(server.requests) == 1


@BUSY_COMMS
def test_a_word_on_another_call_changes_nothing(kernel: Kernel, server: ByteServer) -> None:
    asking = Asking(kernel, chat_cell(server, "--alone --tools add"))
    kernel.command(asking.comm, "approve", call="call-9", allow=True)
    kernel.command(asking.comm, "approve", call="call-1", allow="yes")
    cell = asking.say("approve", call="call-1", allow=True)
    assert cell.saved[REPLY]["tools"][0]["state"] == "refused"  # only a plain true is a yes


@BUSY_COMMS
def test_the_error_of_a_function_is_shown_and_goes_to_the_model(kernel: Kernel, server: ByteServer) -> None:
    kernel.run(BROKEN)
    asking = Asking(kernel, chat_cell(server, "--alone --tools add"))
    cell = asking.say("approve", call="call-1", allow=True)
    assert cell.status == "ok"
    assert cell.saved[REPLY]["tools"][0]["result"] == "ValueError: no"
    assert cell.saved["text/plain"].endswith("It is ValueError: no")


def test_a_cell_in_the_background_asks_after_its_end(kernel: Kernel, server: ByteServer) -> None:
    def asks(message: dict[str, Any]) -> bool:
        content = message["content"].get("data", {}).get("content", {})
        return any(call["state"] == "asking" for call in content.get("tools", []))

    request = kernel.start(chat_cell(server, "--alone --tools add --background"), cell="background")
    cell = kernel.end(request)
    assert cell.status == "ok"
    kernel.late(request, asks)
    kernel.command(cell.of("comm_open")[-1]["comm_id"], "approve", call="call-1", allow=True)
    server.wait_requests(2)
    assert server.requests[1].json["messages"][-1]["content"] == "3"


@BUSY_COMMS
def test_a_reply_that_is_only_awaited_shows_what_waits(kernel: Kernel, server: ByteServer) -> None:
    kernel.run(f"from nbstream import Chat\nchat = Chat('m', base_url='{server.base_url}', tools=[add])")
    cell = Asking(kernel, "await chat.send('add')").say("approve", call="call-1", allow=True)
    assert cell.status == "ok"
    assert cell.saved["text/plain"].endswith("It is 3")
    assert len(cell.of("update_display_data")) == 1
    assert not cell.of("execute_result")


NESTED = "%%time\nget_ipython().run_cell_magic('chat', '--base-url {url} -m m --alone --tools add', 'Hi')"


@pytest.mark.parametrize(
    ("source", "cell", "reason"),
    [
        ("%%chat --base-url {url} -m m --alone --tools add\nHi", None, "This run is not interactive"),
        (NESTED, "nested", "A cell inside another one"),
    ],
    ids=["headless", "nested"],
)
def test_where_nobody_can_be_asked_nothing_is_sent(
    kernel: Kernel, server: ByteServer, source: str, cell: str | None, reason: str
) -> None:
    execution = kernel.run(source.format(url=server.base_url), cell=cell)
    assert execution.status == "error"
    assert reason in execution.traceback[0]
    assert "--approve always" in execution.traceback[0]
    assert len(server.requests) == 0


def test_a_kernel_that_would_not_hear_says_so(kernel: Kernel, server: ByteServer) -> None:
    if not BUSY_COMMS.args[0]:
        pytest.skip("this kernel hears a view while a cell runs")
    execution = kernel.run(chat_cell(server, "--alone --tools add"), cell="deaf")
    assert "cannot receive button clicks while a cell runs" in execution.traceback[0]
    assert len(server.requests) == 0


BLOCKING = ["reply.result()", "''.join(reply)"]


@pytest.mark.parametrize("read", BLOCKING)
def test_a_call_in_a_cell_that_blocks_the_kernel_is_an_error(
    kernel: Kernel, server: ByteServer, read: str
) -> None:
    kernel.run(f"from nbstream import Chat\nchat = Chat('m', base_url='{server.base_url}', tools=[add])")
    cell = kernel.run(f"reply = chat.send('add')\n{read}", cell="blocking")
    assert cell.status == "error"
    assert "The call of add waits for approval, and nobody can approve it here." in cell.traceback[0]
    assert kernel.run("assert reply.status == 'stopped'").status == "ok"


def test_always_asks_nobody(kernel: Kernel, server: ByteServer) -> None:
    cell = kernel.run(chat_cell(server, "--alone --tools add --approve always"))
    assert cell.saved["text/plain"] == '[add({"a": 1, "b": 2}) returned 3]\n\nIt is 3'
