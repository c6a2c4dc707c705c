"""Code of answers as cells, and the commands of the extension, in a real JupyterLab."""

from __future__ import annotations

from playwright.sync_api import expect

from tests.browser.hearing import hears_in_a_busy_cell
from tests.browser.lab import NotebookPage
from tests.cells import chat_cell
from tests.loopback import ByteServer, Gate, Hold, in_turn, sse_response
from tests.loopback.chunks import END, STOP, delta, says
from tests.loopback.responses import Piece

CODE = "```python\nwritten = 1\n```\n\n```bash\necho 2\n```\n\n```json\n{}\n```\n\n"
USAGE = {"prompt_tokens": 100, "completion_tokens": 200, "total_tokens": 300}
PRICED: list[Piece] = [delta("Hello"), STOP, {"choices": [], "usage": USAGE}, "[DONE]"]


def cells(notebook: NotebookPage, first: int) -> list[tuple[str, str]]:
    """Type and source of the cells from `first` on."""
    found = notebook.page.evaluate(
        """first => window.jupyterapp.shell.currentWidget.content.widgets.slice(first)
            .map(({ model }) => [model.type, model.sharedModel.getSource()])""",
        first,
    )
    return [(kind, source) for kind, source in found]


def execute(notebook: NotebookPage, command: str, index: int) -> None:
    """Carry out a command of the extension at a cell, and wait for its end."""
    notebook.page.evaluate(
        """async ([command, index]) => {
            const { commands, shell } = window.jupyterapp;
            shell.currentWidget.content.activeCellIndex = index;
            await commands.execute(`nbstream:${command}`);
        }""",
        [command, index],
    )


class TestStatusBar:
    @hears_in_a_busy_cell
    def test_shows_what_the_notebook_used_and_stops_what_streams(self, notebook: NotebookPage) -> None:
        bar = notebook.page.locator(".nbs-status")
        figures = bar.locator(".nbs-status-figures")
        expect(bar).not_to_be_visible()
        script = sse_response([delta("partial answer"), Hold()])
        with ByteServer(in_turn(sse_response(PRICED), script, script)) as server:
            notebook.run('%config NBStream.prices = {"m": {"input": 1, "output": 10}}')
            index = notebook.run_to(chat_cell(server), "$0.0021")
            expect(figures).to_have_text("m · 300 tokens · $0.0021")
            notebook.run_to(chat_cell(server, "--alone"), "partial answer")
            stop = bar.get_by_role("button", name="Stop 1 running answer")
            expect(stop).to_have_text("■ 1 streaming")
            stop.click()
            expect(notebook.output(index + 1)).to_contain_text("Stopped")
            expect(stop).not_to_be_visible()
            widget = f"ChatWidget(Chat('m', base_url='{server.base_url}'))"
            chat = notebook.run(f"from nbstream import Chat, ChatWidget\n{widget}")
            box = notebook.output(chat).get_by_role("textbox")
            box.fill("Hi")
            box.press("Enter")
            expect(stop).to_have_text("■ 1 streaming")
            stop.click()
            expect(notebook.output(chat)).to_contain_text("Stopped")
            expect(stop).not_to_be_visible()
        notebook.clear_output(chat)
        notebook.reopen_without_kernel()
        expect(figures).to_have_text("m · 300 tokens · $0.0021")
        notebook.clear_output(index)
        notebook.clear_output(index + 1)
        expect(bar).not_to_be_visible()


class TestInsertBelow:
    def test_makes_cells_that_are_not_run_live_and_saved(self, notebook: NotebookPage) -> None:
        gate = Gate()
        with ByteServer(lambda _: gate.script([delta(CODE), delta("```python\nla")], END)) as server:
            index = notebook.run_to(chat_cell(server), "la")
            inserts = notebook.output(index).locator(".nbs-code-insert:visible")
            expect(inserts).to_have_count(3)  # the code that still arrives has none
            notebook.add("last = 1")
            inserts.nth(0).click()
            inserts.nth(1).click()
            expect(notebook.cells).to_have_count(index + 4)
            gate.open()
            notebook.wait_until_done(index)
        expect(inserts).to_have_count(4)
        inserts.nth(2).click()
        expect(notebook.cells).to_have_count(index + 5)
        assert cells(notebook, index + 1) == [
            ("code", "written = 1"),
            ("code", "%%bash\necho 2"),
            ("raw", "{}"),
            ("code", "last = 1"),
        ]
        shown = notebook.run("'written' in globals()")
        expect(notebook.output(shown)).to_contain_text("False")

    def test_of_a_saved_answer_needs_no_kernel(self, notebook: NotebookPage) -> None:
        with ByteServer(in_turn(says(CODE))) as server:
            index = notebook.run(chat_cell(server))
        notebook.reopen_without_kernel()
        notebook.output(index).get_by_role("button", name="Insert below").first.click()
        expect(notebook.cells).to_have_count(index + 2)
        assert cells(notebook, index + 1) == [("code", "written = 1")]


class TestCommands:
    def test_ask_about_a_cell_and_fix_its_error(self, notebook: NotebookPage) -> None:
        with ByteServer(in_turn(says("because"), says("so"))) as server:
            notebook.run(f"%config NBStream.base_url = '{server.base_url}'\n%config NBStream.model = 'm'")
            index = notebook.run("1 / 0")
            notebook.wait_until_idle()
            execute(notebook, "ask-about-cell", index)
            expect(notebook.cells).to_have_count(index + 2)
            words = "Why does this cell fail, and how can it be fixed?"
            assert cells(notebook, index + 1) == [("code", f"%%chat --with-cell 3\n{words}")]
            assert server.requests == []
            notebook.run_again(index + 1, "because")
            assert "ZeroDivisionError" in server.requests[0].json["messages"][-1]["content"]
            execute(notebook, "fix-error", index)
            expect(notebook.output(index + 1)).to_contain_text("so")
            assert cells(notebook, index + 1)[0] == ("code", "%chat fix")
            assert "1 / 0" in server.requests[1].json["messages"][-1]["content"]

    def test_a_cell_of_an_earlier_kernel_is_quoted(self, notebook: NotebookPage) -> None:
        index = notebook.run("print('{{ x }}')")
        notebook.restart_kernel()
        notebook.run("%load_ext nbstream")
        notebook.run("2")
        execute(notebook, "ask-about-cell", index)
        quoted = "```python\nprint('{{ x }}')\n```\n\nOutput:\n```text\n{{ x }}\n```"
        asked = f"%%chat --raw\n{quoted}\n\nExplain this cell and its output."
        assert cells(notebook, index + 1)[0] == ("code", asked)

    @hears_in_a_busy_cell
    def test_stop_all_stops_every_answer_of_the_kernel(self, notebook: NotebookPage) -> None:
        with ByteServer(sse_response([delta("partial answer"), Hold()])) as server:
            made = f"chat = nbstream.Chat('m', base_url='{server.base_url}')"
            notebook.run(f"import nbstream\n{made}\nother = chat.send('Hi')\nother.show()")
            index = notebook.run_to(chat_cell(server), "partial answer")
            execute(notebook, "stop-all", 0)
            notebook.wait_until_done(index)
            expect(notebook.output(index)).to_contain_text("Stopped")
        shown = notebook.run("other.status")
        expect(notebook.output(shown)).to_contain_text("stopped")

    def test_have_shortcuts_and_entries_in_the_palette(self, notebook: NotebookPage) -> None:
        with ByteServer(in_turn(says(CODE), says("no code"))) as server:
            first = notebook.run(chat_cell(server))
            index = notebook.run(chat_cell(server))
        notebook.cells.nth(index).locator(".jp-InputPrompt").click()
        notebook.page.keyboard.press("Alt+Shift+I")
        expect(notebook.cells).to_have_count(index + 3)
        assert cells(notebook, first + 1)[:2] == [("code", "written = 1"), ("code", "%%bash\necho 2")]
        notebook.page.keyboard.press("Alt+Shift+C")
        expect(notebook.cells).to_have_count(index + 4)
        expect(notebook.cells.nth(first + 3).locator(".cm-editor.cm-focused")).to_be_visible()
        notebook.page.keyboard.type("Hello")
        expect(notebook.cells.nth(first + 3)).to_contain_text("Hello")
        assert cells(notebook, first + 3)[0] == ("code", "%%chat\nHello")
        notebook.page.evaluate("window.jupyterapp.commands.execute('apputils:activate-command-palette')")
        entries = notebook.page.locator(".lm-CommandPalette-item[data-command^='nbstream:']")
        expect(entries).to_have_count(8)
        expect(entries.first).to_be_visible()
        notebook.page.keyboard.press("Escape")
        expect(entries.first).not_to_be_visible()


def end_undo_step(notebook: NotebookPage) -> None:
    """Otherwise the next change is undone together with the last one, if it follows within half a second."""
    notebook.page.evaluate(
        "window.jupyterapp.shell.currentWidget.content.model.sharedModel.undoManager.stopCapturing()"
    )


def undo_in_notebook(notebook: NotebookPage) -> None:
    notebook.page.evaluate("window.jupyterapp.commands.execute('notebook:undo-cell-action')")


class TestTurnIntoChatCell:
    @staticmethod
    def turn(notebook: NotebookPage, index: int) -> None:
        execute(notebook, "turn-cell", index)

    def test_code_becomes_a_prompt_and_code_again_with_its_output(self, notebook: NotebookPage) -> None:
        index = notebook.run("print('kept')")
        self.turn(notebook, index)
        assert cells(notebook, index)[0] == ("code", "%%chat\nprint('kept')")
        expect(notebook.output(index)).to_contain_text("kept")
        notebook.cells.nth(index).locator(".cm-content").click()
        notebook.page.keyboard.press("Control+z")
        assert cells(notebook, index)[0] == ("code", "print('kept')")
        notebook.page.keyboard.press("Control+Shift+z")
        assert cells(notebook, index)[0] == ("code", "%%chat\nprint('kept')")
        notebook.page.keyboard.press("Control+Home")
        notebook.page.keyboard.press("End")
        notebook.page.keyboard.type(" -m demo")
        self.turn(notebook, index)
        assert cells(notebook, index)[0] == ("code", "# nbstream: %%chat -m demo\nprint('kept')")
        self.turn(notebook, index)
        assert cells(notebook, index)[0] == ("code", "%%chat -m demo\nprint('kept')")
        expect(notebook.output(index)).to_contain_text("kept")

    def test_markdown_becomes_a_prompt_and_markdown_again(self, notebook: NotebookPage) -> None:
        index = notebook.add("%%chat -m demo\n*Hello*")
        end_undo_step(notebook)
        toolbar = notebook.page.locator(".jp-NotebookPanel-toolbar:visible")
        notebook.cells.nth(index).locator(".jp-InputPrompt").click()
        toolbar.get_by_role("button", name="%%chat").click()
        plain = ("markdown", "<!-- nbstream: %%chat -m demo -->\n*Hello*")
        assert cells(notebook, index)[0] == plain
        undo_in_notebook(notebook)
        assert cells(notebook, index)[0] == ("code", "%%chat -m demo\n*Hello*")
        self.turn(notebook, index)
        assert cells(notebook, index)[0] == plain
        self.turn(notebook, index)
        assert cells(notebook, index)[0] == ("code", "%%chat -m demo\n*Hello*")

    def test_an_answer_is_not_thrown_away(self, notebook: NotebookPage) -> None:
        with ByteServer(in_turn(says("paid for"))) as server:
            index = notebook.run(chat_cell(server))
        before = cells(notebook, index)
        self.turn(notebook, index)
        expect(notebook.page.get_by_text("Clear the output first")).to_be_visible()
        assert cells(notebook, index) == before
        expect(notebook.output(index)).to_contain_text("paid for")
