"""What the cells of a notebook show of their conversation, in a real JupyterLab."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Locator, expect

from tests.browser.lab import Lab, NotebookPage
from tests.cells import chat_cell
from tests.kernel.driver import unpacked_output
from tests.loopback import ByteServer, RecordedRequest, Step
from tests.loopback.chunks import says

STALE = "An earlier turn changed after this answer."
REMARK = "Stale: an earlier turn changed after this answer."
EARLIER = "From an earlier session: not part of this conversation."


@pytest.fixture
def server() -> Iterator[ByteServer]:
    """A model that numbers its answers."""
    count = iter(range(1, 100))

    def answer(request: RecordedRequest) -> list[Step]:
        return says(f"answer {next(count)} to {request.json['messages'][-1]['content']}")

    with ByteServer(answer) as running:
        yield running


@pytest.fixture
def notebook(lab: Lab, server: ByteServer, name: str) -> Iterator[NotebookPage]:
    """A notebook with three questions in its cells 1 to 3, answered."""
    questions = [chat_cell(server, prompt=f"q{number}") for number in (1, 2, 3)]
    lab.write_notebook(["%load_ext nbstream", *questions], name)
    page = lab.open_notebook(name)
    page.run_all()
    expect(page.output(3)).to_contain_text("answer 3 to q3")
    yield page
    lab.take_back(page)


def marks(notebook: NotebookPage, text: str = STALE) -> Locator:
    return notebook.page.locator(".jp-Notebook").get_by_text(text)


def said(server: ByteServer) -> list[str]:
    return [message["content"] for message in server.requests[-1].json["messages"]]


def test_later_cells_are_marked_until_they_are_run_again(notebook: NotebookPage) -> None:
    expect(marks(notebook)).to_have_count(0)
    notebook.run_again(1, "answer 4")
    for index in (2, 3):
        expect(notebook.output(index)).to_contain_text(STALE)
    expect(marks(notebook)).to_have_count(2)
    notebook.shoot("stale-cells")
    notebook.output(2).get_by_role("button", name="Run again").click()
    expect(notebook.output(2)).to_contain_text("answer 5 to q2")
    expect(notebook.output(2)).not_to_contain_text(STALE)
    expect(notebook.output(3)).to_contain_text(STALE)
    notebook.save()
    notebook.reload()
    expect(notebook.output(3)).to_contain_text(STALE)
    expect(marks(notebook)).to_have_count(1)
    notebook.restart_kernel()
    expect(marks(notebook)).to_have_count(1)


def test_the_file_says_which_answers_are_stale(lab: Lab, notebook: NotebookPage, name: str) -> None:
    notebook.run_again(1, "answer 4")
    for index in (2, 3):
        notebook.wait_for_saved(index, f"answer {index} to q{index}\n\n*{REMARK}*")
    notebook.save()
    assert stale_in_file(lab, name) == [False, True, True]
    notebook.reopen_without_kernel()
    expect(marks(notebook)).to_have_count(2)
    expect(notebook.page.get_by_role("button", name="Run again")).to_have_count(0)
    notebook.shoot("stale-without-kernel")
    notebook.set_theme("JupyterLab Dark")
    notebook.shoot("stale-without-kernel-dark")
    notebook.set_theme("JupyterLab Light")


def test_an_answer_that_is_given_again_is_stale_no_more(lab: Lab, notebook: NotebookPage, name: str) -> None:
    notebook.run_again(1, "answer 4")
    notebook.wait_for_saved(3, f"answer 3 to q3\n\n*{REMARK}*")
    notebook.run_again(2, "answer 5")
    notebook.save()
    assert stale_in_file(lab, name) == [False, False, True]
    notebook.reload()
    notebook.run_again(3, "answer 6")
    notebook.save()
    assert stale_in_file(lab, name) == [False, False, False]
    expect(marks(notebook)).to_have_count(0)


def test_an_answer_that_became_stale_in_another_page_says_so_in_the_next(
    lab: Lab, notebook: NotebookPage, name: str
) -> None:
    notebook.save()
    notebook.run_again(1, "answer 4")
    for number in (2, 3):
        notebook.wait_for_saved(number, f"answer {number} to q{number}\n\n*{REMARK}*")
    assert stale_in_file(lab, name) == [False, False, False]
    notebook.reload()
    for number in (2, 3):
        notebook.wait_for_saved(number, f"answer {number} to q{number}\n\n*{REMARK}*")
    notebook.save()
    assert stale_in_file(lab, name) == [False, True, True]


def stale_in_file(lab: Lab, name: str) -> list[bool]:
    """Whether each answer of the file says that it is stale: in all its forms, or in none."""
    outputs = [cell.outputs[0] for cell in lab.read_notebook(name).cells[1:4]]
    said = [
        {
            unpacked_output(output)[0].get("stale", False),
            output.data["text/markdown"].endswith(f"*{REMARK}*"),
            output.data["text/plain"].endswith(f"[{REMARK}]"),
        }
        for output in outputs
    ]
    return [stale for (stale,) in said]


def test_answers_of_an_earlier_session_are_marked_on_the_page_alone(
    lab: Lab, notebook: NotebookPage, name: str, server: ByteServer
) -> None:
    expect(marks(notebook, EARLIER)).to_have_count(0)
    notebook.restart_kernel()
    expect(marks(notebook, EARLIER)).to_have_count(3)
    notebook.shoot("earlier-session")
    notebook.start(0)
    notebook.wait_until_done(0)
    notebook.run_again(2, "answer 4")
    assert said(server) == ["q2"]
    expect(marks(notebook, EARLIER)).to_have_count(2)
    expect(notebook.output(2)).not_to_contain_text(EARLIER)
    status = notebook.run("%chat status")
    expect(notebook.output(status)).to_contain_text("2 cells show answers of an earlier session")
    notebook.save()
    assert EARLIER not in (lab.root / name).read_text()
    notebook.reload()
    expect(marks(notebook, EARLIER)).to_have_count(2)
    notebook.run_again(1, "answer 5")
    expect(marks(notebook, EARLIER)).to_have_count(1)
    notebook.shut_kernel_down()
    expect(marks(notebook, EARLIER)).to_have_count(0)


def test_a_deleted_cell_leaves_the_conversation(notebook: NotebookPage, server: ByteServer) -> None:
    notebook.page.evaluate(
        "() => { window.jupyterapp.shell.currentWidget.content.activeCellIndex = 1;"
        " return window.jupyterapp.commands.execute('notebook:delete-cell'); }"
    )
    notebook.run("1 + 1")
    expect(marks(notebook)).to_have_count(2)
    notebook.run_again(2, "answer 4")
    assert said(server) == ["q2", "answer 2 to q2", "q3"]


def test_a_chosen_version_survives_a_reload(
    lab: Lab, notebook: NotebookPage, name: str, server: ByteServer
) -> None:
    notebook.run_again(1, "answer 4")
    output = notebook.output(1)
    pager = output.get_by_role("group", name=re.compile("Version"))
    expect(pager).to_have_text("2/2")
    output.get_by_role("button", name="Previous version").click()
    notebook.wait_for_saved(1, "answer 1 to q1")
    notebook.save()
    saved = lab.read_notebook(name).cells[1].outputs[0]
    assert saved.data["text/markdown"] == unpacked_output(saved)[0]["text"] == "answer 1 to q1"
    notebook.reload()
    expect(output).to_contain_text("answer 1 to q1")
    expect(pager).to_have_text("1/2")
    output.get_by_role("button", name="Next version").click()
    notebook.wait_for_saved(1, "answer 4 to q1")
    notebook.run_again(2, "answer 5")
    assert said(server)[:2] == ["q1", "answer 4 to q1"]


def test_after_a_restart_versions_can_be_looked_at(notebook: NotebookPage) -> None:
    notebook.run_again(1, "answer 4")
    notebook.restart_kernel()
    output = notebook.output(1)
    expect(output).to_contain_text(EARLIER)
    output.get_by_role("button", name="Previous version").click()
    expect(output).to_contain_text("answer 1 to q1")
    expect(output).to_contain_text("only displayed")


def test_restart_and_run_all_gives_the_same_conversation(notebook: NotebookPage, server: ByteServer) -> None:
    notebook.run_again(2, "answer 4")
    notebook.restart_kernel()
    notebook.run_all()
    expect(notebook.output(3)).to_contain_text("answer 7 to q3")
    assert said(server) == ["q1", "answer 5 to q1", "q2", "answer 6 to q2", "q3"]
    expect(marks(notebook)).to_have_count(0)
