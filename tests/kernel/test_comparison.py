"""`await compare(…)` in a real kernel."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from nbstream.comparison.view.saved import COMPARISON_MIMETYPE
from tests.cells import chat_cell
from tests.kernel.driver import Execution, Kernel
from tests.kernel.test_stopping import BUSY_COMMS
from tests.loopback import ByteServer, Hold, json_response, sse_response
from tests.loopback.chunks import delta, says
from tests.loopback.exchanges import RecordedRequest
from tests.loopback.steps import Step


def by_model(request: RecordedRequest) -> Iterable[Step]:
    """Model `broken` fails, `judge` likes what is loud, and the others repeat the prompt."""
    text, model = request.json["messages"][-1]["content"], request.json["model"]
    if model == "broken":
        return json_response(400, {"error": {"message": "out of order"}})
    if model == "judge":
        return says(f'{{"reason": "seen", "grade": {str("OSLO" in text).lower()}}}')
    return says(text.upper() if model == "loud" else text)


def cell_of(server: ByteServer, arguments: str) -> str:
    """A cell that compares on this server."""
    return (
        "from nbstream import compare\nfrom nbstream.comparison import Judge\n"
        f"at = {{'base_url': {server.base_url!r}}}\n"
        f"grid = compare({arguments}, **at)\n"
        "await grid"
    )


def saved(cell: Execution) -> dict[str, Any]:
    """Data of the comparison's one output, as last updated."""
    displayed = [bundle for bundle in cell.of("display_data") if COMPARISON_MIMETYPE in bundle["data"]]
    assert len(displayed) == 1
    data: dict[str, Any] = [*displayed, *cell.of("update_display_data")][-1]["data"]
    return data


def test_grid_is_shown_and_its_judge_asked_in_the_loop_of_the_kernel(kernel: Kernel) -> None:
    with ByteServer(by_model) as server:
        rows = [{"city": "Oslo"}, {"city": "Rome"}]
        judge = "Judge('Is it loud?', model='judge', **at)"
        models = ["loud", "quiet", "broken"]
        arguments = f"'{{{{ city }}}}', models={models}, over={rows}, checks={judge}"
        cell = kernel.run(cell_of(server, arguments))
    assert cell.status == "ok", cell.reply
    shown = saved(cell)["text/markdown"].splitlines()
    assert shown[0] == "6 answers: 2 failed, 4 finished"
    assert "| 0 | ✓ OSLO | ✗ Oslo | &#40;failed&#41; |" in shown
    assert kernel.value("grid.to_frame()['check_judge'].tolist()") == [True, False, None, False, False, None]


def test_cell_fails_only_if_all_answers_do(kernel: Kernel) -> None:
    with ByteServer(by_model) as server:
        failed = kernel.run(cell_of(server, "'Hi', models='broken', n=2"))
        strict = kernel.run(cell_of(server, "'Hi', models=['broken', 'quiet'], strict=True"))
        partly = kernel.run(cell_of(server, "'Hi', models=['broken', 'quiet']"))
    assert [cell.status for cell in (failed, strict, partly)] == ["error", "error", "ok"]
    assert "out of order" in failed.traceback[0]


def test_cell_compares_models_and_the_chat_continues_from_the_first_that_finished(kernel: Kernel) -> None:
    with ByteServer(by_model) as server:
        options = "-m broken,loud,quiet -c compared --into grid"
        cell = kernel.run(chat_cell(server, options), cell="compared")
        kernel.run(chat_cell(server, "-m quiet -c compared", "And now?"), cell="next")
        sent = [message["content"] for message in server.requests[-1].json["messages"]]
    assert cell.status == "ok", cell.reply
    assert not cell.of("execute_result")
    answers = saved(cell)[COMPARISON_MIMETYPE]["cells"]
    assert [one.get("text") for one in answers] == [None, "HI", "Hi"]
    assert kernel.value("[cell.status for cell in grid.cells]") == ["failed", "finished", "finished"]
    assert sent == ["Hi", "HI", "And now?"]


def test_awaited_comparison_is_shown_while_it_streams(kernel: Kernel) -> None:
    with ByteServer(by_model) as server:
        cell = kernel.run(cell_of(server, "'Hi', models=['loud', 'quiet']") + "\n1", cell="awaited")
    (opened,) = cell.of("comm_open")
    assert [head[0] for head in opened["data"]["state"]["snapshot"]["cells"]] == ["waiting"] * 2
    assert [one["text"] for one in saved(cell)[COMPARISON_MIMETYPE]["cells"]] == ["HI", "Hi"]


def test_adopt_in_the_page_continues_the_chat_of_the_cell(kernel: Kernel) -> None:
    with ByteServer(by_model) as server:
        kernel.run("%chat reset")
        cell = kernel.run(chat_cell(server, "-m loud,quiet -c pages"), cell="adopting")
        (opened,) = cell.of("comm_open")
        for number in (1, 0, 1):
            asked = kernel.command(opened["comm_id"], "adopt", cell=number)
            result = next(one for one in kernel.customs(opened["comm_id"]) if one.get("n") == asked)
            assert "'pages' continues from this answer" in result["data"]["notice"]
        kernel.run(chat_cell(server, "-m quiet -c pages", "And now?"), cell="after")
        sent = [message["content"] for message in server.requests[-1].json["messages"]]
    assert sent == ["Hi", "Hi", "And now?"]


def test_adopt_in_the_page_makes_a_variable_of_an_answer_of_plain_code(kernel: Kernel) -> None:
    with ByteServer(by_model) as server:
        cell = kernel.run("adopted = 1\n" + cell_of(server, "'Hi', models=['loud', 'quiet']"), cell="plain")
        (opened,) = cell.of("comm_open")
        asked = kernel.command(opened["comm_id"], "adopt", cell=0)
        result = next(one for one in kernel.customs(opened["comm_id"]) if one.get("n") == asked)
        kernel.run("await adopted_2.send('And now?')")
        sent = [message["content"] for message in server.requests[-1].json["messages"]]
    assert "The variable adopted_2 is a chat" in result["data"]["notice"]
    assert sent == ["Hi", "HI", "And now?"]
    assert kernel.value("adopted") == 1


def test_one_widget_streams_all_answers(kernel: Kernel) -> None:
    with ByteServer(by_model) as server:
        cell = kernel.run(chat_cell(server, "-m loud,quiet -n 3 --alone"), cell="widget")
    (opened,) = cell.of("comm_open")
    assert len(opened["data"]["state"]["snapshot"]["cells"]) == 6
    messages = [m["data"]["content"] for m in cell.of("comm_msg") if m["data"].get("method") == "custom"]
    heads = {number: head for message in messages for number, head in message.get("heads", [])}
    assert [heads[number][0] for number in sorted(heads)] == ["finished"] * 6
    assert messages[-1]["figures"]["done"]
    view = "application/vnd.jupyter.widget-view+json"
    assert view in cell.of("display_data")[0]["data"]
    assert set(cell.of("update_display_data")[-1]["data"]) == {
        COMPARISON_MIMETYPE,
        "text/markdown",
        "text/plain",
    }


@BUSY_COMMS
def test_stop_in_the_page_stops_all_without_an_error(kernel: Kernel) -> None:
    with ByteServer(sse_response([delta("so far"), Hold()])) as server:
        request = kernel.start(chat_cell(server, "-m a,b --alone --into held"), cell="stopped")
        comm = ""
        for message in kernel.messages(request):
            if message["msg_type"] == "comm_open":
                comm = message["content"]["comm_id"]
                break
        server.wait_requests(2)
        kernel.command(comm, "stop")
        cell = kernel.end(request)
    assert cell.status == "ok", cell.reply
    assert kernel.value("{cell.status for cell in held.cells}") == {"stopped"}


def test_answers_so_far_are_saved_while_they_stream(kernel: Kernel) -> None:
    kernel.run("from nbstream.comparison.view import showing\nshowing.REFRESH_SECONDS = 0.1")
    with ByteServer(sse_response([delta("so far"), Hold()])) as server:
        request = kernel.start(chat_cell(server, "-m a,b --alone"), cell="refreshed")
        for message in kernel.messages(request):
            data = message["content"].get("data", {}) if message["msg_type"] == "update_display_data" else {}
            answers = data.get(COMPARISON_MIMETYPE, {"cells": []})["cells"]
            if [(one.get("status"), one.get("text")) for one in answers] == [("stopped", "so far")] * 2:
                break
        kernel.interrupt()
        cell = kernel.end(request)
    assert cell.status == "error"


def test_run_without_a_page_has_one_output_with_all_answers(kernel: Kernel) -> None:
    with ByteServer(by_model) as server:
        cell = kernel.run(chat_cell(server, "-m loud,quiet --alone"))
    assert not cell.of("comm_open")
    assert [bundle["data"] for bundle in cell.of("display_data")] == [saved(cell)]
    assert [one["text"] for one in saved(cell)[COMPARISON_MIMETYPE]["cells"]] == ["HI", "Hi"]


def test_interrupt_stops_all_answers_and_keeps_their_text(kernel: Kernel) -> None:
    with ByteServer(sse_response([delta("so far"), Hold()])) as server:
        request = kernel.start(cell_of(server, "'Hi', models='m', n=5, concurrency=3"))
        server.wait_requests(3)
        kernel.interrupt()
        cell = kernel.end(request)
        assert all(sent.wait_disconnect() for sent in server.requests)
        assert len(server.requests) == 3
    assert cell.status == "error"
    assert kernel.value("{cell.status for cell in grid.cells}") == {"stopped"}
