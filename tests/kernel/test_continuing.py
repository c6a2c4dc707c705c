"""Continue in a kernel: ordered by the view of a saved answer, or by `%chat continue`."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from tests.cells import chat_cell
from tests.kernel.driver import REPLY, Execution, Kernel
from tests.loopback import ByteServer, RecordedRequest, in_turn, json_response
from tests.test_continuing import CUT, FIRST, REST, SECOND, listing, server_of

CELL = "cut"


@pytest.fixture
def server(kernel: Kernel) -> Iterator[ByteServer]:
    kernel.run("%config NBStream.retries = 0\n%chat use fresh\n%chat reset")
    with server_of("vllm", CUT, REST) as running:
        yield running


def order(kernel: Kernel, cut: Execution, cell: str = CELL) -> dict[str, Any]:
    return kernel.ask("continue", cell=cell, reply=cut.provenance["id"])


def asked(server: ByteServer) -> list[RecordedRequest]:
    return [request for request in server.requests if request.method == "POST"]


@pytest.mark.parametrize("options", ["", "--alone"])
def test_the_next_run_of_the_cell_goes_on_in_its_output(
    kernel: Kernel, server: ByteServer, options: str
) -> None:
    cut = kernel.run(chat_cell(server, options), cell=CELL)
    assert (cut.status, cut.saved[REPLY]["text"]) == ("error", FIRST)
    assert cut.provenance["continuable"] is True
    assert order(kernel, cut)["t"] == "ack"
    cell = kernel.run(chat_cell(server, options), cell=CELL)
    assert (cell.status, cell.saved[REPLY]["text"]) == ("ok", FIRST + SECOND)
    assert asked(server)[1].json["messages"][-1] == {"role": "assistant", "content": FIRST.rstrip()}
    assert "The answer was cut off after" in cell.saved["text/plain"]
    opened = cell.of("comm_open")[-1]["data"]["state"]["snapshot"]
    assert opened["text"] in ("", FIRST), "the live view begins with what was there"


def test_the_version_that_was_cut_is_kept(kernel: Kernel, server: ByteServer) -> None:
    order(kernel, kernel.run(chat_cell(server), cell=CELL))
    cell = kernel.run(chat_cell(server), cell=CELL)
    (earlier,) = cell.provenance["versions"]
    assert (earlier["reply"]["status"], earlier["reply"]["text"]) == ("failed", FIRST)
    assert kernel.run("%chat history").of("execute_result")[0]["data"]["text/plain"].endswith(SECOND)


def test_an_order_is_for_one_run(kernel: Kernel, server: ByteServer) -> None:
    order(kernel, kernel.run(chat_cell(server), cell=CELL))
    kernel.run(chat_cell(server), cell=CELL)
    kernel.run(chat_cell(server), cell=CELL)
    assert [message["role"] for message in asked(server)[2].json["messages"]] == ["user"]


def test_a_cell_that_has_changed_is_not_continued(kernel: Kernel, server: ByteServer) -> None:
    order(kernel, kernel.run(chat_cell(server), cell=CELL))
    cell = kernel.run(chat_cell(server, prompt="Something else"), cell=CELL)
    assert cell.status == "error"
    assert "The cell has changed" in cell.traceback[0]
    assert len(asked(server)) == 1
    assert kernel.run(chat_cell(server, prompt="Something else"), cell=CELL).status == "ok"


def test_an_answer_that_is_not_known_is_refused(kernel: Kernel, server: ByteServer) -> None:
    cut = kernel.run(chat_cell(server), cell=CELL)
    refused = order(kernel, cut, cell="another")
    assert refused["t"] == "refused"
    assert "This kernel no longer has the answer" in refused["message"]


def test_an_answer_that_is_whole_is_refused(kernel: Kernel) -> None:
    with server_of("vllm", REST) as server:
        refused = order(kernel, kernel.run(chat_cell(server), cell=CELL))
    assert refused["t"] == "refused"
    assert "the model ended it" in refused["message"]


def test_a_nested_cell_is_continued_too(kernel: Kernel, server: ByteServer) -> None:
    nested = f"%%time\nget_ipython().run_cell_magic('chat', '--base-url {server.base_url} -m m', 'Hi')"
    order(kernel, kernel.run(nested, cell=CELL))
    assert kernel.run(nested, cell=CELL).saved[REPLY]["text"] == FIRST + SECOND


@pytest.mark.parametrize("cell", [None, "another"], ids=["headless", "live"])
def test_by_command(kernel: Kernel, server: ByteServer, cell: str | None) -> None:
    assert kernel.run(chat_cell(server), cell="asking").status == "error"
    continued = kernel.run("%chat continue", cell=cell)
    assert (continued.status, continued.saved[REPLY]["text"]) == ("ok", FIRST + SECOND)
    assert continued.of("execute_result") == []


def test_by_command_where_the_endpoint_has_no_way_to(kernel: Kernel) -> None:
    kernel.run("%chat use fresh\n%chat reset")
    refused = in_turn(CUT, json_response(404, {}))
    with ByteServer(lambda r: listing("me") if r.path.endswith("/models") else refused(r)) as server:
        cut = kernel.run(chat_cell(server))
        assert "continuable" not in cut.provenance
        cell = kernel.run("%chat continue")
    assert cell.status == "error"
    assert "Continuing an answer is not supported" in cell.traceback[0]
    assert cell.saved[REPLY]["text"] == FIRST, "what was there is still there"
    assert len(asked(server)) == 1


def test_by_command_where_there_is_nothing_to_go_on_with(kernel: Kernel) -> None:
    kernel.run("%chat use fresh\n%chat reset")
    assert "no answer to continue" in kernel.run("%chat continue").traceback[0]
