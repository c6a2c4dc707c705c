"""What two pages that share a document by jupyter-collaboration show, and its file holds, of an answer."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator

import pytest
from nbformat import NotebookNode
from playwright.sync_api import expect

from tests.browser.hearing import hears_in_a_busy_cell
from tests.browser.kept import (
    UNFINISHED,
    assert_unfinished,
    assert_whole,
    stop_button,
    wait_for_whole,
)
from tests.browser.lab import Lab, NotebookPage
from tests.cells import chat_cell
from tests.kernel.driver import FOREIGN, HERMETIC, REPLY, WIDGET, unpacked_output
from tests.loopback import ByteServer, Gate

SAVE_SECONDS = 60

pytestmark = hears_in_a_busy_cell


@pytest.fixture(scope="module")
def lab(session_lab: Lab) -> Iterator[Lab]:
    """A JupyterLab of this file's own, with collaboration."""
    with pytest.MonkeyPatch.context() as patch:
        for name in filter(FOREIGN.match, list(os.environ)):
            patch.delenv(name)
        with Lab(HERMETIC, collaboration=True, browser=session_lab.browser) as running:
            yield running
            running.shut_kernels_down()


@pytest.fixture
def index(notebook: NotebookPage, server: ByteServer) -> int:
    """The cell of the answer."""
    return notebook.add(chat_cell(server, "--alone"))


@pytest.fixture
def other(lab: Lab, name: str, notebook: NotebookPage, index: int) -> Iterator[NotebookPage]:
    """A second page, which has the cell."""
    page = lab.open_notebook(name)
    expect(page.cells).to_have_count(index + 1)
    yield page
    lab.take_back(page)


@pytest.fixture
def streaming(notebook: NotebookPage, other: NotebookPage, index: int) -> int:
    notebook.start(index)
    expect(notebook.output(index)).to_contain_text("of <x>two</x>")
    return index


def outputs_in_file(lab: Lab, name: str, index: int, status: str) -> list[NotebookNode]:
    """The outputs of a cell, as soon as the server has saved an answer of this status in it."""
    deadline = time.monotonic() + SAVE_SECONDS
    while True:
        outputs = [output for cell in lab.read_notebook(name).cells[index:] for output in cell.outputs]
        answers = [output for output in outputs if REPLY in output.get("data", {})]
        if any(unpacked_output(answer)[0]["status"] == status for answer in answers):
            return outputs
        assert time.monotonic() < deadline, outputs
        time.sleep(0.1)


def answer_in_file(lab: Lab, name: str, index: int, status: str) -> NotebookNode:
    (output,) = outputs_in_file(lab, name, index, status)
    assert WIDGET not in output.data
    return output


def is_collaborative(notebook: NotebookPage) -> bool:
    return bool(
        notebook.page.evaluate("() => window.jupyterapp.shell.currentWidget.context.model.collaborative")
    )


def assert_one_answer(*pages: NotebookPage, index: int) -> None:
    """Each page shows the whole answer once, and both hold the same."""
    held = []
    for notebook in pages:
        wait_for_whole(notebook, index)
        expect(notebook.output(index).locator("em")).to_have_text("after")
        expect(notebook.output(index).locator(".nbstream")).to_have_count(1)
        expect(stop_button(notebook, index)).to_have_count(0)
        held.append(
            notebook.page.evaluate(
                "i => window.jupyterapp.shell.currentWidget.content.widgets[i].model.outputs.toJSON()", index
            )
        )
    assert all(outputs == held[0] for outputs in held)
    assert len(held[0]) == 1


def test_only_this_lab_is_collaborative(session_lab: Lab, notebook: NotebookPage, name: str) -> None:
    assert is_collaborative(notebook)
    session_lab.write_notebook(name=name)
    alone = session_lab.open_notebook(name)
    assert not is_collaborative(alone)
    session_lab.take_back(alone)


def test_both_pages_show_the_answer_grow_and_end(
    lab: Lab, notebook: NotebookPage, other: NotebookPage, name: str, streaming: int, *, gate: Gate
) -> None:
    expect(other.output(streaming)).to_contain_text("of <x>two</x>")
    assert_unfinished(answer_in_file(lab, name, streaming, "streaming"), UNFINISHED)
    gate.open()
    assert_one_answer(notebook, other, index=streaming)
    assert_whole(answer_in_file(lab, name, streaming, "finished"))


@pytest.mark.parametrize("reloaded", ["runner", "other", "both"])
def test_a_page_that_is_reloaded_in_mid_stream_doubles_nothing(
    lab: Lab,
    notebook: NotebookPage,
    other: NotebookPage,
    name: str,
    streaming: int,
    *,
    gate: Gate,
    reloaded: str,
) -> None:
    for page in {"runner": [notebook], "other": [other], "both": [other, notebook]}[reloaded]:
        page.reload(busy=True)
    for page in (notebook, other):
        expect(page.output(streaming)).to_contain_text("of <x>two</x>")
        expect(page.output(streaming).locator(".nbstream")).to_have_count(1)
    assert_unfinished(answer_in_file(lab, name, streaming, "streaming"), UNFINISHED)
    gate.open()
    assert_one_answer(notebook, other, index=streaming)
    assert_whole(answer_in_file(lab, name, streaming, "finished"))


def test_an_answer_whose_runner_has_left_is_kept_by_the_other_page(
    lab: Lab, notebook: NotebookPage, other: NotebookPage, name: str, streaming: int, *, gate: Gate
) -> None:
    expect(other.output(streaming)).to_contain_text("of <x>two</x>")
    notebook.page.goto("about:blank")
    gate.open()
    assert_one_answer(other, index=streaming)
    assert_whole(answer_in_file(lab, name, streaming, "finished"))


def test_an_answer_that_ends_while_no_page_is_open_comes_back(
    lab: Lab, notebook: NotebookPage, other: NotebookPage, name: str, streaming: int, *, gate: Gate
) -> None:
    for page in (other, notebook):
        page.page.goto("about:blank")
    gate.open()
    again = lab.open_notebook(name)
    assert_one_answer(again, index=streaming)
    assert_whole(answer_in_file(lab, name, streaming, "finished"))
    lab.take_back(again)
