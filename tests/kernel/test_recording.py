"""`%chat record` and `%chat replay` in a notebook, and a block around cells that do not wait."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.cells import chat_cell
from tests.kernel.driver import Kernel
from tests.loopback import ByteServer, in_turn
from tests.loopback.chunks import says


@pytest.fixture
def server() -> Iterator[ByteServer]:
    with ByteServer(in_turn(says("one"), says("two"), says("three"))) as running:
        yield running


def shown(kernel: Kernel, source: str) -> str:
    """The value of a cell, as plain text."""
    return str(kernel.run(source).of("execute_result")[0]["data"]["text/plain"])


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
