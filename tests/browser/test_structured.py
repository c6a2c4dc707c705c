"""An answer with a schema: the table on the page and in the file, while rows arrive and after."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import expect

from tests.browser.hearing import hears_in_a_busy_cell
from tests.browser.kept import saved
from tests.browser.lab import Lab, NotebookPage
from tests.cells import chat_cell
from tests.loopback import ByteServer, Gate
from tests.loopback.chunks import END, delta

pytestmark = hears_in_a_busy_cell

SCHEMA = "from pydantic import BaseModel\nclass Row(BaseModel):\n    city: str\n    rain: int"
FIRST = '{"rows": [{"city": "Oslo", "rain": 3}, {"city": "Bergen", "rain": 9}, {"city": "Bo'
REST = 'dø", "rain": "much"}]}'


@pytest.fixture
def server(gate: Gate) -> Iterator[ByteServer]:
    """Sends two rows and a part of the third; the rest once the gate is open."""
    with ByteServer(lambda _: gate.script([delta(FIRST)], [delta(REST), *END])) as running:
        yield running


def test_a_save_in_mid_stream_holds_the_whole_rows(
    lab: Lab, notebook: NotebookPage, name: str, server: ByteServer, gate: Gate
) -> None:
    notebook.run(SCHEMA)
    index = notebook.add(chat_cell(server, "--alone --schema list[Row]"))
    notebook.start(index)
    output = notebook.output(index)
    rows = output.locator("tbody tr")
    expect(rows).to_have_text(["0Oslo3", "1Bergen9", "2Bo…"])
    expect(output.locator(".nbs-prose")).to_have_attribute("data-open", "")
    notebook.shoot("structured-open-row")
    kept = saved(lab, notebook, name, index).data["text/markdown"]
    assert "Bergen" in kept
    assert '"rows"' not in kept
    assert "Bo…" not in kept
    json = output.get_by_role("button", name="JSON")
    json.focus()
    notebook.page.keyboard.press("Enter")
    expect(json).to_have_attribute("aria-pressed", "true")
    expect(output.locator("pre.nbs-raw")).to_have_text(FIRST)
    gate.open()
    notebook.wait_until_done(index)
    # The saved view shows what the live one did.
    expect(output.locator("pre.nbs-raw")).to_have_text(FIRST + REST)
    expect(output.get_by_role("button", name="Copy as JSON")).to_be_visible()
    output.get_by_role("button", name="JSON", exact=True).click()
    expect(output.get_by_role("button", name="Copy as Markdown")).to_be_visible()
    expect(rows).to_have_count(3)
    expect(rows.last).to_contain_text("⚠ 2Bodø")
    expect(rows.last).to_contain_text("valid integer")
    expect(output).to_contain_text("row 2, rain: Input should be a valid integer")
    expect(output.locator("[data-open]")).to_have_count(0)
    notebook.shoot("structured-table")
    notebook.page.wait_for_function(
        """index => {
            const { outputs } = window.jupyterapp.shell.currentWidget.content.widgets[index].model;
            return outputs.get(0).data["text/markdown"]?.includes("Bodø");
        }""",
        arg=index,
    )
    whole = saved(lab, notebook, name, index)
    assert whole.data["text/markdown"].index("Oslo") < whole.data["text/markdown"].index("Bodø")
    assert "Unfinished" not in whole.data["text/markdown"]
    notebook.reopen_without_kernel()
    expect(rows).to_have_count(3)
    output.get_by_role("button", name="JSON").click()
    expect(output.locator("pre.nbs-raw")).to_have_text(FIRST + REST)


OBJECT = (
    "from pydantic import BaseModel\nclass Place(BaseModel):\n    city: dict[str, str]\n    weeks: list[int]"
)
BEGUN, ENDED = '{"city": {"name": "Oslo", "sky": "gr', 'ey"}, "weeks": [1, 2]}'

TREE = "- **city**\n  - **name**: Oslo\n  - **sky**: grey\n- **weeks**\n  - **0**: 1\n  - **1**: 2"


def test_an_object_is_a_tree_that_fills_and_folds(lab: Lab, notebook: NotebookPage, gate: Gate) -> None:
    with ByteServer(lambda _: gate.script([delta(BEGUN)], [delta(ENDED), *END])) as server:
        notebook.run(OBJECT)
        index = notebook.add(chat_cell(server, "--alone --schema Place"))
        notebook.start(index)
        output = notebook.output(index)
        expect(output.locator("li li")).to_have_text(["name: Oslo", "sky: gr…"])
        expect(output.locator("li li.nbs-open")).to_have_text(["sky: gr…"])
        notebook.shoot("structured-open-tree")
        gate.open()
        notebook.wait_until_done(index)
    expect(output.locator("li li")).to_have_text(["name: Oslo", "sky: grey", "0: 1", "1: 2"])
    expect(output.locator(".nbs-open")).to_have_count(0)
    notebook.set_theme("JupyterLab Dark")
    notebook.shoot("structured-tree-dark")
    notebook.wait_for_saved(index, TREE)
    notebook.save()
    notebook.reopen_without_kernel()
    expect(output.locator("li li")).to_have_count(4)
    city = output.locator("summary", has_text="city")
    city.focus()
    notebook.page.keyboard.press("Enter")
    expect(output.locator("li li").first).to_be_hidden()
    expect(output.locator("li li").last).to_be_visible()
    notebook.set_theme("JupyterLab Light")
