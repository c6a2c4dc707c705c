"""A comparison in the file, even if the page or the kernel ends while it streams."""

from __future__ import annotations

import os
import signal

import pytest
from nbformat import NotebookNode
from playwright.sync_api import expect

from tests.browser.hearing import hears_in_a_busy_cell
from tests.browser.lab import Lab, NotebookPage
from tests.kernel.driver import WIDGET
from tests.loopback import ByteServer, Gate

pytestmark = hears_in_a_busy_cell

MIMETYPE = "application/vnd.nbstream.comparison+json"
BEGUN, ENDED = "of <x>two</x>", "and *after*"
INTERRUPTED = "Interrupted: the kernel ended before this comparison was complete."


@pytest.fixture
def streaming(notebook: NotebookPage, server: ByteServer) -> int:
    """A cell whose two answers have begun to stream; the file has the cell, but no output yet."""
    index = notebook.add(f"%%chat -m a,b --base-url {server.base_url}\nHi")
    notebook.save()
    notebook.start(index)
    wait_for(notebook, index, BEGUN)
    return index


def wait_for(notebook: NotebookPage, index: int, text: str) -> None:
    """Wait until the page draws both answers live, with a text."""
    output = notebook.output(index)
    expect(output.get_by_role("gridcell")).to_have_count(2)
    for cell in output.get_by_role("gridcell").all():
        expect(cell).to_contain_text(text)


def wait_for_whole(notebook: NotebookPage, index: int) -> None:
    """Wait until the document holds both answers whole."""
    notebook.page.wait_for_function(
        """([index, mimetype, end]) => {
            const { outputs } = window.jupyterapp.shell.currentWidget.content.widgets[index].model;
            if (outputs.length === 0) return false;
            const { unfinished, cells } = outputs.get(0).data[mimetype] ?? {};
            return !unfinished && cells?.every(({ text }) => text.at(-1) === end);
        }""",
        arg=[index, MIMETYPE, ENDED],
    )


def saved(lab: Lab, notebook: NotebookPage, name: str, index: int) -> NotebookNode:
    """The only output of a cell in the file, after a save."""
    notebook.save()
    (output,) = [output for output in lab.read_notebook(name).cells[index].outputs if "data" in output]
    assert WIDGET not in output.data
    return output


def assert_whole(output: NotebookNode) -> None:
    assert [cell["text"][-1] for cell in output.data[MIMETYPE]["cells"]] == [ENDED] * 2
    assert output.data["text/markdown"].startswith("2 answers\n")
    assert output.data["text/markdown"].count("and *after*") == 2
    assert "nfinished" not in output.data["text/plain"]


def assert_partial(output: NotebookNode, remark: str) -> None:
    cells = output.data[MIMETYPE]["cells"]
    assert [(cell["status"], cell["text"][-3]) for cell in cells] == [("stopped", f"- {BEGUN}")] * 2
    assert output.data["text/markdown"].endswith(f"\n\n*{remark}*")
    assert output.data["text/markdown"].count("before **the end**") == 2


def live_button(notebook: NotebookPage, index: int, name: str) -> None:
    """Wait for a button that only a live comparison has."""
    expect(notebook.output(index).get_by_role("button", name=name, exact=True).first).to_be_visible()


@pytest.mark.parametrize("saves", [True, False], ids=["saved", "not-saved"])
def test_a_page_that_comes_back_in_mid_stream_gets_the_whole_comparison(
    lab: Lab, notebook: NotebookPage, streaming: int, gate: Gate, *, saves: bool
) -> None:
    name = lab.name_of(notebook)
    if saves:
        notebook.save()
    notebook.reload(busy=True)
    wait_for(notebook, streaming, BEGUN)
    live_button(notebook, streaming, "Stop all")
    gate.open()
    wait_for(notebook, streaming, "after")
    wait_for_whole(notebook, streaming)
    assert_whole(saved(lab, notebook, name, streaming))
    live_button(notebook, streaming, "Good answer")
    expect(notebook.output(streaming).locator(".nbs-grid")).to_have_count(1)


@pytest.mark.parametrize("saves", [True, False], ids=["saved", "not-saved"])
def test_a_comparison_that_ends_while_no_page_is_open_waits_in_the_kernel(
    lab: Lab, notebook: NotebookPage, name: str, streaming: int, gate: Gate, *, saves: bool
) -> None:
    if saves:
        notebook.save()
    notebook.close()
    gate.open()
    notebook = lab.open_notebook(name)
    wait_for_whole(notebook, streaming)
    assert_whole(saved(lab, notebook, name, streaming))
    wait_for(notebook, streaming, "after")
    live_button(notebook, streaming, "Good answer")
    lab.take_back(notebook)


def test_a_kernel_that_is_killed_leaves_what_the_page_has_drawn(
    lab: Lab, notebook: NotebookPage, name: str, server: ByteServer
) -> None:
    pid = notebook.kernel_pid()
    index = notebook.add(f"%%chat -m a,b --base-url {server.base_url}\nHi")
    notebook.start(index)
    wait_for(notebook, index, BEGUN)
    os.kill(pid, signal.SIGKILL)
    output = notebook.output(index)
    expect(output).to_contain_text(INTERRUPTED)
    wait_for(notebook, index, BEGUN)
    expect(output.get_by_role("button", name="Stop all")).to_have_count(0)
    assert_partial(saved(lab, notebook, name, index), INTERRUPTED)
    notebook.shoot("comparison-interrupted")
    notebook.reload()
    expect(output).to_contain_text(INTERRUPTED)
    wait_for(notebook, index, BEGUN)


def test_of_two_pages_each_has_the_comparison_once(
    lab: Lab, notebook: NotebookPage, name: str, streaming: int, gate: Gate
) -> None:
    other = lab.open_notebook(name, lab.new_page(), busy=True)
    wait_for(other, streaming, BEGUN)
    gate.open()
    for page in (notebook, other):
        wait_for_whole(page, streaming)
        wait_for(page, streaming, "after")
    assert_whole(saved(lab, other, name, streaming))
    other.close()


def test_a_rating_after_a_reload_is_saved_and_a_deleted_output_stays_deleted(
    lab: Lab, notebook: NotebookPage, name: str, streaming: int, gate: Gate
) -> None:
    gate.open()
    wait_for_whole(notebook, streaming)
    notebook.save()
    notebook.reload()
    notebook.output(streaming).get_by_role("button", name="Good answer").first.click()
    notebook.page.wait_for_function(
        """([index, mimetype]) => {
            const { outputs } = window.jupyterapp.shell.currentWidget.content.widgets[index].model;
            return outputs.get(0).data[mimetype].cells[0].rating === 1;
        }""",
        arg=[streaming, MIMETYPE],
    )
    assert saved(lab, notebook, name, streaming).data[MIMETYPE]["cells"][0]["rating"] == 1
    notebook.clear_output(streaming)
    notebook.save()
    notebook.reload()
    pid = notebook.kernel_pid()
    assert pid
    assert lab.read_notebook(name).cells[streaming].outputs == []
    expect(notebook.output(streaming).locator(".nbs-grid")).to_have_count(0)
