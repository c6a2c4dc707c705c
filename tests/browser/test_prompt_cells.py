"""Prompt cells as prose in a real JupyterLab: their marks, and when the kernel is asked for names."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Locator, expect

from tests.browser.lab import Lab, NotebookPage

# Counts what the page asks of the kernel: each request opens a comm.
COUNT_REQUESTS = """() => {
    const { kernel } = window.jupyterapp.shell.currentWidget.sessionContext.session;
    const createComm = kernel.createComm.bind(kernel);
    window.lookups = [];
    kernel.createComm = (...args) => {
        const comm = createComm(...args);
        const open = comm.open.bind(comm);
        comm.open = data => {
            if (data.name === "lookup") {
                const sources = data.expressions.map(found => found[1].trim());
                window.lookups.push([kernel.status, ...sources]);
            }
            return open(data);
        };
        return comm;
    };
}"""

SET_SOURCE = """([index, source]) => {
    window.jupyterapp.shell.currentWidget.content.widgets[index].model.sharedModel.setSource(source);
}"""

# Types into a cell as fast as a program can.
TYPE = """([index, text]) => {
    const view = window.jupyterapp.shell.currentWidget.content.widgets[index].editor.editor;
    for (const letter of text) view.dispatch({ changes: { from: view.state.doc.length, insert: letter } });
}"""


@pytest.fixture
def lookups(notebook: NotebookPage) -> Any:
    """What the kernel was asked for so far, request by request."""
    notebook.page.evaluate(COUNT_REQUESTS)
    return lambda: notebook.page.evaluate("window.lookups")


def marked(notebook: NotebookPage, index: int, kind: str) -> Locator:
    return notebook.cells.nth(index).locator(f".cm-content .nbs-prompt-{kind}")


def press_tab(notebook: NotebookPage, index: int) -> None:
    """At the end of a cell."""
    notebook.cells.nth(index).locator(".cm-content").click()
    notebook.page.keyboard.press("Control+End")
    notebook.page.keyboard.press("Tab")


def wait_for_source(notebook: NotebookPage, index: int, source: str) -> None:
    cell = "window.jupyterapp.shell.currentWidget.content.widgets[index]"
    notebook.page.wait_for_function(
        f"([index, source]) => {cell}.model.sharedModel.getSource() === source", arg=[index, source]
    )


def is_dirty(notebook: NotebookPage) -> bool:
    return bool(notebook.page.evaluate("window.jupyterapp.shell.currentWidget.content.model.dirty"))


class TestFirstLine:
    def test_marks_options_and_their_values(self, notebook: NotebookPage) -> None:
        index = notebook.add('%%chat -m demo -t 0.5 --system "Be *terse*" # why\nHello -t 1')
        expect(marked(notebook, index, "magic")).to_have_text("%%chat")
        expect(marked(notebook, index, "option")).to_have_text(["-m", "-t", "--system"])
        expect(marked(notebook, index, "number")).to_have_text("0.5")
        assert "".join(marked(notebook, index, "value").all_inner_texts()) == 'demo"Be *terse*"'
        expect(marked(notebook, index, "comment")).to_have_text("# why")

    def test_other_cells_are_left_alone(self, notebook: NotebookPage) -> None:
        code = notebook.add("x = '{{ y }}'  # -m demo")
        index = notebook.add("%%chat -m demo\nHello")
        content = notebook.cells.nth(index).locator(".cm-content")
        expect(marked(notebook, index, "option")).to_have_count(1)
        expect(content).to_have_attribute("spellcheck", "true")
        expect(content.locator(".cm-line").first).to_have_attribute("spellcheck", "false")
        other = notebook.cells.nth(code).locator(".cm-content")
        expect(other).to_have_attribute("spellcheck", "false")
        expect(notebook.cells.nth(code).locator("[class*=nbs-prompt]")).to_have_count(0)
        notebook.page.evaluate(SET_SOURCE, [index, "x = 1"])
        expect(content).to_have_attribute("spellcheck", "false")
        expect(marked(notebook, index, "option")).to_have_count(0)

    def test_long_lines_wrap(self, notebook: NotebookPage) -> None:
        index = notebook.add("%%chat\n" + "word " * 200)
        content = notebook.cells.nth(index).locator(".cm-content")
        expect(content).to_have_class("cm-content cm-lineWrapping")
        assert content.evaluate("node => node.parentElement.scrollWidth <= node.parentElement.clientWidth")


class TestVariables:
    def test_are_underlined_where_the_kernel_does_not_have_them(self, notebook: NotebookPage) -> None:
        notebook.run(
            "class Loud:\n"
            "    def __getattr__(self, name): print('read', name); raise AttributeError(name)\n"
            "loud = Loud()"
        )
        index = notebook.add(
            "%%chat\n{{ nmae }} {{ loud.head() | upper }} {{ len(gone.x) }} {{ x | default('') }} {{ 1 }}"
        )
        expect(marked(notebook, index, "variable")).to_have_count(5)
        undefined = marked(notebook, index, "undefined")
        expect(undefined).to_have_text(["{{ nmae }}", "{{ len(gone.x) }}", "{{ 1 }}"])
        expect(undefined.nth(0)).to_have_attribute("title", "nmae is not defined in the kernel.")
        shown = notebook.run("name = nmae = 1")
        expect(undefined).to_have_text(["{{ len(gone.x) }}", "{{ 1 }}"])
        expect(notebook.output(shown)).not_to_contain_text("read")
        notebook.run("del nmae")
        expect(undefined.nth(0)).to_have_attribute(
            "title", "nmae is not defined in the kernel. Did you mean name?"
        )
        notebook.set_theme("JupyterLab Dark")
        notebook.shoot("prompt-cells-dark")
        notebook.set_theme("JupyterLab Light")
        notebook.shoot("prompt-cells-light")
        notebook.restart_kernel()
        expect(undefined).to_have_count(0)  # no nbstream in the kernel that could know
        expect(marked(notebook, index, "variable")).to_have_count(5)
        notebook.run("%load_ext nbstream")
        expect(undefined).to_have_count(4)

    def test_of_rows_are_columns_of_the_table(self, notebook: NotebookPage) -> None:
        notebook.run("tone, table = 'kind', [{'city': 'Oslo'}]")
        index = notebook.add("%%chat --over table\n{{ city }} {{ row }} {{ tone }} {{ town }}")
        undefined = marked(notebook, index, "undefined")
        expect(undefined).to_have_text("{{ town }}")
        raw = notebook.add("%%chat --raw\n{{ town }}")
        expect(marked(notebook, raw, "option")).to_have_count(1)
        expect(marked(notebook, raw, "variable")).to_have_count(0)


class TestRequests:
    def test_wait_for_a_pause_in_typing(self, notebook: NotebookPage, lookups: Any) -> None:
        notebook.run("name = 1")
        index = notebook.add("x")
        notebook.run("2")
        assert lookups() == []
        notebook.page.evaluate(SET_SOURCE, [index, "%%chat\n"])
        expect(marked(notebook, index, "magic")).to_have_count(1)
        notebook.page.evaluate(TYPE, [index, "Dear {{ name }}, and {{ a }} or {{ b }}"])
        expect(marked(notebook, index, "undefined")).to_have_count(2)
        assert lookups() == [["idle", "name", "a", "b"]]
        notebook.page.evaluate(TYPE, [index, " words {{ a }}"])
        expect(marked(notebook, index, "undefined")).to_have_count(3)
        notebook.page.evaluate(TYPE, [index, " {{ c }}"])
        expect(marked(notebook, index, "undefined")).to_have_count(4)
        assert lookups() == [["idle", "name", "a", "b"], ["idle", "c"]]

    def test_wait_until_the_kernel_is_idle(
        self, notebook: NotebookPage, lookups: Any, tmp_path: Path
    ) -> None:
        file = tmp_path / "go-on"
        code = f"while not os.path.exists({str(file)!r}): time.sleep(0.05)\nlate = 1"
        notebook.start(notebook.add(f"import os, time\n{code}"))
        notebook.page.wait_for_function(
            "window.jupyterapp.shell.currentWidget.sessionContext.session.kernel.status === 'busy'"
        )
        index = notebook.add("%%chat\n{{ late }} {{ never }}")
        expect(marked(notebook, index, "variable")).to_have_count(2)
        # Longer than the pause after which an idle kernel is asked.
        notebook.page.evaluate("() => new Promise(done => setTimeout(done, 1000))")
        file.touch()
        expect(marked(notebook, index, "undefined")).to_have_text("{{ never }}")
        assert lookups() == [["idle", "late", "never"]]

    def test_change_nothing_in_the_file(self, lab: Lab, notebook: NotebookPage, name: str) -> None:
        index = notebook.add("%%chat -m demo\n{{ gone }} and more")
        expect(marked(notebook, index, "undefined")).to_have_count(1)
        notebook.save()
        before = (lab.root / name).read_bytes()
        notebook.reload()
        expect(marked(notebook, index, "undefined")).to_have_count(1)
        assert not is_dirty(notebook)
        notebook.save()
        assert (lab.root / name).read_bytes() == before


COMPLETED = [
    ("%%chat --temp", "%%chat --temperature"),
    ("%%chat -m demo:nbstream-demo-r", "%%chat -m demo:nbstream-demo-reasoning"),
    ("%%chat -c mai", "%%chat -c main"),
    ("%%chat --over tab", "%%chat --over table"),
    ("%%chat\nDear {{ read", "%%chat\nDear {{ reader"),
    ("%%chat\nDear {{ frame.my_", "%%chat\nDear {{ frame.my_column"),
    ("%%chat -t 1 --over table\nIn {{ ci", "%%chat -t 1 --over table\nIn {{ city"),
]


class TestCompletion:
    def test_tab_completes(self, notebook: NotebookPage) -> None:
        table = "table, frame = [{'city': 'Oslo'}], pd.DataFrame({'my_column': [1]})"
        notebook.run(f"import pandas as pd\nreader = 'Ada'\n{table}")
        for source, completed in COMPLETED:
            index = notebook.add(source)
            press_tab(notebook, index)
            item = notebook.page.locator(".jp-Completer-item.jp-mod-active")
            expect(item).to_be_visible()
            notebook.page.keyboard.press("Enter")
            wait_for_source(notebook, index, completed)
            expect(item).not_to_be_visible()

    def test_tab_lists_variables(self, notebook: NotebookPage) -> None:
        notebook.run("table = [{'city': 'Oslo', 'size': 1}]")
        index = notebook.add("%%chat --over table\nIn {{ ")
        press_tab(notebook, index)
        items = notebook.page.locator(".jp-Completer .jp-Completer-match")
        expect(items.nth(2)).to_be_visible()
        assert items.all_inner_texts()[:3] == ["city", "size", "row"]
        notebook.shoot("prompt-cells-completion")
        notebook.page.keyboard.press("Escape")
        expect(items.first).not_to_be_visible()


class TestBar:
    def test_chooses_model_and_chat(self, notebook: NotebookPage, lookups: Any) -> None:
        index = notebook.add("%%chat -t 1\n" + "word " * 400)
        bar = notebook.cells.nth(index).locator(".nbs-prompt-bar")
        expect(bar.locator(".nbs-prompt-tokens")).to_have_text("≈ 500 tokens")
        notebook.page.evaluate(SET_SOURCE, [index, "%%chat -t 1\nHello"])
        expect(bar.locator(".nbs-prompt-tokens")).to_have_text("≈ 2 tokens")
        assert lookups() == []
        bar.get_by_role("button", name="Default model").click()
        models = notebook.page.get_by_role("dialog", name="Choose the model of this prompt")
        models.get_by_role("button", name="demo", exact=True).click()
        wait_for_source(notebook, index, "%%chat -m demo -t 1\nHello")
        bar.get_by_role("button", name="Default chat").click()
        chats = notebook.page.get_by_role("dialog", name="Choose the chat of this prompt")
        expect(chats.get_by_role("button", name="main")).to_be_visible()
        notebook.shoot("prompt-bar-light")
        chats.get_by_role("textbox").fill("a new one")
        notebook.page.keyboard.press("Enter")
        wait_for_source(notebook, index, '%%chat -c "a new one" -m demo -t 1\nHello')
        expect(bar.get_by_role("button", name="Chat: a new one")).to_be_visible()
        notebook.set_theme("JupyterLab Dark")
        bar.get_by_role("button", name="Model: demo").click()
        expect(models.get_by_role("button", name="demo", exact=True)).to_be_visible()
        notebook.shoot("prompt-bar-dark")
        models.get_by_role("button", name="Default model").click()
        wait_for_source(notebook, index, '%%chat -c "a new one" -t 1\nHello')
        notebook.set_theme("JupyterLab Light")

    def test_is_used_by_keyboard(self, notebook: NotebookPage) -> None:
        index = notebook.add("%%chat\nHello")
        notebook.cells.nth(index).locator(".cm-content").click()
        notebook.page.keyboard.press("Alt+Shift+M")
        dialog = notebook.page.get_by_role("dialog", name="Choose the model of this prompt")
        expect(dialog.get_by_role("textbox")).to_be_focused()
        notebook.page.keyboard.type("my-own")
        expect(dialog.get_by_role("button", name="Use “my-own”")).to_be_visible()
        notebook.page.keyboard.press("Enter")
        wait_for_source(notebook, index, "%%chat -m my-own\nHello")
        text = notebook.cells.nth(index).locator(".cm-content")
        expect(text).to_be_focused()
        notebook.cells.nth(index).get_by_role("button", name="Model: my-own").focus()
        notebook.page.keyboard.press("Tab")
        expect(notebook.cells.nth(index).get_by_role("button", name="Default chat")).to_be_focused()
        notebook.page.keyboard.press("Enter")
        dialog = notebook.page.get_by_role("dialog", name="Choose the chat of this prompt")
        expect(dialog.get_by_role("button", name="main")).to_be_visible()
        notebook.page.keyboard.press("Escape")
        expect(notebook.cells.nth(index).get_by_role("button", name="Default chat")).to_be_focused()
        notebook.page.keyboard.press("Escape")
        expect(text).to_be_focused()
        expect(notebook.cells).to_have_count(index + 1)

    def test_changes_no_read_only_cell(self, notebook: NotebookPage) -> None:
        index = notebook.add("%%chat\nHello")
        model = notebook.cells.nth(index).get_by_role("button", name="Default model")
        expect(model).to_be_enabled()
        cell = "window.jupyterapp.shell.currentWidget.content.widgets[index]"
        notebook.page.evaluate(f"index => {cell}.model.setMetadata('editable', false)", index)
        expect(model).to_be_disabled()

    def test_says_so_where_the_kernel_has_no_names(self, notebook: NotebookPage) -> None:
        index = notebook.add("%%chat --alone\nHello")
        notebook.restart_kernel()
        bar = notebook.cells.nth(index).locator(".nbs-prompt-bar")
        expect(bar.get_by_role("button")).to_have_count(1)
        bar.get_by_role("button", name="Default model").click()
        dialog = notebook.page.get_by_role("dialog", name="Choose the model of this prompt")
        expect(dialog).to_contain_text("nbstream is not loaded")
