"""What the file holds of an answer that streams in Notebook 7."""

from __future__ import annotations

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


def open_in_notebook7(lab: Lab, name: str) -> NotebookPage:
    page = lab.new_page()
    page.goto(f"{lab.url}notebooks/{name}?token={lab.token}")
    return NotebookPage(page)


@pytest.mark.parametrize("reloads", ["saved", "not saved", "stays"])
def test_the_file_holds_what_has_come_and_then_the_whole_answer(
    lab: Lab, name: str, server: ByteServer, gate: Gate, reloads: str
) -> None:
    lab.write_notebook(["%load_ext nbstream", chat_cell(server, "--alone")], name)
    notebook = open_in_notebook7(lab, name)
    notebook.start(0)
    notebook.wait_until_done(0)
    notebook.start(1)
    expect(notebook.output(1)).to_contain_text("of <x>two</x>")
    if reloads != "not saved":
        assert_unfinished(saved(lab, notebook, name, 1), UNFINISHED)
    if reloads != "stays":
        notebook.reload(busy=True)
    expect(notebook.output(1)).to_contain_text("of <x>two</x>")
    expect(stop_button(notebook, 1)).to_be_visible()
    assert_unfinished(saved(lab, notebook, name, 1), UNFINISHED)
    gate.open()
    expect(notebook.output(1).locator("em")).to_have_text("after")
    wait_for_whole(notebook, 1)
    assert_whole(saved(lab, notebook, name, 1))
    expect(notebook.output(1).locator(".nbstream")).to_have_count(1)
    notebook.close()
