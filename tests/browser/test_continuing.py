"""Continue in a real JupyterLab: in the cell whose answer was cut, and in the chat widget."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import expect

from tests.browser.lab import Lab, NotebookPage
from tests.cells import chat_cell
from tests.loopback import ByteServer
from tests.test_continuing import CUT, FIRST, REST, SECOND, server_of

WHOLE = re.compile(re.escape(FIRST + SECOND))


@pytest.fixture
def server() -> Iterator[ByteServer]:
    with server_of("vllm", CUT, REST) as running:
        yield running


@pytest.fixture
def notebook(lab: Lab, name: str) -> Iterator[NotebookPage]:
    """A notebook in a new page: after another one, an answer that fails at once is sometimes missing."""
    page = lab.open_with_nbstream(name, page=lab.new_page())
    yield page
    page.close()


def cut(notebook: NotebookPage, server: ByteServer) -> int:
    notebook.run("%config NBStream.retries = 0")
    index = notebook.run(chat_cell(server))
    output = notebook.output(index)
    expect(output).to_contain_text(FIRST.strip())
    expect(output.get_by_role("button", name="Continue")).to_be_visible()
    return index


def test_the_answer_goes_on_in_its_cell(notebook: NotebookPage, server: ByteServer) -> None:
    index = cut(notebook, server)
    output = notebook.output(index)
    output.get_by_role("button", name="Continue").click()
    expect(output.locator(".nbs-prose")).to_have_text(WHOLE)
    expect(output).to_contain_text("a second request continued it")
    expect(output.get_by_role("group", name="Version 2 of 2")).to_be_visible()
    expect(output.get_by_role("button", name="Continue")).to_have_count(0)
    output.get_by_role("button", name="Previous version").click()
    expect(output.get_by_role("region", name="Error")).to_be_visible()
    assert len([request for request in server.requests if request.method == "POST"]) == 2


def test_after_a_restart_it_is_said_and_nothing_is_lost(
    lab: Lab,
    notebook: NotebookPage,
    server: ByteServer,
) -> None:
    index = cut(notebook, server)
    output = notebook.output(index)
    notebook.restart_kernel()
    output.get_by_role("button", name="Continue").click()
    expect(output).to_contain_text("was restarted")
    notebook.run("%load_ext nbstream")
    output.get_by_role("button", name="Continue").click()
    expect(output).to_contain_text("This kernel no longer has the answer")
    expect(output.locator(".nbs-prose")).to_contain_text(FIRST.strip())
    assert len([request for request in server.requests if request.method == "POST"]) == 1


def test_a_reopened_notebook_goes_on_as_long_as_its_kernel_lives(
    notebook: NotebookPage,
    server: ByteServer,
) -> None:
    index = cut(notebook, server)
    notebook.save()
    notebook.reload()
    output = notebook.output(index)
    output.get_by_role("button", name="Continue").click()
    expect(output.locator(".nbs-prose")).to_have_text(WHOLE)


def test_without_a_kernel_it_is_not_offered(notebook: NotebookPage, server: ByteServer) -> None:
    index = cut(notebook, server)
    notebook.reopen_without_kernel()
    output = notebook.output(index)
    expect(output).to_contain_text("Failed")
    expect(output.get_by_role("button", name="Continue")).to_have_count(0)


def test_in_the_chat_widget(notebook: NotebookPage, server: ByteServer) -> None:
    notebook.run("%config NBStream.retries = 0")
    source = f"from nbstream import ChatWidget\nw = ChatWidget(model='m', base_url='{server.base_url}')\nw"
    widget = notebook.output(notebook.run(source)).locator(".nbstream").first
    widget.locator("textarea").last.fill("Tell me")
    widget.locator("textarea").last.press("Enter")
    widget.get_by_role("button", name="Continue").click()
    expect(widget.locator(".nbs-prose").last).to_have_text(WHOLE)
    expect(widget.get_by_role("group", name="Version 2 of 2")).to_be_visible()
