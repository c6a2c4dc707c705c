"""The list of chats that the panel of the extension shows."""

from __future__ import annotations

from typing import Any

import pytest

from tests.cells import chat_cell
from tests.kernel.driver import Execution, Kernel, loaded
from tests.kernel.turns import Notebook, echo
from tests.loopback import ByteServer, Gate
from tests.loopback.chunks import END, delta


@pytest.fixture
def notebook(request: pytest.FixtureRequest) -> Any:
    with loaded() as kernel, ByteServer(echo) as server:
        yield Notebook(kernel, server, request.node.name)


def listed(kernel: Kernel) -> list[dict[str, Any]]:
    answer = kernel.ask("chats")
    assert answer["t"] == "result"
    chats: list[dict[str, Any]] = answer["data"]["chats"]
    return chats


def updates(execution: Execution) -> list[list[dict[str, Any]]]:
    """The lists that a page which watches received while a cell ran."""
    data = [content["data"] for content in execution.of("comm_msg")]
    return [message["data"]["chats"] for message in data if message.get("t") == "chats"]


def test_chats_are_listed_with_their_turns_in_order(notebook: Notebook) -> None:
    assert listed(notebook.kernel) == []
    notebook.order("ab")
    notebook.ask("b", "second", "-c one")
    notebook.ask("a", "a  long\n" + 200 * "word ", "-c one")
    notebook.ask("c", "cut", "-c two")
    one, two = listed(notebook.kernel)
    assert (one["name"], one["current"], two["name"]) == ("one", False, "two")
    assert [turn["cell"] for turn in one["turns"]] == [f"{notebook.name}a", f"{notebook.name}b"]
    first, second = one["turns"]
    assert first["prompt"].startswith("a long word word")
    assert len(first["prompt"]) == 200
    assert (first["stale"], second["stale"], first["versions"]) == (False, True, 1)
    assert two["turns"] == [
        {"cell": f"{notebook.name}c", "prompt": "cut", "status": "failed", "stale": False, "versions": 1}
    ]


def test_a_page_is_sent_each_change(notebook: Notebook) -> None:
    listed(notebook.kernel)
    for cell in "ab":
        notebook.ask(cell, cell, "-c main")
    shown = updates(notebook.ask("a", "new", "-c main"))
    assert [[turn["prompt"] for turn in chat["turns"]] for chat in shown[-1]] == [["new", "b"]]
    assert [turn["stale"] for turn in shown[-1][0]["turns"]] == [False, True]
    assert shown[-1][0]["turns"][0]["versions"] == 2
    notebook.kernel.start("%chat reset main")
    assert notebook.kernel.wait_for_message("chats")["chats"] == []


def test_the_end_of_a_streaming_answer_is_sent(notebook: Notebook) -> None:
    gate = Gate()
    with ByteServer(lambda _: gate.script([delta("half ")], [delta("whole"), *END])) as slow:
        notebook.kernel.run(chat_cell(slow, "--background", "q"), cell="q")
        assert listed(notebook.kernel)[0]["turns"][0]["status"] in {"submitted", "streaming"}
        gate.open()
        ended = notebook.kernel.wait_for_message("chats")
    assert ended["chats"][0]["turns"][0]["status"] == "finished"
