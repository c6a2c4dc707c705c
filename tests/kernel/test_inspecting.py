"""The inspector's side of a kernel: what `--debug` displays, and the answers to a view's requests."""

from __future__ import annotations

import json
from collections.abc import Iterator

import pytest

from tests.inspection.streams import KEY, delta
from tests.kernel.driver import REPLY, Kernel, loaded
from tests.loopback import ByteServer, Hold, sse_response
from tests.loopback.chunks import END

INSPECTION = "application/vnd.nbstream.inspection+json"
ANSWER = sse_response([delta("Hel"), delta("lo"), f"{{broken {KEY}", *END])


@pytest.fixture(scope="module")
def server() -> Iterator[ByteServer]:
    with ByteServer(ANSWER) as running:
        yield running


@pytest.fixture(scope="module")
def kernel(server: ByteServer) -> Iterator[Kernel]:
    with loaded({"OPENAI_API_KEY": KEY, "OPENAI_BASE_URL": server.base_url}) as running:
        yield running


@pytest.mark.parametrize("cell_id", ["live", None], ids=["live", "headless"])
def test_debug_displays_the_inspection_below_the_answer(kernel: Kernel, cell_id: str | None) -> None:
    cell = kernel.run("%%chat -m m --alone --debug\nHi", cell=cell_id)
    shown = cell.of("display_data")[-1]["data"]
    assert set(shown) == {INSPECTION, "text/markdown", "text/plain"}
    types = [row["type"] for row in shown[INSPECTION]["rows"]]
    assert (types[0], types[-1]) == ("routed", "finished")
    assert "chunk_skipped" in types
    assert shown[INSPECTION]["over"]
    assert "chunk&#95;skipped" in shown["text/markdown"]
    assert KEY not in json.dumps([cell.messages, cell.reply], default=str)


def test_debug_displays_it_below_a_failed_answer_as_well(kernel: Kernel) -> None:
    with ByteServer(sse_response([delta("a")])) as cut:
        cell = kernel.run(f"%%chat -m m --alone --debug --base-url {cut.base_url}\nHi", cell="failed")
    assert cell.status == "error"
    assert cell.of("display_data")[-1]["data"][INSPECTION]["rows"][-1]["type"] == "failed"


def test_a_saved_view_asks_by_comm(kernel: Kernel) -> None:
    cell = kernel.run("%%chat -m m --alone --into kept\nHi", cell="saved")
    reply_id = cell.provenance["id"]
    assert REPLY in cell.saved
    page = kernel.ask("inspect", reply=reply_id, **{"from": 0})["data"]
    assert [row["type"] for row in page["rows"]][-1] == "finished"
    rest = kernel.ask("inspect", reply=reply_id, **{"from": len(page["rows"])})["data"]
    assert (rest["rows"], rest["over"]) == ([], True)
    assert KEY not in json.dumps(page)


@pytest.mark.parametrize(
    "asked", [{}, {"reply": "other", "from": 0}, {"reply": 5}, {"reply": None, "from": "x"}]
)
def test_an_unknown_reply_is_said_to_be_unknown(kernel: Kernel, asked: dict[str, object]) -> None:
    refused = kernel.ask("inspect", **asked)
    assert refused["t"] == "refused"
    assert refused["message"]


def test_a_live_view_asks_its_widget(kernel: Kernel) -> None:
    with ByteServer(sse_response([delta("a"), Hold()])) as server:
        request = kernel.start(
            f"%%chat -m m --alone -b --base-url {server.base_url} --into held\nHi", cell="streaming"
        )
        opened = [
            m["content"]["comm_id"]
            for m in kernel.end(request).messages
            if m["msg_type"] == "comm_open" and "snapshot" in m["content"]["data"].get("state", {})
        ]
        rows: list[dict[str, object]] = []
        while not any(row["type"] == "text_delta" for row in rows):
            number = kernel.command(opened[-1], "inspect", **{"from": len(rows)})
            customs = kernel.customs(opened[-1])
            page = next(message["data"] for message in customs if message.get("n") == number)
            assert page["from"] == len(rows)
            assert page["over"] is False
            rows += page["rows"]
        kernel.run("held.stop()\nawait held.wait()")
    assert kernel.value("held.inspect().rows[-1].type") == "stopped"


def test_it_is_the_value_of_a_cell(kernel: Kernel) -> None:
    kernel.run("%%chat -m m --alone --into r\nHi")
    cell = kernel.run("r.inspect()", cell="value")
    assert INSPECTION in cell.of("execute_result")[0]["data"]
    printed = kernel.run("print(r.inspect())").printed
    assert "gaps between tokens" in printed
    assert kernel.value("len(r.inspect().to_frame()) == len(r.events)")


def test_the_debug_log_goes_where_logging_is_told(kernel: Kernel) -> None:
    kernel.run(
        "import io, logging\nheard = io.StringIO()\nlogger = logging.getLogger('nbstream')\n"
        "handler = logging.StreamHandler(heard)\nlogger.addHandler(handler)\nlogger.setLevel(logging.DEBUG)"
    )
    kernel.run("%%chat -m m --alone --into r\nHi")
    kernel.run("logger.setLevel(logging.NOTSET)\nlogger.removeHandler(handler)")
    assert kernel.value("len(heard.getvalue().splitlines()) == len(r.events)")
    assert kernel.value(f"'{KEY}' in heard.getvalue()") is False


def test_debug_in_the_background_displays_what_there_is_and_the_view_follows(kernel: Kernel) -> None:
    with ByteServer(sse_response([delta("a"), Hold()])) as server:
        cell = kernel.run(
            f"%%chat -m m --alone -b --debug --base-url {server.base_url} --into ahead\nHi", cell="ahead"
        )
        shown = cell.of("display_data")[-1]["data"][INSPECTION]
        assert shown["over"] is False
        page = kernel.ask("inspect", reply=shown["id"], **{"from": len(shown["rows"])})["data"]
        assert page["from"] == len(shown["rows"])
        kernel.run("ahead.stop()\nawait ahead.wait()")
    page = kernel.ask("inspect", reply=shown["id"], **{"from": 0})["data"]
    assert (page["rows"][-1]["type"], page["over"]) == ("stopped", True)
