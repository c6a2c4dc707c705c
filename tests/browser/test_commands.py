"""Code of answers as cells, and the commands of the extension, in a real JupyterLab."""

from __future__ import annotations

from playwright.sync_api import expect

from tests.browser.lab import NotebookPage
from tests.cells import chat_cell
from tests.loopback import ByteServer, Gate, in_turn
from tests.loopback.chunks import END, delta, says

CODE = "```python\nwritten = 1\n```\n\n```bash\necho 2\n```\n\n```json\n{}\n```\n\n"


def cells(notebook: NotebookPage, first: int) -> list[tuple[str, str]]:
    """Type and source of the cells from `first` on."""
    found = notebook.page.evaluate(
        """first => window.jupyterapp.shell.currentWidget.content.widgets.slice(first)
            .map(({ model }) => [model.type, model.sharedModel.getSource()])""",
        first,
    )
    return [(kind, source) for kind, source in found]


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
