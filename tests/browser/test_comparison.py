"""Answers side by side in a real JupyterLab."""

from __future__ import annotations

from typing import Any

from playwright.sync_api import expect

from tests.browser.lab import NotebookPage
from tests.loopback import ByteServer, Hold, json_response, sse_response
from tests.loopback.chunks import delta, says


def by_model(request: Any) -> list[Any]:
    """Model `held` never ends, `broken` fails, and the others answer differently."""
    model, city = request.json["model"], request.json["messages"][-1]["content"]
    if model == "held":
        return sse_response([delta(f"{city} is so"), Hold()])
    if model == "broken":
        return json_response(400, {"error": {"message": "out of order"}})
    return says(f"**{city}** is {'mild' if model == 'warm' else 'cold'}.\n\n<script>x()</script>")


def cell_of(server: ByteServer, arguments: str) -> str:
    return (
        "from nbstream import compare\n"
        f"grid = compare('{{{{ city }}}}', {arguments}, base_url={server.base_url!r})\n"
        "grid"
    )


def test_answers_stream_side_by_side_and_are_saved(notebook: NotebookPage) -> None:
    rows = [{"city": city} for city in ("Oslo", "Rome", "Lima")]
    arguments = f"models=['cold', 'warm', 'held', 'broken'], over={rows}, checks={{'mild': 'contains: mild'}}"
    with ByteServer(by_model) as server:
        index = notebook.run(cell_of(server, arguments))
        output = notebook.output(index)
        cells = output.get_by_role("gridcell")
        expect(cells).to_have_count(12)
        expect(cells.nth(0).locator("strong")).to_have_text("Oslo")
        expect(cells.nth(2)).to_contain_text("Streaming…")
        expect(cells.nth(3)).to_contain_text("out of order")
        notebook.shoot("comparison-streaming")
        output.get_by_role("button", name="Stop held").click()
        expect(output.locator('[data-status="stopped"]')).to_have_count(6)
        expect(output.get_by_role("button", name="Stop all")).to_have_count(0)
        cells.nth(1).get_by_role("button", name="Good answer").click()
        expect(cells.nth(1).get_by_role("button", name="Good answer")).to_have_attribute("aria-pressed", "true")
        output.get_by_role("button", name="Differences").click()
        expect(cells.nth(1).locator("ins")).to_have_text("mild")
        expect(cells.nth(1).locator("del")).to_have_text("cold")
        notebook.shoot("comparison-differences")
        cells.nth(0).click()
        cells.nth(0).press("ArrowRight")
        expect(cells.nth(1)).to_be_focused()
        cells.nth(1).press("Enter")
        expect(output.get_by_role("region", name="Answer of warm")).to_contain_text("mild")
        notebook.shoot("comparison-opened")
        notebook.set_theme("JupyterLab Dark")
        notebook.shoot("comparison-dark")
    assert not notebook.page.locator("script:text('x()')").count()
    notebook.reopen_without_kernel()
    output = notebook.output(index)
    expect(output.get_by_role("gridcell")).to_have_count(12)
    expect(output.get_by_role("gridcell").nth(0).locator("strong")).to_have_text("Oslo")
    expect(output.get_by_role("gridcell").nth(2)).to_contain_text("Stopped")
    expect(output.get_by_role("button", name="Stop all")).to_have_count(0)
    notebook.shoot("comparison-saved")
