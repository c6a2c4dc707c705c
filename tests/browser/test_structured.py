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
    rows = notebook.output(index).locator("tbody tr")
    expect(rows).to_have_count(2)
    kept = saved(lab, notebook, name, index).data["text/markdown"]
    assert "Bergen" in kept
    assert '"rows"' not in kept
    gate.open()
    notebook.wait_until_done(index)
    expect(rows).to_have_count(3)
    expect(rows.last).to_contain_text("valid integer")
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
    expect(notebook.output(index).locator("tbody tr")).to_have_count(3)
