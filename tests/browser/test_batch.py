"""The live table of a batch in a real JupyterLab."""

from __future__ import annotations

import threading
from collections.abc import Iterable, Iterator
from typing import Any

import pytest
from playwright.sync_api import expect

from nbstream.batching.view.saved import BATCH_MIMETYPE
from tests.batching.whole_answers import prompt_of, whole
from tests.browser.axe import serious_faults
from tests.browser.lab import Lab, NotebookPage
from tests.loopback import ByteServer, Pause, Step, json_response

ROWS = 200
HOSTILE = "<img src=x onerror=x()><script>x()</script>"


class Towns:
    """Answers the first rows at once and the others when the test lets it; refuses row 3 until then."""

    def __init__(self) -> None:
        self.released = threading.Event()

    def __call__(self, request: Any) -> Iterable[Step]:
        prompt = prompt_of(request)
        if prompt == "town 3" and not self.released.is_set():
            return json_response(400, {"error": {"message": f"not {HOSTILE}"}})
        return self._answer(prompt)

    def _answer(self, prompt: str) -> Iterator[Step]:
        while int(prompt.rsplit(maxsplit=1)[-1]) >= 20 and not self.released.is_set():
            yield Pause(0.05)
        yield from whole(f"{HOSTILE} **{prompt}**")


@pytest.fixture
def running(notebook: NotebookPage) -> Iterator[tuple[int, Towns]]:
    """A batch of which twenty rows have ended."""
    towns = Towns()
    with ByteServer(towns) as server:
        index = notebook.add(
            "import nbstream, tempfile\n"
            "store = tempfile.mkdtemp() + '/answers.sqlite'\n"
            f"rows = [{{'town': f'town {{n}}'}} for n in range({ROWS})]\n"
            f"options = dict(model='m', base_url={server.base_url!r}, store=store)\n"
            "await nbstream.batch('{{ town }}', rows, concurrency=1, **options)\nNone"
        )
        notebook.save()
        notebook.start(index)
        expect(notebook.output(index).get_by_role("article", name="Batch")).to_contain_text("20 of 200 rows")
        yield index, towns
        towns.released.set()


def test_a_table_fills_and_acts_while_its_cell_runs(
    notebook: NotebookPage, running: tuple[int, Towns], lab: Lab, name: str
) -> None:
    index, towns = running
    output = notebook.output(index)
    table = output.get_by_role("grid", name="Rows")
    expect(table).to_have_attribute("aria-rowcount", str(ROWS + 1))
    assert 10 <= table.get_by_role("row").count() < 40
    row = table.get_by_role("row")
    expect(row.nth(4)).to_contain_text("not <img src=x onerror=x()>")
    output.get_by_label("Filter rows by status").select_option("failed")
    expect(row).to_have_count(2)
    row.nth(1).click()
    exchange = output.get_by_role("region", name="Row 3")
    expect(exchange).to_contain_text("town 3")
    expect(exchange).to_contain_text(HOSTILE)
    assert output.locator("img, script").count() == 0
    assert serious_faults(notebook.page, ".nbs-batch") == []
    notebook.shoot("batch-opened")
    output.get_by_role("button", name="Close").click()
    expect(table).to_be_focused()
    output.get_by_label("Filter rows by status").select_option("all")
    output.get_by_label("Filter rows by text").fill("TOWN 19")
    expect(row).to_have_count(12)  # the headings, 19 and 190 to 199
    output.get_by_label("Filter rows by text").fill("")
    expect(table).to_have_attribute("aria-rowcount", str(ROWS + 1))
    table.get_by_role("button", name="Row").click()
    expect(row.nth(1)).to_contain_text("town 199")
    table.focus()
    table.press("End")
    table.press("Enter")
    expect(output.get_by_role("region", name="Row 0")).to_contain_text("town 0")
    notebook.set_theme("JupyterLab Dark")
    assert serious_faults(notebook.page, ".nbs-batch") == []
    notebook.shoot("batch-dark")
    output.get_by_role("button", name="Pause").click()
    expect(output.get_by_role("button", name="Resume")).to_be_visible()
    output.get_by_role("button", name="Retry 1 failed").click()
    expect(output.get_by_role("button", name="Retry 1 failed")).to_have_count(0)
    towns.released.set()
    output.get_by_role("button", name="Resume").click()
    notebook.wait_until_done(index)
    expect(output.get_by_role("article", name="Batch")).to_contain_text("200 of 200 rows")
    notebook.wait_for_saved(index, "**200 rows** · 200 answered")
    notebook.save()
    [saved] = lab.read_notebook(name).cells[index].outputs
    assert set(saved["data"]) == {BATCH_MIMETYPE, "text/markdown", "text/plain"}
    assert saved["data"]["text/plain"] == "200 rows · 200 answered"
    notebook.reopen_without_kernel()
    expect(notebook.output(index)).to_have_text("200 rows · 200 answered")


def test_a_reload_brings_the_table_back(notebook: NotebookPage, running: tuple[int, Towns]) -> None:
    index, towns = running
    notebook.reload(busy=True)
    output = notebook.output(index)
    expect(output.get_by_role("article", name="Batch")).to_contain_text("20 of 200 rows")
    expect(output.get_by_role("row").nth(4)).to_contain_text("Failed")
    expect(output.get_by_role("row").nth(5)).to_contain_text("town 4")
    towns.released.set()
    output.get_by_role("button", name="Retry 1 failed").click()
    expect(output.get_by_role("article", name="Batch")).to_contain_text("200 of 200 rows")
    notebook.wait_for_saved(index, "**200 rows** · 200 answered")
