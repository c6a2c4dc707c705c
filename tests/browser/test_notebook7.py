"""The main job in Notebook 7: live, stopped, and reopened."""

from __future__ import annotations

import re

from playwright.sync_api import Page, expect

from tests.browser.chat import ChatPart, answer, source
from tests.browser.lab import Lab
from tests.cells import chat_cell
from tests.loopback import ByteServer, Hold, sse_response
from tests.loopback.chunks import delta

# Before that a cell that is run is not even queued.
KERNEL_IS_REACHED = """async () => {
    const panel = window.jupyterapp?.shell.currentWidget;
    await panel?.sessionContext?.ready;
    return panel?.sessionContext?.session?.kernel?.status === "idle";
}"""


def wait_for_kernel(page: Page) -> None:
    page.wait_for_function(KERNEL_IS_REACHED)


def test_a_cell_streams_stops_and_stays(lab: Lab) -> None:
    with ByteServer(sse_response([delta("## Heading\n\npartial answer"), Hold()])) as server:
        name = lab.write_notebook(["%load_ext nbstream", chat_cell(server, "--alone")], "seven.ipynb")
        page = lab.new_page()
        page.goto(f"{lab.url}notebooks/{name}?token={lab.token}")
        cells = page.locator(".jp-Notebook .jp-Cell")
        cells.nth(0).locator(".jp-InputArea-editor").click()
        wait_for_kernel(page)
        page.keyboard.press("Shift+Enter")
        page.keyboard.press("Shift+Enter")
        output = cells.nth(1).locator(".jp-Cell-outputArea")
        expect(output).to_contain_text("partial answer", timeout=60_000)
        expect(output.locator("h2")).to_have_text("Heading")
        output.get_by_role("button", name="Stop").click()
        expect(output).to_contain_text("Stopped")
        assert server.requests[0].wait_disconnect()
    expect(cells.nth(1).locator(".jp-InputPrompt")).to_have_text("[2]:")
    page.keyboard.press("Escape")
    page.keyboard.press("Control+s")
    expect(page.locator(".jp-NotebookCheckpoint")).to_contain_text("Last Checkpoint")
    page.wait_for_function("() => !document.title.startsWith('*')")
    page.reload()
    expect(cells.nth(1).locator(".jp-Cell-outputArea")).to_contain_text("partial answer", timeout=60_000)
    expect(cells.nth(1).locator(".jp-Cell-outputArea .nbstream")).to_have_count(1)
    cells.nth(1).locator(".jp-InputPrompt").click()
    page.keyboard.press("Alt+Shift+C")
    expect(cells).to_have_count(4)  # with the cell below the last one that was run
    expect(cells.nth(2)).to_contain_text("%%chat")
    expect(cells.nth(2).locator(".cm-content")).to_have_attribute("spellcheck", "true")
    page.keyboard.type("Dear {{ nobody }}")
    undefined = cells.nth(2).locator(".nbs-prompt-undefined").first
    expect(undefined).to_have_attribute("title", "nobody is not defined in the kernel.")
    cells.nth(2).get_by_role("button", name="Default model").click()
    page.get_by_role("dialog").get_by_role("textbox").fill("demo")
    page.keyboard.press("Enter")
    expect(cells.nth(2).locator(".cm-line").first).to_have_text("%%chat -m demo")
    toolbar = page.locator(".jp-NotebookPanel-toolbar")
    toolbar.get_by_role("button", name="%%chat").click()
    expect(cells.nth(2)).to_have_class(re.compile("jp-MarkdownCell"))
    page.keyboard.press("Alt+Shift+T")
    expect(cells.nth(2)).to_have_class(re.compile("jp-CodeCell"))
    expect(cells.nth(2)).to_contain_text("%%chat")
    page.context.close()


def test_a_chat_widget_answers_and_is_kept(lab: Lab) -> None:
    with ByteServer(answer) as server:
        name = lab.write_notebook([source(server.base_url)], "seven-chat.ipynb")
        page = lab.new_page()
        page.goto(f"{lab.url}notebooks/{name}?token={lab.token}")
        cell = page.locator(".jp-Notebook .jp-Cell").first
        cell.locator(".jp-InputArea-editor").click()
        wait_for_kernel(page)
        page.keyboard.press("Shift+Enter")
        chat = ChatPart(cell.locator(".jp-Cell-outputArea"))
        chat.ask("one")
        page.keyboard.press("Control+s")
        expect(page.locator(".jp-NotebookCheckpoint")).to_contain_text("Last Checkpoint")
        page.wait_for_function("() => !document.title.startsWith('*')")
    sessions = page.request.get(f"{lab.url}api/sessions?token={lab.token}").json()
    kernel = next(session["kernel"]["id"] for session in sessions if session["path"] == name)
    page.request.post(f"{lab.url}api/kernels/{kernel}/restart?token={lab.token}")
    page.reload()
    expect(chat.root.get_by_text("saved", exact=True)).to_be_visible()
    expect(chat.root.locator("strong")).to_have_text("one")
    page.context.close()
