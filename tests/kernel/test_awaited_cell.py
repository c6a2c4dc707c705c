"""The default: the cell awaits its answer on the kernel's own loop."""

from __future__ import annotations

import pytest

from tests.cells import chat_cell
from tests.kernel.adding import calling
from tests.kernel.driver import REPLY, WIDGET, Kernel
from tests.loopback import ByteServer, Hold, json_response, sse_response
from tests.loopback.chunks import delta, says

HELLO = says("Hel", "lo")


def test_a_headless_run_gets_one_complete_output(kernel: Kernel) -> None:
    with ByteServer(HELLO) as server:
        # The first answer waits for the import of the SDK; an answer of seconds is saved while it streams.
        kernel.run(chat_cell(server, "--alone"))
        cell = kernel.run(chat_cell(server, "--alone"))
    assert cell.status == "ok"
    assert [
        m["msg_type"] for m in cell.messages if "display" in m["msg_type"] or "comm" in m["msg_type"]
    ] == ["display_data"]
    assert cell.saved["text/plain"] == cell.saved["text/markdown"] == "Hello"
    assert cell.saved[REPLY]["status"] == "finished"
    assert cell.of("execute_result") == []


def test_a_live_cell_streams_patches_and_ends_in_the_saved_output(kernel: Kernel) -> None:
    with ByteServer(HELLO) as server:
        cell = kernel.run(chat_cell(server, "--alone"), cell="live-1")
    shown = cell.of("display_data")
    assert [list(bundle["data"]) for bundle in shown] == [[WIDGET, REPLY, "text/markdown", "text/plain"]]
    assert shown[0]["data"]["text/plain"].startswith("[Unfinished")
    opened = cell.of("comm_open")[-1]["data"]["state"]
    assert opened["snapshot"]["status"] == "submitted"
    assert "".join(frame["text"][1] for frame in cell.frames if "text" in frame) == "Hello"
    (final,) = cell.of("update_display_data")
    assert final["transient"] == shown[0]["transient"]
    assert cell.saved[REPLY]["text"] == "Hello"
    assert final["metadata"]["nbstream"]["model"] == "m"


def test_a_shown_reply_keeps_its_text_in_one_piece(kernel: Kernel) -> None:
    lines = [f"canary line {number} of a paragraph\n\n" for number in range(2000)]
    with ByteServer(says(*lines)) as server:
        cell = kernel.run(chat_cell(server, "-c kept"), cell="kept")
    assert cell.status == "ok"
    lists = "(held for held in __import__('gc').get_objects() if type(held) is list)"
    assert kernel.value(f"sum(held.count('canary line 7 of a paragraph') for held in {lists})") == 0


def test_other_tasks_go_on_while_the_cell_waits(kernel: Kernel) -> None:
    kernel.run(
        "import asyncio\nticks = []\n"
        "async def tick():\n    while True:\n        ticks.append(1)\n        await asyncio.sleep(0.01)\n"
        "ticker = asyncio.create_task(tick())"
    )
    before = kernel.value("len(ticks)")
    cell = kernel.run("%%chat -m demo --alone --max-tokens 10\nHello")
    assert cell.status == "ok"
    assert kernel.value("len(ticks)") - before > 10
    kernel.run("ticker.cancel()")


def test_a_failed_request_fails_the_cell_in_one_line(kernel: Kernel) -> None:
    with ByteServer(json_response(401, {"error": {"message": "Incorrect API key"}})) as server:
        cell = kernel.run(chat_cell(server, "--alone"))
    assert cell.status == "error"
    assert len(cell.traceback) == 1
    assert cell.traceback[0].startswith("AuthenticationError: ")
    assert "Incorrect API key" in cell.traceback[0]
    assert cell.saved[REPLY]["error"]["kind"] == "auth"


def test_run_all_stops_at_a_failed_cell(kernel: Kernel) -> None:
    with ByteServer(json_response(400, {"error": {"message": "no"}})) as server:
        failing = kernel.start(chat_cell(server, "--alone"), cell="c1")
        following = kernel.start("after = 1", cell="c2")
        assert kernel.end(failing).status == "error"
        assert kernel.end(following).status in {"aborted", "error"}
    assert kernel.value("'after' in globals()") is False


def test_out_holds_the_reply_without_a_second_output(kernel: Kernel) -> None:
    with ByteServer(HELLO) as server:
        cell = kernel.run(chat_cell(server, "--alone"))
    assert cell.of("execute_result") == []
    assert kernel.value("_.text") == "Hello"
    number = cell.reply["execution_count"]
    assert kernel.value(f"Out[{number}].finish_reason") == "stop"
    again = kernel.run(f"Out[{number}]")
    assert [bundle["data"]["text/plain"] for bundle in again.of("display_data")] == ["Hello"]


def test_the_prompt_is_sent_as_it_stands(kernel: Kernel) -> None:
    prompt = 'Explain {x} and $HOME and {"a": [1, {"b": 2}]} and !ls and %time and \\n'
    with ByteServer(HELLO) as server:
        kernel.run("x = 'EXPANDED'")
        kernel.run(chat_cell(server, "--alone -s 'be {x}'", prompt))
        sent = server.requests[0].json["messages"]
    assert sent == [{"role": "system", "content": "be {x}"}, {"role": "user", "content": prompt}]
    kernel.run("%chat reset")
    kernel.run("%%chat -m demo:nbstream-demo-fast --system '' --alone\nforget the system message")


def test_the_input_history_keeps_what_the_user_wrote(kernel: Kernel) -> None:
    source = "%%chat -m demo:nbstream-demo-fast --alone\nHello"
    number = kernel.run(source).reply["execution_count"]
    assert kernel.value(f"get_ipython().history_manager.input_hist_raw[{number}]") == source


def test_into_names_the_reply_even_when_it_fails(kernel: Kernel) -> None:
    with ByteServer(sse_response([delta("par"), delta("tial")])) as server:
        cell = kernel.run(chat_cell(server, "--alone --into answer"))
    assert cell.status == "error"
    assert cell.traceback[0].startswith("StreamInterruptedError: ")
    assert kernel.value("answer.text, answer.status, answer.error.partial") == (
        "partial",
        "failed",
        "partial",
    )
    assert cell.saved["text/plain"].startswith("partial")


def test_a_cell_run_again_replaces_its_own_turn(kernel: Kernel) -> None:
    with ByteServer(HELLO) as server:
        for cell, prompt in [("t1", "one"), ("t2", "two"), ("t1", "one again")]:
            kernel.run(chat_cell(server, "-c turns", prompt), cell=cell)
        sent = [[m["content"] for m in request.json["messages"]] for request in server.requests]
    assert sent == [["one"], ["one", "Hello", "two"], ["one again"]]
    assert "one again" in kernel.run("%chat history turns").of("execute_result")[0]["data"]["text/plain"]


def test_of_many_versions_the_last_are_saved_by_their_numbers(kernel: Kernel) -> None:
    with ByteServer(HELLO) as server:
        for _ in range(11):
            cell = kernel.run(chat_cell(server, "-c many"), cell="many")
    assert [earlier["version"] for earlier in cell.provenance["versions"]] == list(range(1, 10))


def test_turns_of_deleted_cells_leave_the_conversation(kernel: Kernel) -> None:
    with ByteServer(HELLO) as server:
        for name in ("d1", "d2"):
            kernel.run(chat_cell(server, "-c deleted", name), cell=name)
        kernel.run(chat_cell(server, "-c deleted", "d3"), cell="d3", deletedCells=["d1"])
        assert [m["content"] for m in server.requests[-1].json["messages"]] == ["d2", "Hello", "d3"]


def test_a_background_cell_ends_at_once_and_its_answer_goes_on(kernel: Kernel) -> None:
    with ByteServer(sse_response([delta("so far"), Hold()])) as server:
        cell = kernel.run(chat_cell(server, "--alone -b --into later"), cell="bg")
        assert cell.status == "ok"
        server.wait_requests(1)
        assert kernel.value("later.status") in {"submitted", "streaming"}
        assert "stopped" in kernel.run("%chat stop").of("execute_result")[0]["data"]["text/plain"]
        assert server.requests[0].wait_disconnect()
    assert kernel.run("await later.wait()").status == "ok"
    assert kernel.value("later.status") == "stopped"


@pytest.mark.parametrize(
    ("options", "streams"), [("", False), ("--stream", True), ("-p background=true", True)]
)
def test_a_background_answer_is_not_streamed_unless_that_is_requested(
    kernel: Kernel, options: str, streams: bool
) -> None:
    usage = {"prompt_tokens": 7, "completion_tokens": 41, "total_tokens": 48}
    whole = {"choices": [{"message": {"content": "Hello"}, "finish_reason": "stop"}], "usage": usage}
    with ByteServer(HELLO if streams else json_response(200, whole)) as server:
        cell = kernel.run(chat_cell(server, f"--alone -b --into later {options}"), cell="bg")
        assert kernel.run("await later").status == "ok"
        assert server.requests[0].json["stream"] is streams
    assert cell.status == "ok"
    assert kernel.value("later.text") == "Hello"
    assert kernel.value("later.usage.output if later.usage else None") == (None if streams else 41)
    assert kernel.value("'requested in one piece' in str(later.inspect())") is not streams


def test_a_background_cell_waits_where_nobody_looks(kernel: Kernel) -> None:
    with ByteServer(HELLO) as server:
        cell = kernel.run(chat_cell(server, "--alone -b"))
        assert server.requests[0].json["stream"] is False
    assert cell.saved["text/plain"] == "Hello"


def test_a_background_answer_that_times_out_says_so_where_it_is_shown_and_awaited(kernel: Kernel) -> None:
    kernel.run("%config NBStream.total_timeout = 0.2")
    with ByteServer([Hold()]) as server:
        cell = kernel.run(chat_cell(server, "--alone -b --into late"), cell="late")
        awaited = kernel.run("await late")
        server.wait_requests(1)
    kernel.run("%config NBStream.total_timeout = None")
    assert (cell.status, awaited.status) == ("ok", "error")
    assert awaited.reply["ename"] == "RequestTimeoutError"
    assert kernel.value("late.status") == "failed"
    assert "0.2 s" in kernel.value("late.error.message")


def test_an_answer_in_one_piece(kernel: Kernel) -> None:
    whole = {"model": "m-2", "choices": [{"message": {"content": "Hello"}, "finish_reason": "stop"}]}
    with ByteServer(json_response(200, whole)) as server:
        cell = kernel.run(chat_cell(server, "--alone --no-stream"))
        assert server.requests[0].json["stream"] is False
    assert cell.saved["text/plain"] == "Hello"
    assert cell.provenance["model_resolved"] == "m-2"
    assert cell.provenance["whole"] is True


def test_functions_of_the_notebook_can_be_called(kernel: Kernel) -> None:
    kernel.run("def add(a: int, b: int) -> int:\n    'Add.'\n    return a + b")
    with ByteServer(calling) as server:
        cell = kernel.run(chat_cell(server, "--alone --tools add --approve always"))
        assert cell.saved["text/plain"].endswith("It is 3")
        missing = kernel.run(chat_cell(server, "--alone --tools add,nothing --approve always"))
        assert "no function named nothing" in missing.traceback[0]
