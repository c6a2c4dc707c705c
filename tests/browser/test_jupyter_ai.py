"""nbstream in a JupyterLab that has jupyter-ai, which adds commands, a panel and footers of cells."""

from __future__ import annotations

from importlib.util import find_spec

import pytest
from playwright.sync_api import expect

from tests.browser.lab import NotebookPage
from tests.browser.test_commands import cells, execute
from tests.cells import chat_cell
from tests.loopback import ByteServer, Hold, in_turn, sse_response
from tests.loopback.chunks import delta, says

pytestmark = pytest.mark.skipif(
    find_spec("jupyter_ai") is None, reason="make browser-jupyter-ai installs jupyter-ai"
)


def test_answers_stream_stop_and_stay(notebook: NotebookPage) -> None:
    script = sse_response([delta("partial **answer**"), Hold()])
    with ByteServer(in_turn(says("some **text**"), script)) as server:
        first = notebook.run(chat_cell(server))
        expect(notebook.output(first).locator("strong")).to_have_text("text")
        index = notebook.run_to(chat_cell(server), "partial")
        notebook.output(index).get_by_role("button", name="Stop").click()
        notebook.wait_until_done(index)
    notebook.reopen_without_kernel()
    expect(notebook.output(first).locator("strong")).to_have_text("text")
    expect(notebook.output(index)).to_contain_text("Stopped")


def test_commands_and_panel_are_beside_those_of_jupyter_ai(notebook: NotebookPage) -> None:
    commands = notebook.page.evaluate("window.jupyterapp.commands.listCommands()")
    assert any(command.startswith("jupyterlab-chat") for command in commands)
    execute(notebook, "new-chat-cell", 0)
    assert cells(notebook, 1)[0] == ("code", "%%chat\n")
    execute(notebook, "show-chats", 0)
    expect(notebook.page.get_by_role("region", name="Chats of the notebook")).to_be_visible()
