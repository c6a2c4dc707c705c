"""The main job in Notebook 7: live, stopped, and reopened."""

from __future__ import annotations

from playwright.sync_api import expect

from tests.browser.lab import Lab
from tests.loopback import ByteServer, Hold, sse_response


def test_a_cell_streams_stops_and_stays(lab: Lab) -> None:
    partial = {"choices": [{"index": 0, "delta": {"content": "## Heading\n\npartial answer"}}]}
    with ByteServer(sse_response([partial, Hold()])) as server:
        source = f"%%chat --base-url {server.base_url} -m m --alone\nHi"
        name = lab.write_notebook(["%load_ext nbstream", source], "seven.ipynb")
        page = lab.new_page()
        page.goto(f"{lab.url}notebooks/{name}?token={lab.token}")
        cells = page.locator(".jp-Notebook .jp-Cell")
        cells.nth(0).locator(".jp-InputArea-editor").click()
        expect(page.locator(".jp-NotebookKernelStatus, .jp-Notebook-ExecutionIndicator")).not_to_have_count(0)
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
    expect(cells.nth(1).locator(".nbstream")).to_have_count(1)
    page.context.close()
