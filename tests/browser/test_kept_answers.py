"""The answer in the file, even if the page or the kernel ends while it streams."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable

import pytest
from playwright.sync_api import expect

from tests.browser.hearing import hears_in_a_busy_cell
from tests.browser.kept import (
    INTERRUPTED,
    UNFINISHED,
    assert_unfinished,
    assert_whole,
    saved,
    stop_button,
    wait_for_whole,
)
from tests.browser.lab import Lab, NotebookPage
from tests.cells import chat_cell
from tests.loopback import ByteServer, Gate

pytestmark = hears_in_a_busy_cell


@pytest.fixture
def streaming(notebook: NotebookPage, server: ByteServer) -> int:
    """A cell whose answer has begun to stream; the file has the cell, but no answer yet."""
    index = notebook.add(chat_cell(server, "--alone"))
    notebook.save()
    notebook.start(index)
    expect(notebook.output(index)).to_contain_text("of <x>two</x>")
    expect(stop_button(notebook, index)).to_be_visible()
    return index


def test_a_save_in_mid_stream_holds_what_has_come(
    lab: Lab, notebook: NotebookPage, name: str, streaming: int, gate: Gate
) -> None:
    assert_unfinished(saved(lab, notebook, name, streaming), UNFINISHED)
    expect(stop_button(notebook, streaming)).to_be_visible()
    gate.open()
    notebook.wait_until_done(streaming)
    wait_for_whole(notebook, streaming)
    assert_whole(saved(lab, notebook, name, streaming))
    expect(notebook.output(streaming).locator(".nbstream")).to_have_count(1)


@pytest.mark.parametrize("way", ["save and reload", "reload", "save and close", "close"])
def test_a_page_that_comes_back_in_mid_stream_gets_the_whole_answer(
    lab: Lab, notebook: NotebookPage, streaming: int, gate: Gate, way: str
) -> None:
    name = lab.name_of(notebook)
    if way.startswith("save"):
        notebook.save()
    if way.endswith("reload"):
        notebook.reload(busy=True)
    else:
        notebook.close()
        notebook = lab.open_notebook(name, busy=True)
    expect(notebook.output(streaming)).to_contain_text("of <x>two</x>")
    expect(stop_button(notebook, streaming)).to_be_visible()
    assert_unfinished(saved(lab, notebook, name, streaming), UNFINISHED)
    gate.open()
    expect(notebook.output(streaming).locator("em")).to_have_text("after")
    wait_for_whole(notebook, streaming)
    assert_whole(saved(lab, notebook, name, streaming))
    expect(notebook.cells.nth(streaming).locator(".jp-InputPrompt")).to_have_text("[2]:")
    lab.take_back(notebook)


@pytest.mark.parametrize("saves", [True, False], ids=["saved", "not-saved"])
def test_an_answer_that_ends_while_no_page_is_open_waits_in_the_kernel(
    lab: Lab, notebook: NotebookPage, name: str, streaming: int, gate: Gate, *, saves: bool
) -> None:
    if saves:
        notebook.save()
    notebook.close()
    gate.open()
    notebook = lab.open_notebook(name)
    expect(notebook.output(streaming).locator("em")).to_have_text("after")
    wait_for_whole(notebook, streaming)
    assert_whole(saved(lab, notebook, name, streaming))
    expect(stop_button(notebook, streaming)).to_have_count(0)
    lab.take_back(notebook)


def test_an_answer_that_ended_before_a_reload_without_a_save_comes_back(
    lab: Lab, notebook: NotebookPage, name: str, streaming: int, gate: Gate
) -> None:
    gate.open()
    notebook.wait_until_done(streaming)
    notebook.reload()
    wait_for_whole(notebook, streaming)
    assert_whole(saved(lab, notebook, name, streaming))


def restart(notebook: NotebookPage, _pid: int) -> None:
    notebook.restart_kernel()


def kill(notebook: NotebookPage, pid: int) -> None:
    os.kill(pid, signal.SIGKILL)
    notebook.page.wait_for_function(
        "() => window.jupyterapp.shell.currentWidget.sessionContext.session?.kernel?.status !== 'busy'"
    )


@pytest.mark.parametrize("reloads", [False, True], ids=["stays", "after-reload"])
@pytest.mark.parametrize("end", [restart, kill])
def test_a_kernel_that_ends_in_mid_stream_leaves_what_has_come(
    lab: Lab,
    notebook: NotebookPage,
    name: str,
    server: ByteServer,
    end: Callable[[NotebookPage, int], None],
    *,
    reloads: bool,
) -> None:
    pid = notebook.kernel_pid()
    index = notebook.run_to(chat_cell(server, "--alone"), "of <x>two</x>")
    if reloads:
        notebook.save()
        notebook.reload(busy=True)
        expect(stop_button(notebook, index)).to_be_visible()
    end(notebook, pid)
    output = notebook.output(index)
    expect(output).to_contain_text(INTERRUPTED)
    expect(output).to_contain_text("of <x>two</x>")
    expect(stop_button(notebook, index)).to_have_count(0)
    assert_unfinished(saved(lab, notebook, name, index), INTERRUPTED)
    notebook.reload()
    expect(output).to_contain_text(INTERRUPTED)
    expect(output).not_to_contain_text("not found")


def test_an_unfinished_answer_of_a_kernel_that_is_gone_is_never_shown_as_streaming(
    lab: Lab, notebook: NotebookPage, name: str, streaming: int
) -> None:
    notebook.save()
    notebook.close()
    lab.shut_kernels_down()
    notebook = lab.open_notebook(name)
    output = notebook.output(streaming)
    expect(output).to_contain_text("of <x>two</x>")
    expect(output).to_contain_text(UNFINISHED)
    expect(stop_button(notebook, streaming)).to_have_count(0)
    expect(notebook.page.locator(".jp-mod-dirty")).to_have_count(0)
    lab.take_back(notebook)


def test_what_the_reader_takes_away_does_not_come_back(
    lab: Lab, notebook: NotebookPage, name: str, streaming: int, gate: Gate
) -> None:
    gate.open()
    notebook.wait_until_done(streaming)
    notebook.clear_output(streaming)
    notebook.page.wait_for_timeout(2500)
    notebook.reload()
    notebook.page.wait_for_timeout(2500)
    notebook.save()
    assert lab.read_notebook(name).cells[streaming].outputs == []
