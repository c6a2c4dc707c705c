"""Conversations follow the document: turns have the order of the cells that the page reports."""

from __future__ import annotations

from typing import Any

import pytest

from tests.cells import chat_cell
from tests.kernel.driver import Kernel, loaded
from tests.kernel.turns import Notebook, echo
from tests.loopback import ByteServer, Gate
from tests.loopback.chunks import END, delta


@pytest.fixture
def notebook(kernel: Kernel, request: pytest.FixtureRequest) -> Any:
    with ByteServer(echo) as server:
        yield Notebook(kernel, server, request.node.name)


def test_an_inserted_cell_is_sent_the_turns_above_it(notebook: Notebook) -> None:
    notebook.order("ab")
    for cell in "ab":
        notebook.ask(cell, cell)
    notebook.order("axb")
    assert notebook.watch() == []
    notebook.ask("x", "x")
    assert notebook.sent() == ["a", "re a", "x"]
    assert notebook.watch() == ["b"]
    notebook.ask("b", "b")
    assert notebook.sent() == ["a", "re a", "x", "re x", "b"]
    assert notebook.watch() == []


def test_cells_that_run_upwards_have_nothing_above_them(notebook: Notebook) -> None:
    notebook.order("abc")
    for cell in "cba":
        notebook.ask(cell, cell)
        assert notebook.sent() == [cell]
    assert notebook.watch() == ["b", "c"]


def test_a_moved_cell_takes_its_turn_along(notebook: Notebook) -> None:
    notebook.order("abc")
    for cell in "abc":
        notebook.ask(cell, cell)
    notebook.order("cab")
    assert notebook.watch() == ["a", "b", "c"]
    notebook.order("abc")
    assert notebook.watch() == []
    notebook.order("acb")
    notebook.ask("c", "c again")
    assert notebook.sent() == ["a", "re a", "c again"]
    notebook.ask("d", "d")  # in no order: at the end
    assert notebook.sent() == ["a", "re a", "c again", "re c again", "b", "re b", "d"]


def test_a_cell_that_is_cut_leaves_and_comes_back_with_its_versions(notebook: Notebook) -> None:
    notebook.order("abc")
    for cell in "aabc":
        notebook.ask(cell, f"{cell}")
    notebook.order("bc")
    assert notebook.watch() == ["b", "c"]
    notebook.ask("c", "c")
    assert notebook.sent() == ["b", "re b", "c"]
    notebook.order("abc")
    assert notebook.watch() == ["c"], "b was asked after this answer of a"
    notebook.ask("c", "c")
    assert notebook.sent() == ["a", "re a", "b", "re b", "c"]
    assert notebook.ask("a", "a").provenance["version"] == 2


def test_a_cell_that_is_back_before_the_next_run_was_not_deleted(notebook: Notebook) -> None:
    """JupyterLab also lists a cell that was cut and pasted among the deleted ones."""
    notebook.order("ab")
    for cell in "ab":
        notebook.ask(cell, cell)
    notebook.order("ba")
    notebook.delete("a")
    notebook.ask("c", "c")
    assert notebook.sent() == ["b", "re b", "a", "re a", "c"]


def test_a_deleted_cell_that_runs_again_has_its_versions_without_an_order(notebook: Notebook) -> None:
    for cell in "ab":
        notebook.ask(cell, cell)
    notebook.delete("a")
    assert notebook.ask("a", "a").provenance["version"] == 1
    assert notebook.sent() == ["b", "re b", "a"]


def test_a_forgotten_turn_does_not_come_back(notebook: Notebook) -> None:
    notebook.order("ab")
    for cell in "ab":
        notebook.ask(cell, cell)
    notebook.order("b")
    notebook.line(f"%chat reset {notebook.name}")
    notebook.order("ab")
    assert notebook.ask("b", "b").provenance.get("version", 0) == 0
    assert notebook.sent() == ["b"]


def test_a_cell_that_comes_back_in_another_chat_leaves_the_first(notebook: Notebook) -> None:
    notebook.order("ab")
    notebook.ask("a", "a", "-c before")
    notebook.order("b")
    notebook.ask("a", "a", "-c after")
    notebook.order("ab")
    notebook.ask("b", "b", "-c before")
    assert notebook.sent() == ["b"]


def test_each_chat_has_the_order_of_its_cells(notebook: Notebook) -> None:
    notebook.order("abcd")
    for cell, chat in [("d", "one"), ("c", "two"), ("b", "one"), ("a", "two")]:
        notebook.ask(cell, cell, f"-c {notebook.name}-{chat}")
        assert notebook.sent() == [cell]
    notebook.order("abcdx")
    notebook.ask("x", "x", f"-c {notebook.name}-one")
    assert notebook.sent() == ["b", "re b", "d", "re d", "x"]
    notebook.ask("x", "x", f"-c {notebook.name}-two")
    assert notebook.sent() == ["a", "re a", "c", "re c", "x"]


def test_a_fork_follows_the_order_too(notebook: Notebook) -> None:
    notebook.order("abx")
    for cell in "ab":
        notebook.ask(cell, cell)
    fork = f"{notebook.name}-fork"
    notebook.line(f"%chat fork {notebook.name} {fork}")
    notebook.order("axb")
    notebook.ask("x", "x", f"-c {fork}")
    assert notebook.sent() == ["a", "re a", "x"]


def test_a_preview_and_samples_have_the_turns_above_them(notebook: Notebook) -> None:
    notebook.order("ab")
    for cell in "ab":
        notebook.ask(cell, cell)
    notebook.order("axb")
    shown = notebook.ask("x", "x", "--dry-run").of("execute_result")[0]["data"]["text/plain"]
    assert "re a" in shown
    assert "re b" not in shown
    notebook.ask("x", "x", "-n 2")
    assert [m["content"] for m in notebook.server.requests[-1].json["messages"]] == ["a", "re a", "x"]
    assert notebook.watch() == ["b"]


def test_compared_models_are_sent_the_turns_above_and_continue_there(notebook: Notebook) -> None:
    notebook.order("ab")
    for cell in "ab":
        notebook.ask(cell, cell)
    notebook.order("axb")
    source = f"%%chat --base-url {notebook.server.base_url} -m m,n -c {notebook.name}\nx"
    assert notebook.kernel.run(source, cell=f"{notebook.name}x").status == "ok"
    assert notebook.sent() == ["a", "re a", "x"]
    notebook.ask("b", "b")
    assert notebook.sent() == ["a", "re a", "x", "re x", "b"]


def test_turns_of_one_cell_stay_together(notebook: Notebook) -> None:
    options = f"--base-url {notebook.server.base_url} -m m -c {notebook.name}"
    loop = f"for q in 'xyz': get_ipython().run_cell_magic('chat', '{options}', q)"
    notebook.order("lb")
    notebook.ask("b", "b")
    notebook.kernel.run(loop, cell=f"{notebook.name}l")
    assert notebook.sent() == ["x", "re x", "y", "re y", "z"]
    notebook.ask("b", "b")
    assert len(notebook.sent()) == 7
    notebook.order("b")
    notebook.ask("b", "b")
    assert notebook.sent() == ["b"]
    notebook.order("bl")
    notebook.ask("c", "c")
    assert notebook.sent() == ["b", "re b", "x", "re x", "y", "re y", "z", "re z", "c"]


def test_cells_with_the_same_id_are_one(notebook: Notebook) -> None:
    notebook.order("abab")
    for cell in "ab":
        notebook.ask(cell, cell)
    notebook.ask("a", "a")
    assert notebook.sent() == ["a"]
    assert notebook.watch() == ["b"]


def test_turns_that_were_loaded_stay_before_those_of_the_notebook(notebook: Notebook, tmp_path: Any) -> None:
    for cell in "pq":
        notebook.ask(cell, cell)
    file = tmp_path / "talk.jsonl"
    name = notebook.name
    done = notebook.kernel.run(
        f"%cd -q {tmp_path}\n%chat save {file.name} {name}\n%chat load {file.name} {name}-2"
    )
    assert done.status == "ok", done.reply
    notebook.order("ab")
    for cell in "ba":
        notebook.ask(cell, cell, f"-c {name}-2")
        assert notebook.sent() == ["p", "re p", "q", "re q", cell]


def test_an_answer_below_that_streams_is_marked_at_its_end(notebook: Notebook) -> None:
    gate = Gate()
    notebook.order("ab")
    with ByteServer(lambda _: gate.script([delta("half ")], [delta("whole"), *END])) as slow:
        notebook.kernel.run(
            chat_cell(slow, f"-c {notebook.name} --background", "b"), cell=f"{notebook.name}b"
        )
        notebook.ask("a", "a")
        assert notebook.sent() == ["a"]
        gate.open()
        marked = notebook.kernel.wait_for_update("Stale")
    assert marked["data"]["text/markdown"].startswith("half whole")


def test_another_notebook_of_the_kernel_has_an_order_of_its_own(notebook: Notebook) -> None:
    notebook.order("ab", page="one")
    notebook.order("yz", page="two")
    for cell, page in [("b", "one"), ("z", "two"), ("y", "two"), ("a", "one")]:
        notebook.ask(cell, cell, page=page)
    assert notebook.sent() == ["a"]
    notebook.order("z", page="two")
    notebook.ask("z", "z", page="two")
    assert notebook.sent() == ["a", "re a", "b", "re b", "z"]


def test_a_page_that_is_loaded_again_or_renamed_shows_the_same_notebook(notebook: Notebook) -> None:
    notebook.order("ab", page="before")
    for cell in "ab":
        notebook.ask(cell, cell, page="before")
    notebook.order("axb", page="after")
    assert notebook.ask("a", "a", page="after").provenance["version"] == 1
    notebook.ask("x", "x", page="after")
    assert notebook.sent() == ["a", "re a", "x"]


def test_a_page_that_has_not_seen_a_new_cell_does_not_delete_it(notebook: Notebook) -> None:
    notebook.order("axb", page="one")
    for cell in "axb":
        notebook.ask(cell, cell, page="one")
    notebook.order("ab", page="other")
    notebook.ask("c", "c", page="one")
    assert notebook.sent() == ["a", "re a", "x", "re x", "b", "re b", "c"]


def test_the_status_says_which_order_is_used(notebook: Notebook) -> None:
    with loaded() as fresh:
        own = Notebook(fresh, notebook.server, notebook.name)
        for cell in "ba":
            own.ask(cell, cell)
        assert own.sent() == ["b", "re b", "a"]
        assert "in the order in which they were first asked" in own.line("%chat status")
        own.order("ab")
        assert "in the order of the notebook's cells" in own.line("%chat status")
        assert own.watch() == ["a", "b"]


def test_an_order_that_can_not_be_read_is_refused(notebook: Notebook) -> None:
    unreadable: list[object] = [None, "ab", [1], {}]
    for cells in unreadable:
        refused = notebook.kernel.ask("order", cells=cells)
        assert "needs a list of texts 'cells'" in refused["message"]
