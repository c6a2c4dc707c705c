"""Conversations follow the document: what the order of cells means, in a real JupyterLab."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Locator, expect

from tests.browser.lab import Lab, NotebookPage
from tests.cells import chat_cell
from tests.loopback import ByteServer, RecordedRequest, Step
from tests.loopback.chunks import says

STALE = "An earlier turn changed after this answer."

# The names of the commands that the page sends on comms of nbstream, and its requests to run cells, in order.
SENT = """() => {
    const { kernel } = window.jupyterapp.shell.currentWidget.sessionContext.session;
    window.sentByPage = [];
    kernel.anyMessage.connect((_, { direction, msg }) => {
        const { msg_type } = msg.header;
        if (direction !== "send") return;
        if (msg_type === "execute_request") window.sentByPage.push("run");
        if (msg.content.target_name === "nbstream") window.sentByPage.push(msg.content.data.name);
    });
}"""


@pytest.fixture
def server() -> Iterator[ByteServer]:
    """A model that repeats the question."""

    def answer(request: RecordedRequest) -> list[Step]:
        return says(f"re {request.json['messages'][-1]['content']}")

    with ByteServer(answer) as running:
        yield running


@pytest.fixture
def notebook(lab: Lab, server: ByteServer, name: str) -> Iterator[NotebookPage]:
    """A notebook with three questions in its cells 1 to 3, answered."""
    questions = [chat_cell(server, prompt=f"q{number}") for number in (1, 2, 3)]
    lab.write_notebook(["%load_ext nbstream", *questions], name)
    page = lab.open_notebook(name)
    page.run_all()
    expect(page.output(3)).to_contain_text("re q3")
    yield page
    lab.take_back(page)


def stale(notebook: NotebookPage) -> Locator:
    return notebook.page.locator(".jp-Notebook").get_by_text(STALE)


def said(server: ByteServer) -> list[str]:
    return [message["content"] for message in server.requests[-1].json["messages"]]


def test_an_inserted_cell_is_sent_the_turns_above_it(notebook: NotebookPage, server: ByteServer) -> None:
    notebook.insert(2, chat_cell(server, prompt="new"))
    notebook.run_again(2, "re new")
    assert said(server) == ["q1", "re q1", "new"]
    for index in (3, 4):
        expect(notebook.output(index)).to_contain_text(STALE)
    expect(stale(notebook)).to_have_count(2)
    notebook.shoot("inserted-cell")
    notebook.run_again(3, "re q2")
    assert said(server) == ["q1", "re q1", "new", "re new", "q2"]
    notebook.run_again(4, "re q3")
    expect(stale(notebook)).to_have_count(0)


def test_a_moved_cell_takes_its_turn_along(notebook: NotebookPage, server: ByteServer) -> None:
    notebook.do("notebook:move-cell-up", 3)
    expect(stale(notebook)).to_have_count(2)
    notebook.run_again(2, "re q3")
    assert said(server) == ["q1", "re q1", "q3"]
    expect(stale(notebook)).to_have_count(1)
    notebook.do("notebook:move-cell-down", 1)
    notebook.run_again(1, "re q3")
    assert said(server) == ["q3"]


def test_a_cell_that_is_cut_and_pasted_is_the_same_turn(notebook: NotebookPage, server: ByteServer) -> None:
    notebook.do("notebook:cut-cell", 1)
    expect(stale(notebook)).to_have_count(2)
    notebook.do("notebook:paste-cell-below", 2)
    notebook.run_again(3, "re q1")
    assert said(server) == ["q2", "re q2", "q3", "re q3", "q1"]
    expect(notebook.output(3).get_by_role("group", name="Version 2 of 2")).to_be_visible()


def test_undo_brings_a_turn_back(notebook: NotebookPage, server: ByteServer) -> None:
    notebook.do("notebook:delete-cell", 1)
    notebook.run("1 + 1")
    expect(stale(notebook)).to_have_count(2)
    notebook.do("notebook:undo-cell-action", 3)  # the cell that was added
    notebook.do("notebook:undo-cell-action", 0)
    expect(notebook.cells).to_have_count(4)
    expect(stale(notebook)).to_have_count(0)
    notebook.run_again(3, "re q3")
    assert said(server) == ["q1", "re q1", "q2", "re q2", "q3"]


def test_a_copied_cell_is_a_new_turn(notebook: NotebookPage, server: ByteServer) -> None:
    notebook.do("notebook:copy-cell", 1)
    notebook.do("notebook:paste-cell-below", 1)
    expect(stale(notebook)).to_have_count(0)
    notebook.run_again(2, "re q1")
    assert said(server) == ["q1", "re q1", "q1"]
    expect(notebook.output(2).get_by_role("group", name="Version")).to_have_count(0)
    expect(stale(notebook)).to_have_count(2)


def test_each_chat_follows_the_document(lab: Lab, server: ByteServer, name: str) -> None:
    page = lab.open_with_nbstream(name)
    for prompt, chat in [("a", "one"), ("b", "two"), ("c", "one"), ("d", "two")]:
        page.run_to(chat_cell(server, f"-c {chat}", prompt), f"re {prompt}")
    page.insert(3, chat_cell(server, "-c two", "new"))
    page.run_again(3, "re new")
    assert said(server) == ["b", "re b", "new"]
    expect(page.output(5)).to_contain_text(STALE)
    expect(stale(page)).to_have_count(1)
    status = page.run("%chat status")
    expect(page.output(status)).to_contain_text("in the order of the notebook's cells")
    lab.take_back(page)


def test_a_copy_of_the_notebook_starts_anew(
    lab: Lab, notebook: NotebookPage, server: ByteServer, name: str
) -> None:
    notebook.save()
    other = f"copy-{name}"
    (lab.root / other).write_bytes((lab.root / name).read_bytes())
    copy = lab.open_notebook(other)
    copy.start(0)
    copy.wait_until_done(0)
    copy.run_again(2, "re q2")
    assert said(server) == ["q2"]
    notebook.run_again(2, "re q2")
    assert said(server) == ["q1", "re q1", "q2"]
    lab.take_back(copy)


def test_a_renamed_notebook_keeps_its_turns(notebook: NotebookPage, server: ByteServer, name: str) -> None:
    notebook.page.evaluate(
        "path => window.jupyterapp.shell.currentWidget.context.rename(path)", f"renamed-{name}"
    )
    notebook.insert(2, chat_cell(server, prompt="new"))
    notebook.run_again(2, "re new")
    assert said(server) == ["q1", "re q1", "new"]
    notebook.run_again(4, "re q3")
    assert said(server) == ["q1", "re q1", "new", "re new", "q2", "re q2", "q3"]


def test_after_a_reload_the_order_is_sent_again(notebook: NotebookPage, server: ByteServer) -> None:
    notebook.insert(2, chat_cell(server, prompt="new"))
    notebook.save()
    notebook.reload()
    notebook.run_again(2, "re new")
    assert said(server) == ["q1", "re q1", "new"]
    notebook.do("notebook:delete-cell", 1)
    notebook.run_again(1, "re new")
    assert said(server) == ["new"]


def test_run_all_in_a_new_kernel_follows_the_document(notebook: NotebookPage, server: ByteServer) -> None:
    notebook.do("notebook:move-cell-up", 3)
    notebook.restart_kernel()
    notebook.run_all()
    expect(notebook.output(3)).to_contain_text("re q2")
    assert said(server) == ["q1", "re q1", "q3", "re q3", "q2"]
    expect(stale(notebook)).to_have_count(0)
    notebook.insert(3, chat_cell(server, prompt="new"))
    notebook.run_all()
    assert said(server) == ["q1", "re q1", "q3", "re q3", "new", "re new", "q2"]
    expect(stale(notebook)).to_have_count(0)


def test_the_order_is_sent_before_the_cell_and_only_where_a_cell_asks(
    lab: Lab, server: ByteServer, name: str
) -> None:
    page = lab.open_with_nbstream(name)
    page.page.evaluate(SENT)
    page.run("1 + 1")
    page.insert(1, "2 + 2")
    page.run_again(1, "4")
    assert page.page.evaluate("() => window.sentByPage") == ["run", "run"]
    page.run_to(chat_cell(server, "--alone", "q"), "re q")
    sent = page.page.evaluate("() => window.sentByPage")
    assert sent[2:4] == ["order", "run"]
    page.run_again(3, "re q")
    assert page.page.evaluate("() => window.sentByPage").count("order") == 1
    page.close()
