"""The live view's code in a real JupyterLab: sent to a page once, and drawn with or without our extension."""

from __future__ import annotations

from collections.abc import Iterator

import ipykernel
import pytest
from playwright.sync_api import Page, expect

from tests.browser.lab import Lab, NotebookPage
from tests.loopback import ByteServer, Hold, Pause, in_turn, sse_response

WHOLE = 50_000
REFERENCE = 500
STOP = {"choices": [{"index": 0, "delta": {}, "finish_reason": "stop"}]}

# Sizes of what the kernel sends as widgets' modules, in order.
LISTEN = """() => {
    const { kernel } = window.jupyterapp.shell.currentWidget.sessionContext.session;
    window.modules = [];
    kernel.iopubMessage.connect((_, { header, content }) => {
        const module = header.msg_type.startsWith("comm_") && content.data.state?._esm;
        if (module) window.modules.push(module.length);
    });
}"""


def delta(text: str) -> dict[str, object]:
    return {"choices": [{"index": 0, "delta": {"content": text}, "finish_reason": None}]}


def chat(server: ByteServer) -> str:
    return f"%%chat --base-url {server.base_url} -m m --alone\nHi"


def open_notebook(lab: Lab, name: str, empty: Page | None = None) -> NotebookPage:
    lab.write_notebook(["%load_ext nbstream"], name)
    page = lab.open_notebook(name, empty)
    page.start(0)
    page.wait_until_done(0)
    page.page.evaluate(LISTEN)
    return page


def modules(notebook: NotebookPage) -> list[int]:
    return list(notebook.page.evaluate("() => window.modules"))


def run_live(notebook: NotebookPage, source: str, *shown: str) -> int:
    """Run a cell, and see each text in its live view, which has a Stop button."""
    index = notebook.add(source)
    notebook.start(index)
    output = notebook.output(index)
    for text in shown:
        expect(output).to_contain_text(text)
        expect(output.get_by_role("button", name="Stop")).to_be_visible()
    return index


@pytest.fixture
def notebook(lab: Lab, request: pytest.FixtureRequest) -> Iterator[NotebookPage]:
    page = open_notebook(lab, f"{request.node.name}.ipynb")
    yield page
    page.close()


def slow(*texts: str) -> list[object]:
    return sse_response([step for text in texts for step in (delta(text), Pause(1.0))] + [STOP, "[DONE]"])  # type: ignore[return-value]


def test_only_the_first_cell_brings_the_module(notebook: NotebookPage) -> None:
    with ByteServer(in_turn(*[slow("one ", "two ", "three")] * 3)) as server:
        for _ in range(3):
            index = run_live(notebook, chat(server), "one", "one two", "one two three")
            notebook.wait_until_done(index)
            notebook.wait_until_idle()
    first, *others = modules(notebook)
    assert first > WHOLE
    assert [size for size in others if size > REFERENCE] == []
    assert len(others) == 2


def test_a_chat_widget_is_drawn_from_a_reference_too(notebook: NotebookPage) -> None:
    notebook.run("from nbstream import Chat, ChatWidget")
    for _ in range(2):
        index = notebook.run("ChatWidget(Chat('demo:nbstream-demo-fast'))")
        output = notebook.output(index)
        output.get_by_role("textbox").first.fill("echo: said twice")
        output.get_by_role("textbox").first.press("Enter")
        expect(output).to_contain_text("said twice")
    first, second = modules(notebook)
    assert first > WHOLE
    assert second < REFERENCE


def test_a_notebook_that_is_opened_again_is_sent_it_again(lab: Lab, notebook: NotebookPage) -> None:
    with ByteServer(in_turn(*[slow("text")] * 2)) as server:
        notebook.wait_until_done(run_live(notebook, chat(server), "text"))
        notebook.save()
        notebook.reload()
        notebook.page.evaluate(LISTEN)
        notebook.wait_until_done(run_live(notebook, chat(server), "text"))
    (size,) = modules(notebook)
    assert size > WHOLE


def test_it_is_drawn_live_without_the_extension(lab: Lab) -> None:
    """As where JupyterLab runs in an environment without nbstream."""
    page = lab.new_page()
    page.route("**/extensions/nbstream/**", lambda route: route.fulfill(status=404))
    notebook = open_notebook(lab, "plain.ipynb", page)
    with ByteServer(in_turn(*[slow("**one** ", "two ")] * 2)) as server:
        for _ in range(2):
            index = run_live(notebook, chat(server), "one", "one two")
            expect(notebook.output(index).locator(".nbstream strong")).to_have_text("one")
            notebook.wait_until_done(index)
            expect(notebook.output(index).locator(".nbstream")).to_have_count(0)
            expect(notebook.output(index)).to_contain_text("one two")
    assert [size > WHOLE for size in modules(notebook)] == [True, False]
    notebook.close()


@pytest.mark.skipif(ipykernel.__version__ < "7.4", reason="needs comm messages in a busy cell")
def test_a_widget_drawn_from_a_reference_comes_back_after_a_reload(notebook: NotebookPage) -> None:
    with ByteServer(in_turn(slow("first"), sse_response([delta("going "), Hold()]))) as server:
        notebook.wait_until_done(run_live(notebook, chat(server), "first"))
        index = run_live(notebook, chat(server), "going")
        notebook.save()
        notebook.page.goto(notebook.page.url)
        expect(notebook.output(index)).to_contain_text("going", timeout=60_000)
        notebook.output(index).get_by_role("button", name="Stop").click()
        assert server.requests[1].wait_disconnect()
        expect(notebook.output(index)).to_contain_text("Stopped")
