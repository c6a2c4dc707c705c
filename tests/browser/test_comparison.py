"""Answers side by side in a real JupyterLab."""

from __future__ import annotations

from typing import Any

from playwright.sync_api import expect

from tests.browser.axe import serious_faults
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
        expect(cells.nth(1).get_by_role("button", name="Good answer")).to_have_attribute(
            "aria-pressed", "true"
        )
        output.get_by_role("button", name="Differences").click()
        expect(cells.nth(1).locator("ins")).to_have_text("mild")
        expect(cells.nth(1).locator("del")).to_have_text("cold")
        notebook.shoot("comparison-differences")
        cells.nth(0).click()
        cells.nth(0).press("ArrowRight")
        expect(cells.nth(1)).to_be_focused()
        cells.nth(1).press("Enter")
        expect(output.get_by_role("region", name="Answer of warm")).to_contain_text("mild")
        output.get_by_role("button", name="Inspect the stream").click()
        expect(output.get_by_role("region", name="Stream inspector")).to_contain_text("finished")
        notebook.shoot("comparison-inspected")
        output.get_by_role("button", name="Inspect the stream").click()
        output.get_by_role("button", name="Adopt").click()
        expect(output.locator(".nbs-notice")).to_contain_text("The variable adopted is a chat")
        output.get_by_label("Note on this answer").fill("warmer")
        output.get_by_label("Note on this answer").blur()
        expect(output.locator(".nbs-plot")).to_contain_text("100 % [")
        notebook.shoot("comparison-opened")
        assert serious_faults(notebook.page, ".nbs-grid") == []
        notebook.set_theme("JupyterLab Dark")
        notebook.shoot("comparison-dark")
        assert serious_faults(notebook.page, ".nbs-grid") == []
    assert not notebook.page.locator("script:text('x()')").count()
    notebook.reopen_without_kernel()
    output = notebook.output(index)
    expect(output.get_by_role("gridcell")).to_have_count(12)
    expect(output.get_by_role("gridcell").nth(0).locator("strong")).to_have_text("Oslo")
    expect(output.get_by_role("gridcell").nth(2)).to_contain_text("Stopped")
    expect(output.get_by_role("button", name="Good answer")).to_have_count(0)
    output.get_by_role("gridcell").nth(1).dblclick()
    expect(output.locator(".nbs-note")).to_have_text("warmer")
    notebook.shoot("comparison-saved")


def test_click_on_a_turned_outcome_shows_its_row(notebook: NotebookPage) -> None:
    rows = [{"x": x} for x in range(30)]
    with ByteServer(lambda request: says(request.json["messages"][-1]["content"])) as server:
        index = notebook.run(
            "from nbstream import compare\n"
            f"options = dict(over={rows}, models=['m', 'n'], base_url={server.base_url!r})\n"
            "options['checks'] = 'contains:2'\n"
            "before = await compare('it is {{ x }}', **options)\n"
            "await compare('it was {{ x }}\\nnot 2', since=before, **options)"
        )
        output = notebook.output(index)
        changes = output.get_by_role("region", name="Changes since the earlier comparison")
        expect(changes.locator("ins").first).to_have_text("+ it was {{ x }}")
        expect(changes).to_contain_text("36 turned good")
        changes.get_by_role("button", name="19 · n").click()
        cell = output.locator('[data-cell="39"]')
        expect(cell).to_be_focused()
        expect(cell).to_be_in_viewport()
        expect(cell).to_contain_text("Turned good")
        notebook.shoot("comparison-changes")
        notebook.reopen_without_kernel()
        output.get_by_role("button", name="19 · m").last.click()
        expect(output.locator('[data-cell="38"]').last).to_be_focused()


def test_of_a_thousand_rows_only_those_in_sight_are_drawn(notebook: NotebookPage) -> None:
    source = (
        "grid = compare('Hi', models=['m', 'n'], over=[{'x': x} for x in range(1000)])\ngrid.stop()\ngrid"
    )
    index = notebook.run(f"from nbstream import compare\n{source}")
    output = notebook.output(index)
    expect(output.get_by_role("grid")).to_have_attribute("aria-rowcount", "1001")
    # Only a live view has it, and only at the end.
    expect(output.get_by_role("gridcell").first.get_by_role("button", name="Retry")).to_be_visible()
    assert output.get_by_role("gridcell").count() < 40
    output.get_by_role("gridcell").first.focus()
    notebook.page.keyboard.press("End")
    expect(output.get_by_role("rowheader").last).to_contain_text("999")
    expect(output.get_by_role("gridcell").first).not_to_be_focused()
    assert output.get_by_role("gridcell").count() < 40


def test_narrow_view_shows_one_variant_at_a_time(notebook: NotebookPage) -> None:
    with ByteServer(by_model) as server:
        notebook.page.set_viewport_size({"width": 560, "height": 900})
        index = notebook.run(cell_of(server, "models=['cold', 'warm'], over=[{'city': 'Oslo'}], n=2"))
        output = notebook.output(index)
        expect(output.get_by_role("gridcell")).to_have_count(2)
        expect(output.get_by_role("gridcell").first).to_contain_text("cold")
        output.get_by_label("Variant").select_option("warm")
        expect(output.get_by_role("gridcell").first).to_contain_text("mild")
        notebook.shoot("comparison-narrow")
