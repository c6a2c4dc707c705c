"""What the file holds of an answer when its notebook is open in two pages that do not know of each other."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import expect

from tests.browser.hearing import hears_in_a_busy_cell
from tests.browser.kept import (
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
def errors() -> list[str]:
    """What has failed in the scripts of the other page."""
    return []


@pytest.fixture
def index(notebook: NotebookPage, server: ByteServer) -> int:
    """The cell of the answer; the file has it."""
    index = notebook.add(chat_cell(server, "--alone"))
    notebook.save()
    return index


@pytest.fixture
def other(lab: Lab, name: str, index: int, errors: list[str]) -> Iterator[NotebookPage]:
    page = lab.new_page()
    page.on("pageerror", lambda error: errors.append(str(error)))
    notebook = lab.open_notebook(name, page)
    yield notebook
    notebook.close()


@pytest.fixture
def streaming(notebook: NotebookPage, index: int, other: NotebookPage) -> int:
    notebook.start(index)
    expect(notebook.output(index)).to_contain_text("of <x>two</x>")
    return index


def overwrite(notebook: NotebookPage) -> None:
    """Save over what the other page has saved."""
    notebook.page.evaluate(
        """() => {
            window.saved = false;
            void window.jupyterapp.shell.currentWidget.context.save().then(() => { window.saved = true; });
        }"""
    )
    asks = '[...document.querySelectorAll(".jp-Dialog button")].find(b => b.textContent === "Overwrite")'
    notebook.page.wait_for_function(f"() => {{ {asks}?.click(); return window.saved; }}")


def finish(notebook: NotebookPage, index: int, gate: Gate) -> None:
    gate.open()
    notebook.wait_until_done(index)
    wait_for_whole(notebook, index)
    expect(notebook.output(index).locator(".nbstream")).to_have_count(1)


def test_a_page_that_has_not_run_the_cell_may_save(
    lab: Lab,
    notebook: NotebookPage,
    other: NotebookPage,
    name: str,
    streaming: int,
    *,
    gate: Gate,
    errors: list[str],
) -> None:
    other.save()
    assert lab.read_notebook(name).cells[streaming].outputs == []
    overwrite(notebook)
    finish(notebook, streaming, gate)
    assert_whole(saved(lab, notebook, name, streaming))
    assert errors == []


@pytest.mark.parametrize("has_answer", [True, False], ids=["saved", "not-saved"])
def test_a_page_that_is_reloaded_in_mid_stream_shows_the_answer_too(
    lab: Lab,
    notebook: NotebookPage,
    other: NotebookPage,
    name: str,
    streaming: int,
    *,
    gate: Gate,
    errors: list[str],
    has_answer: bool,
) -> None:
    if has_answer:
        assert_unfinished(saved(lab, notebook, name, streaming), UNFINISHED)
    other.reload(busy=True)
    expect(other.output(streaming)).to_contain_text("of <x>two</x>")
    expect(stop_button(other, streaming)).to_be_visible()
    assert_unfinished(saved(lab, other, name, streaming), UNFINISHED)
    finish(notebook, streaming, gate)
    wait_for_whole(other, streaming)
    expect(other.output(streaming).locator(".nbstream")).to_have_count(1)
    assert_whole(saved(lab, other, name, streaming))
    overwrite(notebook)
    (output,) = lab.read_notebook(name).cells[streaming].outputs
    assert_whole(output)
    assert errors == []


def test_pages_that_are_both_reloaded_hold_the_whole_answer(
    lab: Lab, notebook: NotebookPage, other: NotebookPage, name: str, streaming: int, *, gate: Gate
) -> None:
    other.reload(busy=True)
    expect(stop_button(other, streaming)).to_be_visible()
    notebook.reload(busy=True)
    expect(stop_button(notebook, streaming)).to_be_visible()
    gate.open()
    for page in (other, notebook):
        wait_for_whole(page, streaming)
    overwrite(other)
    assert_whole(saved(lab, other, name, streaming))
    overwrite(notebook)
    (output,) = lab.read_notebook(name).cells[streaming].outputs
    assert_whole(output)
