"""The live view's code in a real JupyterLab: sent to a page once, and drawn with or without our extension."""

from __future__ import annotations

import pytest
from playwright.sync_api import Locator, expect

from tests.browser.hearing import hears_in_a_busy_cell
from tests.browser.lab import Lab, NotebookPage
from tests.cells import chat_cell
from tests.loopback import ByteServer, Hold, Pause, Step, in_turn, sse_response
from tests.loopback.chunks import delta

WHOLE = 50_000
REFERENCE = 500

# Sizes of what the kernel sends as widgets' modules, in order.
LISTEN = """() => {
    const { kernel } = window.jupyterapp.shell.currentWidget.sessionContext.session;
    window.modules = [];
    kernel.iopubMessage.connect((_, { header, content }) => {
        const module = header.msg_type.startsWith("comm_") && content.data.state?._esm;
        if (module) window.modules.push(module.length);
    });
}"""


def modules(notebook: NotebookPage) -> list[int]:
    return list(notebook.page.evaluate("() => window.modules"))


def run_live(notebook: NotebookPage, source: str, shown: str) -> Locator:
    """Run a cell until its live view shows a text, stop it there, and give its output."""
    index = notebook.add(source)
    notebook.start(index)
    output = notebook.output(index)
    expect(output.locator(".nbstream")).to_contain_text(shown)
    output.get_by_role("button", name="Stop").click()
    notebook.wait_until_done(index)
    expect(output).to_contain_text("Stopped")
    expect(output).to_contain_text(shown)
    return output


@pytest.fixture
def notebook(notebook: NotebookPage) -> NotebookPage:
    """A notebook whose page counts the modules that it is sent."""
    notebook.page.evaluate(LISTEN)
    return notebook


def stream(*texts: str) -> list[Step]:
    """An answer in pieces, which streams until it is stopped."""
    return sse_response([*(step for text in texts for step in (delta(text), Pause(0.2))), Hold()])


def test_only_the_first_cell_brings_the_module(notebook: NotebookPage) -> None:
    with ByteServer(in_turn(*[stream("one ", "two ", "three")] * 3)) as server:
        for _ in range(3):
            run_live(notebook, chat_cell(server, "--alone"), "one two three")
    first, *others = modules(notebook)
    assert first > WHOLE
    assert len(others) == 2
    assert max(others) < REFERENCE


def test_a_chat_widget_is_drawn_from_a_reference_too(notebook: NotebookPage) -> None:
    notebook.run("from nbstream import Chat, ChatWidget")
    for _ in range(2):
        index = notebook.run("ChatWidget(Chat('demo:nbstream-demo-fast'))")
        output = notebook.output(index)
        output.get_by_role("textbox").first.fill("echo: said twice")
        output.get_by_role("textbox").first.press("Enter")
        expect(output.get_by_role("log")).to_contain_text("said twice")
    first, second = modules(notebook)
    assert first > WHOLE
    assert second < REFERENCE


def test_a_page_that_is_loaded_again_is_sent_it_again(lab: Lab, notebook: NotebookPage) -> None:
    with ByteServer(in_turn(*[stream("text")] * 2)) as server:
        run_live(notebook, chat_cell(server, "--alone"), "text")
        notebook.save()
        notebook.reload()
        notebook.page.evaluate(LISTEN)
        run_live(notebook, chat_cell(server, "--alone"), "text")
    (size,) = modules(notebook)
    assert size > WHOLE


def test_it_is_drawn_live_without_the_extension(lab: Lab) -> None:
    """As if JupyterLab ran in an environment without nbstream."""
    page = lab.new_page()
    page.route("**/extensions/nbstream/**", lambda route: route.fulfill(status=404))
    notebook = lab.open_with_nbstream("plain.ipynb", page=page)
    page.evaluate(LISTEN)
    with ByteServer(in_turn(*[stream("**one** ", "two ")] * 2)) as server:
        for _ in range(2):
            output = run_live(notebook, chat_cell(server, "--alone"), "one two")
            expect(output.locator(".nbstream")).to_have_count(0)
    first, second = modules(notebook)
    assert first > WHOLE
    assert second < REFERENCE
    notebook.close()


@hears_in_a_busy_cell
def test_a_widget_drawn_from_a_reference_comes_back_after_a_reload(notebook: NotebookPage) -> None:
    with ByteServer(in_turn(stream("first"), stream("going "))) as server:
        run_live(notebook, chat_cell(server, "--alone"), "first")
        index = notebook.add(chat_cell(server, "--alone"))
        notebook.start(index)
        output = notebook.output(index)
        expect(output).to_contain_text("going")
        notebook.save()
        notebook.page.goto(notebook.url)
        expect(output).to_contain_text("going")
        output.get_by_role("button", name="Stop").click()
        assert server.requests[1].wait_disconnect()
        expect(output).to_contain_text("Stopped")
