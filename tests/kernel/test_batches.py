"""``%%chat --over``: a prompt for each row of a table, in a real kernel."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from nbstream.batching.view.saved import BATCH_MIMETYPE
from tests.batching.whole_answers import Held, echoes, prompt_of, whole
from tests.kernel.driver import Kernel
from tests.loopback import ByteServer, json_response

VIEW = "application/vnd.jupyter.widget-view+json"

TABLE = """
import pandas as pd
from dataclasses import dataclass
from typing import Literal

greeting = "Hello"
df = pd.DataFrame({"city": ["Oslo", "Rome", "Lima"]}, index=[7, 8, 9])
found = None

@dataclass
class Mood:
    mood: Literal["good", "bad"]
"""


@pytest.fixture(autouse=True)
def table(kernel: Kernel) -> None:
    assert kernel.run(TABLE).status == "ok"


def page_of(kernel: Kernel, request: str) -> Callable[..., dict[str, Any]]:
    """Sends commands as the page of a running batch, and returns their answers."""
    opened = (m["content"]["comm_id"] for m in kernel.messages(request) if m["msg_type"] == "comm_open")
    comm = next(opened)

    def ask(name: str, **arguments: Any) -> dict[str, Any]:
        number = kernel.command(comm, name, **arguments)
        return next(message for message in kernel.customs(comm) if message.get("n") == number)

    return ask


def cell(server: ByteServer, path: Path, options: str, prompt: str) -> str:
    return (
        f"%%chat --over df --store {path / 'a.sqlite'} --base-url {server.base_url} -m m {options}\n{prompt}"
    )


def test_a_cell_asks_for_each_row_and_stores_the_table(kernel: Kernel, tmp_path: Path) -> None:
    with ByteServer(echoes) as server:
        done = kernel.run(cell(server, tmp_path, "--into found", "{{ greeting }} {{ city }}"))
        assert done.status == "ok", done.traceback
        shown = kernel.run(cell(server, tmp_path, "", "{{ greeting }} {{ city }}"))
        plan = kernel.run(cell(server, tmp_path, "--dry-run", "{{ greeting }} {{ city }}!"))
    assert kernel.value("list(found['answer'])") == ["Hello Oslo", "Hello Rome", "Hello Lima"]
    assert kernel.value("list(found.index)") == [7, 8, 9]
    assert "Hello Rome" in shown.of("execute_result")[0]["data"]["text/plain"]
    assert "3 requests to send" in plan.of("execute_result")[0]["data"]["text/plain"]
    assert len(server.requests) == 3


def test_a_batch_that_no_page_shows_has_no_widget(kernel: Kernel, tmp_path: Path) -> None:
    kernel.run("import os; os.environ['NBSTREAM_MODE'] = 'headless'")
    with ByteServer(echoes) as server:
        done = kernel.run(cell(server, tmp_path, "--into found", "{{ city }}"))
    kernel.run("del os.environ['NBSTREAM_MODE']")
    assert done.status == "ok"
    assert [set(shown["data"]) for shown in done.of("display_data")] == [{"text/markdown", "text/plain"}]
    assert done.of("comm_open") == []


def test_the_output_that_stays_has_no_widget(kernel: Kernel, tmp_path: Path) -> None:
    held = Held()
    with ByteServer(held) as server:
        running = kernel.start(cell(server, tmp_path, "--into found", "{{ city }}"), cell="table")
        server.wait_requests(1)
        held.release()
        done = kernel.end(running)
        [begun], [comm] = done.of("display_data"), done.of("comm_open")
        assert begun["data"][VIEW]["model_id"] == comm["comm_id"]
        assert "**0 of 3 rows**" in begun["data"]["text/markdown"]
        last = done.of("update_display_data")[-1]
        assert set(last["data"]) == {BATCH_MIMETYPE, "text/markdown", "text/plain"}
        assert last["data"]["text/markdown"] == "**3 rows** · 3 answered"
        again = kernel.run(cell(server, tmp_path, "--into found", "{{ city }}"), cell="table")
    assert [closed["comm_id"] for closed in again.of("comm_close")] == [comm["comm_id"]]


def test_the_buttons_of_the_table_act_while_the_cell_runs(kernel: Kernel, tmp_path: Path) -> None:
    held, fails = Held(), {"Rome"}

    def answer(request: Any) -> Any:
        if prompt_of(request) in fails:
            return json_response(400, {"error": {"message": "this prompt is not allowed"}})
        return held(request) if prompt_of(request) == "Lima" else echoes(request)

    with ByteServer(answer) as server:
        running = kernel.start(
            cell(server, tmp_path, "--concurrency 1 --into found", "{{ city }}"), cell="table"
        )
        page = page_of(kernel, running)
        server.wait_requests(3)
        assert page("pause")["t"] == "ack"
        fails.clear()
        assert page("retry")["t"] == "ack"
        assert page("exchange", row=1)["data"]["messages"] == [["user", "Rome"]]
        held.release()
        assert page("resume")["t"] == "ack"
        done = kernel.end(running)
    assert done.status == "ok", done.traceback
    assert kernel.value("list(found['answer'])") == ["Oslo", "Rome", "Lima"]
    assert len(server.requests) == 4


def test_a_cell_with_a_schema_has_a_column_for_each_field(kernel: Kernel, tmp_path: Path) -> None:
    with ByteServer(lambda _: whole('{"mood": "good"}')) as server:
        done = kernel.run(cell(server, tmp_path, "--schema Mood --into found", "{{ city }}"))
    assert done.status == "ok", done.traceback
    assert kernel.value("list(found['mood'])") == ["good"] * 3


def test_the_first_interrupt_waits_for_what_is_in_flight(kernel: Kernel, tmp_path: Path) -> None:
    held = Held()
    source = "{{ city }}"
    with ByteServer(held) as server:
        request = kernel.start(cell(server, tmp_path, "--concurrency 2 --into found", source))
        server.wait_requests(2)
        kernel.interrupt()
        for message in kernel.messages(request):
            if "Waiting for 2 requests in flight" in str(message["content"]):
                break
        held.release()
        done = kernel.end(request)
        assert done.reply["ename"] == "KeyboardInterrupt"
        assert any("2 of 3 rows are answered and stored" in line for line in done.traceback)
        assert kernel.value("list(found['status'])") == ["finished", "finished", "unsent"]
        assert kernel.run(cell(server, tmp_path, "--into found", source)).status == "ok"
    assert kernel.value("list(found['answer'])") == ["Oslo", "Rome", "Lima"]
    assert len(server.requests) == 3  # nothing was paid twice


def test_the_second_interrupt_cancels_what_is_in_flight(kernel: Kernel, tmp_path: Path) -> None:
    with ByteServer(Held()) as server:
        request = kernel.start(cell(server, tmp_path, "--concurrency 2 --into found", "{{ city }}"))
        server.wait_requests(2)
        kernel.interrupt()
        for message in kernel.messages(request):
            if "Waiting for 2 requests in flight" in str(message["content"]):
                break
        kernel.interrupt()
        done = kernel.end(request)
    assert done.reply["ename"] == "KeyboardInterrupt"
    assert kernel.value("list(found['status'])") == ["unsent"] * 3
    assert kernel.run("1 + 1").status == "ok"


WRONG = {
    "%%chat --over nothing\nHi": "--over nothing: no variable has this name.",
    "%%chat --over df -b\nHi": "--background does not work with --over.",
    "%%chat --over df -m demo,ollama\nHi": "--over works with one model.",
    "%%chat --over df -m demo --via batch-api --concurrency 2\n{{ city }}": "concurrency=… has no use with",
    "%%chat --over df -m demo\n{{ town }}": "a column that is not in the table: 'town'",
}


@pytest.mark.parametrize(("source", "message"), WRONG.items())
def test_what_cannot_be_done_is_said(kernel: Kernel, source: str, message: str) -> None:
    done = kernel.run(source)
    assert done.reply["ename"] == "ArgumentError"
    assert message in done.reply["evalue"]
