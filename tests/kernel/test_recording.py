"""`%chat record` and `%chat replay` in a notebook, and a block around cells that do not wait."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator

import pytest

from tests.cells import chat_cell
from tests.kernel.driver import Kernel
from tests.loopback import ByteServer, RecordedRequest, Step, in_turn
from tests.loopback.chunks import says


@pytest.fixture
def server() -> Iterator[ByteServer]:
    with ByteServer(in_turn(says("one"), says("two"), says("three"))) as running:
        yield running


def shown(kernel: Kernel, source: str) -> str:
    """The value of a cell, as plain text."""
    ran = kernel.run(source)
    assert ran.status == "ok", ran.reply
    return str(ran.of("execute_result")[0]["data"]["text/plain"])


def test_a_session_is_recorded_and_replayed(kernel: Kernel, server: ByteServer) -> None:
    kernel.run("import os, tempfile; os.chdir(tempfile.mkdtemp())")
    ask = chat_cell(server, "--alone --into reply")
    assert "Nothing is recorded" in shown(kernel, "%chat record")
    assert "are recorded in talk.jsonl" in shown(kernel, "%chat record talk.jsonl")
    assert kernel.run(ask, cell="ask").status == "ok"
    assert shown(kernel, "%chat record off") == "talk.jsonl: 1 request recorded. Requests are sent as usual."
    assert "from talk.jsonl" in shown(kernel, "%chat replay talk.jsonl 0")
    assert kernel.run(ask, cell="ask").status == "ok"
    assert shown(kernel, "reply.text") == "'one'"
    assert len(server.requests) == 1

    missed = kernel.run(ask, cell="ask")
    assert missed.status == "error"
    assert missed.reply["ename"] == "CassetteMissError"
    assert shown(kernel, "%chat replay off") == "talk.jsonl: 1 request replayed. Requests are sent as usual."

    # The reply is sent after the cell has ended, and still belongs to the block.
    kernel.run(
        "import nbstream\nwith nbstream.record('later.jsonl'):\n"
        f"    later = nbstream.Chat('m', base_url={server.base_url!r}).send('Hi')"
    )
    assert kernel.run("_ = await later").status == "ok"
    assert shown(kernel, "open('later.jsonl').read().count('\"request\"')") == "1"
    wrong = kernel.run("%chat replay talk.jsonl fast")
    assert wrong.reply["ename"] == "ArgumentError"


def test_expect_checks_the_answer_above(kernel: Kernel, server: ByteServer) -> None:
    assert kernel.run(chat_cell(server, "-c expecting --into reply"), cell="asked").status == "ok"
    assert shown(kernel, "%%expect -c expecting\n# a comment\ncontains: one\nnot-icontains: sorry") == (
        "✓ contains: one\n✓ not-icontains: sorry"
    )
    failed = kernel.run("%%expect reply\ncontains: two")
    assert failed.reply["ename"] == "ExpectationError"
    assert "contains: two: It does not contain 'two'." in failed.reply["evalue"]
    for line, words in {"nothing": "is not the name of a reply", "-c none": "no chat named"}.items():
        assert words in kernel.run(f"%%expect {line}\ncontains: one").reply["evalue"]
    assert "There is no check 'contain'" in kernel.run("%%expect reply\ncontain: one").reply["evalue"]


def _graded(request: RecordedRequest) -> Iterable[Step]:
    """Answers with a city, which differs in the third answer, and grades the answers that name Oslo."""
    prompt = request.json["messages"][-1]["content"]
    if prompt.startswith("Rubric:"):
        return says(json.dumps({"reason": "It names it.", "grade": "The capital is Oslo." in prompt}))
    return says("The capital is Bergen." if "Really" in prompt else "The capital is Oslo.")


def test_expect_asks_a_judge_and_compares_with_the_recorded_verdict(kernel: Kernel) -> None:
    kernel.run("import os, tempfile; os.chdir(tempfile.mkdtemp())")
    judge, verdict = "%%expect\njudge: names Oslo", "%%expect\njudge: names Oslo\nsame-verdict"
    with ByteServer(_graded) as server:
        kernel.run(f"%config NBStream.base_url = {server.base_url!r}\n%config NBStream.model = 'm'")
        kernel.run("%chat record judged.jsonl")
        assert kernel.run("%%chat --alone\nWhat is the capital?").status == "ok"
        live = shown(kernel, judge)
        assert live == "✓ judge: names Oslo: It names it."
        assert "passed, passed when it was recorded" in shown(kernel, verdict)
        kernel.run("%chat replay judged.jsonl 0")
        requests = len(server.requests)
        assert kernel.run("%%chat --alone\nWhat is the capital?").status == "ok"
        assert shown(kernel, judge) == live
        assert "passed, passed when it was recorded" in shown(kernel, verdict)
        assert len(server.requests) == requests

        kernel.run("%chat replay off")
        kernel.run("%%chat --alone\nWhat is the capital? Really?")
        failed = kernel.run(judge)
        assert failed.reply["ename"] == "ExpectationError"
        assert "judge: names Oslo: It names it." in failed.reply["evalue"]
        assert "No recording is in use" in kernel.run(verdict).reply["evalue"]
        kernel.run("%config NBStream.base_url = ''\n%config NBStream.model = ''")
