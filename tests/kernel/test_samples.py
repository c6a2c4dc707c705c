"""`%%chat -n N` in a real kernel."""

from __future__ import annotations

import json
from typing import Any

from tests.cells import chat_cell
from tests.kernel.driver import REPLY, Kernel, unpacked_output
from tests.kernel.test_stopping import BUSY_COMMS
from tests.loopback import ByteServer, Gate, Hold, json_response, sse_response
from tests.loopback.chunks import END, delta

USAGE = {"usage": {"prompt_tokens": 5, "completion_tokens": 2, "total_tokens": 7}, "choices": []}


def by_seed(request: Any) -> list[Any]:
    """Answers by the seed: 8 fails, odd ones say No."""
    seed = request.json["seed"]
    if seed == 8:
        return json_response(400, {"error": {"message": "no such seed"}})
    finish, done = END
    return sse_response([delta("No" if seed % 2 else "Yes"), finish, USAGE, done])


def test_several_answers_are_versions_and_one_that_fails_leaves_the_others(kernel: Kernel) -> None:
    with ByteServer(by_seed) as server:
        cell = kernel.run(chat_cell(server, "-c samples -n 5 --seed 6 --into several"), cell="several")
        assert sorted(request.json["seed"] for request in server.requests) == [6, 7, 8, 9, 10]
        assert all("n" not in request.json for request in server.requests)
    assert cell.status == "ok", cell.reply
    assert cell.saved[REPLY]["text"] == "Yes"
    assert cell.saved["text/markdown"].endswith("*4 answers, 2 distinct, 1 failed*")
    about = cell.provenance
    assert [version["version"] for version in about["versions"]] == [1, 2, 3, 4]
    assert [version["reply"]["text"] for version in about["versions"]] == ["No", "", "No", "Yes"]
    assert about["samples"]["usage"]["total"] == 28
    assert kernel.value("[reply.status for reply in several]").count("failed") == 1
    assert kernel.value("dict(several.counts)") == {"Yes": 2, "No": 2}


def test_the_conversation_continues_from_the_chosen_one(kernel: Kernel) -> None:
    with ByteServer(by_seed) as server:
        kernel.run(chat_cell(server, "-c chosen -n 2 --seed 8 --into two"), cell="two")
        assert kernel.value("two.chosen.text") == "No", "the first answer failed"
        kernel.run(chat_cell(server, "-c chosen -n 2 --seed 10 --into two"), cell="two")
        assert kernel.ask("choose", cell="two", version=3)["t"] == "result"
        kernel.run(chat_cell(server, "-c chosen -p seed=2", "And now?"), cell="next")
        sent = [message["content"] for message in server.requests[-1].json["messages"]]
    assert sent == ["Hi", "No", "And now?"]


def test_the_cell_fails_only_if_all_do(kernel: Kernel) -> None:
    with ByteServer(json_response(400, {"error": {"message": "out of order"}})) as server:
        cell = kernel.run(chat_cell(server, "--alone -n 3"), cell="all")
    assert cell.status == "error"
    assert "out of order" in cell.traceback[0]
    assert "0 answers, 3 failed" in cell.saved["text/plain"]
    assert "out of order" not in cell.saved["text/plain"], "the cell says it"


def test_an_interrupt_stops_all_and_keeps_their_text(kernel: Kernel) -> None:
    with ByteServer(sse_response([delta("so far"), Hold()])) as server:
        request = kernel.start(chat_cell(server, "--alone -n 3 --into held"), cell="held")
        server.wait_requests(3)
        for message in kernel.messages(request):
            if "so far" in json.dumps(message["content"]):
                break
        kernel.interrupt()
        cell = kernel.end(request)
        assert all(request.wait_disconnect() for request in server.requests)
    assert cell.reply["ename"] == "KeyboardInterrupt"
    assert kernel.value("{reply.status for reply in held}") == {"stopped"}


@BUSY_COMMS
def test_stop_in_the_view_stops_all_without_an_error(kernel: Kernel) -> None:
    with ByteServer(sse_response([delta("so far"), Hold()])) as server:
        request = kernel.start(chat_cell(server, "--alone -n 3 --into held"), cell="held")
        comm, shown = "", ""
        for message in kernel.messages(request):
            if message["msg_type"] == "comm_open":
                comm = message["content"]["comm_id"]
            shown += json.dumps(message["content"]) if message["msg_type"].startswith("comm") else ""
            if comm and "so far" in shown and "0 of 3 answers so far" in shown:
                break
        server.wait_requests(3)
        kernel.command(comm, "stop")
        cell = kernel.end(request)
    assert cell.status == "ok"
    assert kernel.value("held.summary") == "0 answers, 3 stopped"


def test_answers_that_have_ended_are_saved_while_the_first_streams(kernel: Kernel) -> None:
    def first_is_held(request: Any) -> list[Any]:
        return by_seed(request) if request.json["seed"] > 1 else sse_response([delta("so far"), Hold()])

    with ByteServer(first_is_held) as server:
        request = kernel.start(chat_cell(server, "--alone -n 3 --seed 1 --into held"), cell="kept")
        sent = ""
        for message in kernel.messages(request):
            content = message["content"]
            sent += json.dumps(content) if message["msg_type"] == "comm_msg" else ""
            if message["msg_type"] == "update_display_data" and REPLY in content["data"]:
                reply, about = unpacked_output(content)
                others = [version["reply"]["text"] for version in about.get("versions", ())]
                if (reply["status"], reply["text"], others) == ("streaming", "so far", ["Yes", "No"]):
                    break
        kernel.interrupt()
        cell = kernel.end(request)
    assert "2 of 3 answers so far" in sent
    assert cell.saved[REPLY]["text"] == "Yes", "the first answer that finished"
    assert kernel.value("held.summary") == "2 answers, 2 distinct, 1 stopped"


def test_a_run_without_a_page_keeps_all_in_one_output(kernel: Kernel) -> None:
    with ByteServer(by_seed) as server:
        cell = kernel.run(chat_cell(server, "--alone -n 2 --seed 2"))
    displayed = [bundle for bundle in cell.of("display_data") if REPLY in bundle["data"]]
    assert len(displayed) == 1
    assert cell.saved["text/plain"] == "Yes\n\n[2 answers, 2 distinct]"
    assert [version["reply"]["text"] for version in cell.provenance["versions"]] == ["No"]


def test_a_run_without_a_page_continues_from_the_first_although_others_are_faster(kernel: Kernel) -> None:
    gate = Gate()

    def first_waits(request: Any) -> Any:
        return (
            by_seed(request)
            if request.json["seed"] > 1
            else gate.script([delta("At")], [delta(" last"), *END])
        )

    with ByteServer(first_waits) as server:
        request = kernel.start(chat_cell(server, "--alone -n 3 --seed 1 --into late"))
        for message in kernel.messages(request):
            data = message["content"].get("data", {})
            if "2 of 3 answers" in data.get("text/plain", ""):
                break
        gate.open()
        cell = kernel.end(request)
    assert cell.saved[REPLY]["text"] == "At last"
    assert kernel.value("late.chosen.text") == "At last"


def test_tools_that_ask_are_refused(kernel: Kernel) -> None:
    kernel.run("def add(a: int, b: int) -> int:\n    return a + b")
    with ByteServer(by_seed) as server:
        cell = kernel.run(chat_cell(server, "--alone -n 2 --tools add"), cell="asks")
        assert not server.requests
    assert "--approve always" in cell.traceback[0]
