"""The filled variables below an answer, live and in the saved notebook."""

from __future__ import annotations

from playwright.sync_api import Locator, expect

from tests.browser.lab import Lab, NotebookPage
from tests.cells import chat_cell
from tests.kernel.driver import REPLY
from tests.loopback import ByteServer, sse_response
from tests.loopback.chunks import END, delta

DEFINE = "import pandas as pd\nwho, df = '<b>Ada</b> {{ who }}', pd.DataFrame({'n': range(500)})"


def shows_the_prompt(output: Locator) -> None:
    summary = output.get_by_text("filled: who, df (20 of 500 rows)")
    expect(summary).to_be_visible()
    sent = output.get_by_label("Prompt that was sent")
    expect(sent).to_have_count(0)
    summary.click()
    expect(sent).to_be_visible()
    expect(sent).to_contain_text("Dear <b>Ada</b> {{ who }}: | n |")
    expect(sent).to_contain_text("(first 20 of 500 rows)")


def test_the_filled_prompt_is_shown_on_demand(lab: Lab, notebook: NotebookPage, name: str) -> None:
    notebook.run(DEFINE)
    with ByteServer(sse_response([delta("Fine."), *END])) as server:
        index = notebook.run(chat_cell(server, prompt="Dear {{ who }}: {{ df }}"))
    shows_the_prompt(notebook.output(index))
    notebook.shoot("variables-live")
    notebook.reopen_without_kernel()
    shows_the_prompt(notebook.output(index))
    notebook.set_theme("JupyterLab Dark")
    notebook.shoot("variables-saved-dark")
    notebook.set_theme("JupyterLab Light")
    reply = lab.read_notebook(name).cells[index].outputs[0].data[REPLY]
    assert reply["prompt"]["filled"] == "who, df (20 of 500 rows)"
    assert reply["prompt"]["text"][:2] == ["Dear <b>Ada</b> {{ who }}: | n |", "| --- |"]
