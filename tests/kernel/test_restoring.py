"""Answers that a notebook has saved become turns of a new kernel, without running their cells."""

from __future__ import annotations

from typing import Any

import pytest

from tests.cells import chat_cell
from tests.kernel.driver import REPLY, Execution, Kernel, loaded
from tests.kernel.turns import Notebook, echo
from tests.loopback import ByteServer


@pytest.fixture
def notebook(kernel: Kernel, request: pytest.FixtureRequest) -> Any:
    with ByteServer(echo) as server:
        yield Notebook(kernel, server, request.node.name)


@pytest.fixture(scope="module")
def before() -> Any:
    """The kernel of an earlier session."""
    with loaded() as running:
        yield running


def output_of(execution: Execution) -> dict[str, Any]:
    shown = [*execution.of("display_data"), *execution.of("update_display_data")]
    bundle = [content for content in shown if REPLY in content["data"]][-1]
    return {"data": bundle["data"], "metadata": bundle["metadata"]}


def saved(notebook: Notebook, before: Kernel, cell: str, prompt: str, options: str = "") -> dict[str, Any]:
    """A cell with the answer that an earlier kernel gave."""
    source = chat_cell(notebook.server, options, prompt)
    ran = before.run(source, cell=notebook.name + cell)
    return {"cell": notebook.name + cell, "source": source, **output_of(ran)}


def restored(notebook: Notebook, *answers: object) -> int:
    answer = notebook.kernel.ask("restore", answers=list(answers))
    assert answer["t"] == "result", answer
    return int(answer["data"]["turns"])


def test_the_conversation_continues_from_saved_answers(notebook: Notebook, before: Kernel) -> None:
    name = f"-c {notebook.name}"
    answers = [saved(notebook, before, cell, cell, name) for cell in "ab"]
    assert restored(notebook, *answers) == 2
    notebook.ask("c", "c")
    assert notebook.sent() == ["a", "re a", "b", "re b", "c"]
    assert restored(notebook, *answers) == 0, "they are there already"
    assert notebook.watch() == []


def test_a_restored_answer_is_what_its_cell_shows(notebook: Notebook, before: Kernel) -> None:
    answers = [saved(notebook, before, cell, cell, f"-c {notebook.name}") for cell in "ab"]
    assert restored(notebook, *answers) == 2
    shown = [[answer["cell"], before_id(answer)] for answer in answers]
    assert sorted(notebook.kernel.ask("watch", answers=shown)["data"]["loaded"]) == [
        cell for cell, _ in shown
    ]
    notebook.ask("a", "changed")
    assert notebook.watch() == ["b"]
    marked = notebook.output("b", {"id": before_id(answers[1])})["data"]["data"]["text/markdown"]
    assert marked.startswith("re b\n\n*Stale")


def before_id(answer: dict[str, Any]) -> str:
    from tests.kernel.driver import unpacked_output

    return str(unpacked_output(answer)[1]["id"])


def test_versions_come_back_and_can_be_chosen(notebook: Notebook, before: Kernel) -> None:
    name = f"-c {notebook.name}"
    for prompt in ("one", "two"):
        answer = saved(notebook, before, "a", prompt, name)
    assert restored(notebook, answer) == 1
    assert notebook.choose("a", 0)["data"]["data"]["text/markdown"] == "re one"
    again = notebook.ask("a", "three").provenance
    assert (again["version"], [version["version"] for version in again["versions"]]) == (2, [0, 1])


def test_each_answer_goes_to_its_chat_and_place(notebook: Notebook, before: Kernel) -> None:
    one, two = (f"-c {notebook.name}-{chat}" for chat in ("one", "two"))
    answers = [
        saved(notebook, before, cell, cell, chat) for cell, chat in [("a", one), ("b", two), ("d", one)]
    ]
    notebook.order("abcd")
    notebook.ask("c", "c", one)
    assert restored(notebook, *answers) == 3
    assert notebook.watch() == ["c", "d"]
    notebook.ask("c", "c", one)
    assert notebook.sent() == ["a", "re a", "c"]


def test_a_stale_answer_stays_stale(notebook: Notebook, before: Kernel) -> None:
    answers = [saved(notebook, before, cell, cell, f"-c {notebook.name}") for cell in "ab"]
    answers[1]["data"] = {**answers[1]["data"], REPLY: {**answers[1]["data"][REPLY], "stale": True}}
    assert restored(notebook, *answers) == 2
    assert notebook.watch() == ["b"]


def test_answers_without_a_conversation_are_left_out(notebook: Notebook, before: Kernel) -> None:
    alone = saved(notebook, before, "a", "a", "--alone")
    kept = saved(notebook, before, "b", "b", f"-c {notebook.name}")
    unknown = kept | {"cell": "x", "source": kept["source"].replace("-m m", "-m {model}")}
    assert restored(notebook, alone, unknown, kept) == 1


@pytest.mark.parametrize(
    "answer",
    [
        None,
        [],
        {},
        {"cell": "c", "source": "1 + 1", "data": {REPLY: {}}, "metadata": {}},
        {"cell": "c", "source": "%%chat\nHi", "data": {"text/plain": "Hi"}, "metadata": {}},
        {"cell": "c", "source": "%%chat --what\nHi", "data": {REPLY: {}}, "metadata": {}},
        {"cell": 5, "source": "%%chat\nHi", "data": {REPLY: {}}, "metadata": {}},
        {"cell": "c", "source": "%%chat\nHi", "data": None, "metadata": 7},
    ],
)
def test_what_is_no_answer_is_left_out(notebook: Notebook, answer: object) -> None:
    assert restored(notebook, answer) == 0


@pytest.mark.parametrize(
    "reply", [None, [], 7, {"v": 2, "status": 5, "prompt": [], "tools": {}}, {"text": {}}]
)
@pytest.mark.parametrize(
    "nbstream", [None, 7, {"run": "["}, {"run": "['i',{},[]]"}, {"id": {}, "versions": 7}]
)
def test_a_damaged_answer_does_no_harm(notebook: Notebook, reply: object, nbstream: object) -> None:
    answer = {"cell": f"{notebook.name}c", "source": f"%%chat -c {notebook.name}\nHi"}
    outputs = {"data": {REPLY: reply, "text/markdown": 5}, "metadata": {"nbstream": nbstream}}
    answered = notebook.kernel.ask("restore", answers=[answer | outputs])
    assert answered["t"] == "result", answered
    notebook.ask("d", "d")
    assert notebook.sent()[-1] == "d"
