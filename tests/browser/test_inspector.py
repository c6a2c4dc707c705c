"""The stream inspector in a real JupyterLab: live, below the answer, and after reopening."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Locator, expect

from tests.browser.hearing import hears_in_a_busy_cell
from tests.browser.lab import NotebookPage
from tests.cells import chat_cell
from tests.inspection.streams import KEY, delta
from tests.loopback import ByteServer, Gate, Pause, sse_response
from tests.loopback.chunks import END

HOSTILE = "<img src=x onerror='window.pwned = 1'>"
SHOTS = os.environ.get("NBSTREAM_SHOTS")

ANSWER = sse_response(
    [
        Pause(0.1),
        *(piece for n in range(40) for piece in (delta(f"word {n} "), Pause(0.01))),
        f"{{broken {KEY} {HOSTILE}",
        delta(HOSTILE),
        *END,
    ]
)


@pytest.fixture
def notebook(notebook: NotebookPage) -> Iterator[NotebookPage]:
    """A notebook in which no answer may run a script."""
    yield notebook
    assert notebook.page.evaluate("() => window.pwned") is None


def inspectors(notebook: NotebookPage, index: int) -> Locator:
    return notebook.output(index).get_by_role("region", name="Stream inspector")


def open_inspector(notebook: NotebookPage, index: int) -> Locator:
    notebook.output(index).get_by_role("button", name="Inspect the stream").click()
    return inspectors(notebook, index)


def shoot(notebook: NotebookPage, name: str) -> None:
    """A picture for people to look at, written to the folder in NBSTREAM_SHOTS."""
    if SHOTS:
        notebook.page.screenshot(path=Path(SHOTS) / f"lab-inspector-{name}.png")


@hears_in_a_busy_cell
def test_it_opens_while_the_answer_streams_and_stays_open(notebook: NotebookPage) -> None:
    gate = Gate()
    with ByteServer(lambda _: gate.script([delta("first ")], [delta("second"), *END])) as server:
        index = notebook.run_to(chat_cell(server, "--alone"), "first")
        inspector = open_inspector(notebook, index)
        expect(inspector.get_by_text('"first "')).to_be_visible()
        expect(inspector.get_by_text("finished", exact=True)).to_have_count(0)
        gate.open()
        notebook.wait_until_done(index)
    expect(notebook.output(index).get_by_role("button", name="Copy as Markdown")).to_be_visible()
    expect(inspector.get_by_text('"second"')).to_be_visible()
    expect(inspector.get_by_text("finished", exact=True)).to_be_visible()


def test_debug_shows_the_chunk_behind_each_event(notebook: NotebookPage) -> None:
    with ByteServer(ANSWER) as server:
        index = notebook.run(chat_cell(server, "--debug --alone"))
    inspector = inspectors(notebook, index)
    inspector.get_by_text('"word 3 "').click()
    expect(inspector.locator("pre").last).to_contain_text('"content": "word 3 "')
    shoot(notebook, "light")
    inspector.get_by_label("Rows", exact=True).select_option("marks")
    inspector.get_by_role("gridcell", name="chunk_skipped").click()
    expect(inspector.locator("pre").last).to_have_text("{broken [secret] " + HOSTILE)
    notebook.set_theme("JupyterLab Dark")
    shoot(notebook, "dark")
    notebook.set_theme("JupyterLab Light")
    notebook.save()
    assert KEY not in notebook.page.content()


def test_typing_in_it_is_not_taken_for_a_shortcut_of_the_notebook(notebook: NotebookPage) -> None:
    with ByteServer(ANSWER) as server:
        index = notebook.run(chat_cell(server, "--debug --alone"))
    cells = notebook.cells.count()
    inspector = inspectors(notebook, index)
    inspector.get_by_label("Filter rows by text").press_sequentially("dd word 3")
    expect(inspector.get_by_text(re.compile(r"^0 of \d+ rows$"))).to_be_visible()
    inspector.get_by_label("Filter rows by text").fill("word 39")
    expect(inspector.get_by_text(re.compile(r"^1 of \d+ rows$"))).to_be_visible()
    inspector.get_by_role("grid").focus()
    notebook.page.keyboard.press("End")
    expect(inspector.locator("pre").last).to_contain_text("word 39")
    assert notebook.cells.count() == cells


def test_a_reopened_notebook_has_it_with_and_without_the_kernel(notebook: NotebookPage) -> None:
    with ByteServer(ANSWER) as server:
        index = notebook.run(chat_cell(server, "--debug"))
    notebook.save()
    notebook.reload()
    expect(inspectors(notebook, index).get_by_text('"word 3 "')).to_be_visible()
    asked = open_inspector(notebook, index).first
    expect(asked.get_by_text('"word 3 "')).to_be_visible()
    shoot(notebook, "reopened")
    notebook.shut_kernel_down()
    expect(notebook.output(index).get_by_role("button", name="Inspect the stream")).to_have_count(0)
    expect(inspectors(notebook, index)).to_have_count(1)
    expect(inspectors(notebook, index).get_by_text('"word 3 "')).to_be_visible()


def test_a_kernel_that_was_restarted_has_nothing_to_tell(notebook: NotebookPage) -> None:
    with ByteServer(ANSWER) as server:
        index = notebook.run(chat_cell(server, "--alone"))
    notebook.restart_kernel()
    inspector = open_inspector(notebook, index)
    expect(inspector).to_contain_text("The kernel no longer has this answer. Run the cell again")
