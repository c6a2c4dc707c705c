"""`await compare(…)` in a real kernel."""

from __future__ import annotations

from collections.abc import Iterable

from tests.kernel.driver import Kernel
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
        "from nbstream.comparison import Judge, compare\n"
        f"at = {{'base_url': {server.base_url!r}}}\n"
        f"grid = compare({arguments}, **at)\n"
        "await grid"
    )


def test_grid_is_shown_and_its_judge_asked_in_the_loop_of_the_kernel(kernel: Kernel) -> None:
    with ByteServer(by_model) as server:
        rows = [{"city": "Oslo"}, {"city": "Rome"}]
        judge = "Judge('Is it loud?', model='judge', **at)"
        models = ["loud", "quiet", "broken"]
        arguments = f"'{{{{ city }}}}', models={models}, over={rows}, checks={judge}"
        cell = kernel.run(cell_of(server, arguments))
    assert cell.status == "ok", cell.reply
    (result,) = cell.of("execute_result")
    shown = result["data"]["text/markdown"].splitlines()
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
