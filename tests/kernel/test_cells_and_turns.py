"""Cells own their turns: which versions count, which are stale, what follows when a cell moves."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.cells import chat_cell
from tests.kernel.driver import Execution, Kernel, unpacked_output
from tests.kernel.turns import Notebook, echo
from tests.loopback import ByteServer, Gate
from tests.loopback.chunks import END, delta

STALE = "Stale: an earlier turn changed after this answer."


@pytest.fixture
def notebook(kernel: Kernel, request: pytest.FixtureRequest) -> Any:
    with ByteServer(echo) as server:
        yield Notebook(kernel, server, request.node.name)


def test_an_older_version_that_is_chosen_becomes_the_output(notebook: Notebook) -> None:
    for prompt in ("one", "two", "three"):
        made = notebook.ask("a", prompt).provenance
    assert (made["version"], [v["version"] for v in made["versions"]]) == (2, [0, 1])
    chosen = notebook.choose("a", 1)
    assert chosen["t"] == "result"
    chosen = chosen["data"]
    reply, own = unpacked_output(chosen)
    assert reply["text"] == chosen["data"]["text/markdown"] == "re two"
    assert own["version"] == 1
    assert [(v["version"], v["reply"]["text"]) for v in own["versions"]] == [(0, "re one"), (2, "re three")]
    assert own["versions"][1]["nbstream"]["created"] == made["created"]
    notebook.ask("b", "next")
    assert notebook.sent() == ["two", "re two", "next"]
    again = notebook.ask("a", "four").provenance
    assert (again["version"], [v["version"] for v in again["versions"]]) == (3, [0, 1, 2])


def test_a_failed_version_that_is_chosen_says_its_error_which_the_cell_no_longer_does(
    notebook: Notebook,
) -> None:
    failed = notebook.ask("a", "cut")
    assert "The connection ended" in "".join(failed.traceback)
    assert "The connection ended" not in failed.saved["text/markdown"], "the cell says it"
    notebook.ask("a", "one")
    assert "The connection ended" in notebook.choose("a", 0)["data"]["data"]["text/markdown"]


def test_what_is_not_known_can_not_be_chosen(notebook: Notebook) -> None:
    notebook.ask("a", "one")
    assert "no longer has this answer" in notebook.choose("a", 7)["message"]
    assert "no longer has this answer" in notebook.choose("nowhere", 0)["message"]
    assert "does not have the command" in notebook.kernel.ask("send", cell="a", version=0)["message"]
    assert "needs a text 'cell'" in notebook.kernel.ask("choose")["message"]
    for nothing in ({}, {"t": "choose", "cell": "a", "version": 0}, {"t": "command", "name": "choose"}):
        assert notebook.kernel.open_comm(nothing) == {}, "closed without an answer"


def test_later_cells_are_stale_until_they_are_run_again(notebook: Notebook) -> None:
    for cell in "abc":
        notebook.ask(cell, cell)
    assert notebook.watch() == []
    assert notebook.told(notebook.ask("a", "a again"))[-1] == ["b", "c"]
    assert "3 (2 stale)" in notebook.line("%chat status")
    assert notebook.line(f"%chat history {notebook.name}").count("stale: an earlier turn has changed") == 2
    assert notebook.told(notebook.ask("b", "b"))[-1] == ["c"]
    assert notebook.told(notebook.ask("c", "c"))[-1] == []
    assert "stale" not in notebook.line(f"%chat history {notebook.name}")


def test_the_output_of_a_stale_answer_says_so(notebook: Notebook) -> None:
    first, second = (notebook.ask(cell, cell).provenance for cell in "ab")
    assert "stale" not in unpacked_output(notebook.output("b", second)["data"])[0]
    notebook.ask("a", "a again")
    output = notebook.output("b", second)["data"]
    assert unpacked_output(output)[0]["stale"] is True
    assert output["data"]["text/plain"] == f"re b\n\n[{STALE}]"
    assert output["data"]["text/markdown"] == f"re b\n\n*{STALE}*"
    chosen = notebook.choose("b", 0)["data"]
    assert chosen == output
    again = notebook.ask("b", "b").provenance
    assert notebook.output("b", again)["data"]["data"]["text/markdown"] == "re b"
    for cell, gone in [("a", first), ("b", second), ("nowhere", again), ("b", {"id": ""})]:
        assert notebook.output(cell, gone)["t"] == "refused"


def test_cells_of_an_earlier_session_are_counted_until_they_are_run_again(notebook: Notebook) -> None:
    own = notebook.ask("a", "a").provenance["id"]
    answers = [[f"{notebook.name}{cell}", reply] for cell, reply in (("a", own), ("b", "0ld"), ("c", "0ld"))]
    watched = notebook.kernel.ask("watch", answers=[*answers, None, ["no pair"], [1, 2]])["data"]
    assert own.startswith(watched["process"])
    assert "2 cells show answers of an earlier session" in notebook.line("%chat status")
    notebook.ask("b", "b")
    assert "1 cell shows an answer of an earlier session" in notebook.line("%chat status")
    notebook.delete("c")
    assert "earlier session" not in notebook.line("%chat status")


def test_a_cell_whose_turn_was_loaded_is_no_longer_of_an_earlier_session(
    notebook: Notebook, tmp_path: Path
) -> None:
    file, restored = tmp_path / "talk.jsonl", f"{notebook.name}a"
    own = {"turn": 1, "owner": restored}
    messages = [{"role": "user", "content": "a"}, {"role": "assistant", "content": "re a", "nbstream": own}]
    file.write_text("\n".join(map(json.dumps, messages)), "utf-8")
    answers = [[restored, "0ld"]]
    assert notebook.kernel.ask("watch", answers=answers)["data"]["loaded"] == []
    assert "1 cell shows an answer of an earlier session" in notebook.line("%chat status")
    loading = notebook.kernel.run(f"%cd -q {tmp_path}\n%chat load {file.name} {notebook.name}\n%cd -q -")
    assert loading.status == "ok", loading.reply
    assert notebook.kernel.ask("watch", answers=answers)["data"]["loaded"] == [restored]
    assert "earlier session" not in notebook.line("%chat status")


def test_choosing_and_deleting_make_later_cells_stale_too(notebook: Notebook) -> None:
    for cell in "aab":
        notebook.ask(cell, cell)
    notebook.choose("a", 0)
    assert notebook.watch() == ["b"]
    notebook.ask("b", "b")
    assert notebook.watch() == []
    notebook.delete("a")
    assert notebook.watch() == ["b"]
    notebook.ask("c", "c")
    assert notebook.sent() == ["b", "re b", "c"]


def test_a_failed_turn_is_kept_and_not_sent(notebook: Notebook) -> None:
    assert notebook.ask("a", "cut").status == "error"
    notebook.ask("b", "b")
    assert notebook.sent() == ["b"]
    assert "user (not sent: the answer failed): cut" in notebook.line(f"%chat history {notebook.name}")


def test_a_cell_that_moves_to_another_chat_leaves_the_first(notebook: Notebook) -> None:
    notebook.ask("a", "one", "-c first")
    notebook.ask("a", "one", "-c second")
    notebook.ask("b", "two", "-c first")
    assert notebook.sent() == ["two"]
    notebook.ask("b", "two", "-c second")
    assert notebook.sent() == ["one", "re one", "two"]
    notebook.ask("a", "one", "--alone -c second")
    notebook.ask("b", "two", "-c second")
    assert notebook.sent() == ["two"]


def test_a_fork_and_its_origin_go_their_own_ways(notebook: Notebook) -> None:
    for cell in "ab":
        notebook.ask(cell, cell)
    fork = f"{notebook.name}-fork"
    notebook.line(f"%chat fork {notebook.name} {fork}")
    notebook.ask("a", "changed", f"-c {fork}")
    assert notebook.watch() == []  # b shows a turn of the first chat, where nothing changed
    notebook.ask("c", "c")
    assert notebook.sent() == ["a", "re a", "b", "re b", "c"]
    assert notebook.choose("a", 0)["data"]["data"]["text/markdown"] == "re a"
    notebook.ask("d", "d", f"-c {fork}")
    assert notebook.sent() == ["a", "re a", "b", "re b", "d"]


def test_one_cell_that_asks_several_times_has_as_many_turns(notebook: Notebook) -> None:
    options = f"--base-url {notebook.server.base_url} -m m -c {notebook.name}"
    loop = f"for q in 'xyz': get_ipython().run_cell_magic('chat', '{options}', q)"
    for _ in range(2):
        notebook.kernel.run(loop, cell=f"{notebook.name}loop")
    assert notebook.sent() == ["x", "re x", "y", "re y", "z"]
    notebook.ask("a", "after")
    assert len(notebook.sent()) == 7
    assert notebook.choose("loop", 0)["t"] == "refused"
    notebook.delete("loop")
    notebook.ask("b", "b")
    assert notebook.sent() == ["after", "re after", "b"]


def test_the_mark_of_a_stale_answer_reaches_its_output_in_every_front_end(notebook: Notebook) -> None:
    """A front end without our extension updates outputs by their display ids."""
    notebook.ask("a", "one")
    shown = notebook.ask("b", "two")
    (display_id,) = {content["transient"]["display_id"] for content in shown.of("display_data")}

    def updates(execution: Execution) -> list[str]:
        found = [u for u in execution.of("update_display_data") if u["transient"]["display_id"] == display_id]
        return [update["data"]["text/markdown"] for update in found]

    assert updates(notebook.ask("a", "other")) == [f"re two\n\n*{STALE}*"]
    assert updates(notebook.ask("c", "three")) == []
    assert notebook.choose("a", 0)["t"] == "result"
    assert notebook.watch() == ["c"]


def test_an_answer_that_becomes_stale_while_it_streams_is_marked_at_its_end(notebook: Notebook) -> None:
    notebook.ask("a", "one")
    gate = Gate()
    with ByteServer(lambda _: gate.script([delta("half ")], [delta("whole"), *END])) as slow:
        notebook.kernel.run(
            chat_cell(slow, f"-c {notebook.name} --background", "two"), cell=f"{notebook.name}b"
        )
        notebook.ask("a", "other")
        gate.open()
        marked = notebook.kernel.wait_for_update(STALE)
    assert marked["data"]["text/markdown"] == f"half whole\n\n*{STALE}*"


def test_a_cleared_output_is_not_updated(notebook: Notebook) -> None:
    """Some front ends would put the update in the place of what the cell shows now."""
    notebook.ask("a", "one")
    shown = [notebook.ask(cell, "two") for cell in "bc"]
    _, kept = [{c["transient"]["display_id"] for c in each.of("display_data")} for each in shown]
    notebook.kernel.run("print('no answer')", cell=f"{notebook.name}b")
    updates = notebook.ask("a", "other").of("update_display_data")
    marked = [u for u in updates if STALE in u["data"].get("text/markdown", "")]
    assert {update["transient"]["display_id"] for update in marked} == kept
