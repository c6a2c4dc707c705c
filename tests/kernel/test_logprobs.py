"""`%%chat --logprobs` in a real kernel."""

from __future__ import annotations

from tests.cells import chat_cell
from tests.kernel.driver import Kernel
from tests.loopback import ByteServer, sse_response
from tests.loopback.chunks import END
from tests.wire.test_logprobs import PARIS


def test_a_cell_requests_and_keeps_them(kernel: Kernel) -> None:
    with ByteServer(sse_response(PARIS)) as server:
        cell = kernel.run(chat_cell(server, "--logprobs=2 --into reply"))
        body = server.requests[-1].json
    assert cell.status == "ok", cell.reply
    assert (body["logprobs"], body["top_logprobs"]) == (True, 2)
    assert kernel.value("[span.text for span in reply.logprobs.low()]") == ["is é"]
    assert "logprob" not in str(cell.saved), "probabilities differ from run to run"
    assert cell.provenance["tokens"][1] == ["is", 0.3, [["is", 0.3012], ["ma", 0.1353]]]


def test_a_server_without_them_is_said_below_the_answer(kernel: Kernel) -> None:
    with ByteServer(sse_response([{"choices": [{"index": 0, "delta": {"content": "Hi"}}]}, *END])) as server:
        cell = kernel.run(chat_cell(server, "--logprobs"))
    assert "The server sent no probabilities of tokens." in cell.saved["text/markdown"]
